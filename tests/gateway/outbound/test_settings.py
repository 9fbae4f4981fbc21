"""Settings of the calls of our own."""

from __future__ import annotations

import pytest

from gateway.outbound.settings import OutboundSettings
from infra.config import load
from infra.errors import ConfigError


def test_nobody_is_called_unless_somebody_says_so() -> None:
    assert load(OutboundSettings, {}).dialer == "none"
    assert load(OutboundSettings, {"AICC_OUTBOUND_DIALER": "twilio"}).dialer == "twilio"


@pytest.mark.parametrize(
    ("name", "value"), [("DIALER", "carrier-pigeon"), ("RESERVE", "1.0"), ("INTERVAL", "0"), ("AT_ONCE", "0")]
)
def test_what_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"AICC_OUTBOUND_{name}"):
        load(OutboundSettings, {f"AICC_OUTBOUND_{name}": value})
