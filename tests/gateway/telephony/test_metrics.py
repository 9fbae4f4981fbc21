from __future__ import annotations

from prometheus_client import REGISTRY

from gateway.telephony import metrics


def test_what_is_counted_can_be_scraped_under_the_rooms_name() -> None:
    metrics.VIOLATIONS.labels("twilio", "not_json").inc(0)
    names = {family.name for family in REGISTRY.collect() if family.name.startswith("aicc_telephony_")}
    assert {"aicc_telephony_violations", "aicc_telephony_legs_open", "aicc_telephony_legs_ended"} <= names
