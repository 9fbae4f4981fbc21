"""Who gets a desk, and which carrier is chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.outbound.opening import choose_dialer, kept_calls, tenant_desk
from gateway.outbound.settings import OutboundSettings
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.twilio_calls import TwilioDialer
from infra.errors import ConfigError
from tests.gateway.outbound.parlour import tenant

ACCOUNT: dict[str, Any] = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "token",
    "public_url": "https://voice.example.com",
}
TWILIO = OutboundSettings(dialer="twilio")


async def test_the_carrier_is_the_one_that_the_settings_name() -> None:
    assert choose_dialer(OutboundSettings(), TelephonySettings(**ACCOUNT)) is None
    dialer = choose_dialer(TWILIO, TelephonySettings(**ACCOUNT))
    assert isinstance(dialer, TwilioDialer)
    await dialer.close()


@pytest.mark.parametrize("missing", list(ACCOUNT))
def test_what_it_needs_and_lacks_is_said_before_anything_is_due(missing: str) -> None:
    given = {name: value for name, value in ACCOUNT.items() if name != missing}
    with pytest.raises(ConfigError, match="AICC_TELEPHONY_TWILIO_ACCOUNT_SID"):
        choose_dialer(TWILIO, TelephonySettings(**given))


def test_a_tenant_that_makes_no_calls_has_no_desk() -> None:
    silent = tenant("shop").model_copy(update={"outbound": None})
    assert tenant_desk(silent, None, None) is None  # type: ignore[arg-type]


def test_of_a_tenant_that_makes_no_calls_any_more_what_there_is_is_kept_no_longer() -> None:
    calling = tenant("shop")
    assert calling.outbound is not None
    short = calling.model_copy(update={"outbound": calling.outbound.model_copy(update={"record_days": 7})})
    silent = calling.model_copy(update={"outbound": None})
    calls: Any = object()
    kept = [kept_calls(one, calls) for one in (short, silent)]
    assert [one.keep for one in kept] == [timedelta(days=7), timedelta(days=90)]
    assert [one.calls for one in kept] == [calls, calls]
