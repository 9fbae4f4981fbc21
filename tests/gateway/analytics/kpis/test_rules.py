from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.analytics.errors import RulesInvalid
from gateway.analytics.kpis.rules import Rules, rules_of
from gateway.session.tenant import Tenant, load_tenant

HANBIT = Path(__file__).parents[4] / "examples" / "hanbit-store"


def tenant(**more: Any) -> Tenant:
    return Tenant(id="shop", name={"en": "Shop"}, languages=("en",), folder=Path(), **more)


def test_a_tenant_that_says_nothing_is_counted_as_usual() -> None:
    rules = rules_of(tenant())
    assert (rules.repeat_days, rules.silence_seconds, rules.satisfied_from, rules.prices) == (7, 5, 4, None)
    assert (rules.time_zone, rules.answer_within) == ("UTC", {})


def test_goals_are_the_queues_and_days_the_tenants() -> None:
    queues = [{"id": "orders", "answer_within_seconds": 30}, {"id": "general"}]
    rules = rules_of(tenant(time_zone="Asia/Seoul", hand_over={"queues": queues}, reports={"repeat_days": 3}))
    assert rules.answer_within == {"orders": 30}
    assert (rules.time_zone, rules.repeat_days) == ("Asia/Seoul", 3)


def test_the_example_has_a_price_list() -> None:
    rules = rules_of(load_tenant(HANBIT))
    assert rules.prices is not None
    assert rules.prices.currency == "KRW"
    assert rules.answer_within["billing"] == 30


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({"repeat_days": 0}, "reports.repeat_days"),
        ({"repeat": 3}, "reports.repeat"),
        ({"time_zone": "UTC"}, "reports.time_zone"),
        ({"prices": {"per_contact": 1}}, "reports.prices.currency"),
        ({"prices": {"currency": "won"}}, "reports.prices.currency"),
        ({"prices": {"currency": "KRW", "per_bot_minute": -1}}, "reports.prices.per_bot_minute"),
    ],
)
def test_what_is_written_wrongly_is_named(written: dict[str, Any], key: str) -> None:
    with pytest.raises(RulesInvalid, match=key.replace(".", r"\.")):
        rules_of(tenant(reports=written))


def test_what_is_kept_leaves_out_what_nobody_said() -> None:
    assert "prices" not in Rules().model_dump(mode="json", exclude_none=True)
