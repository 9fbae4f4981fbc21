from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from gateway.telephony.streams.settings import CarrierSettings

KEY = base64.b64encode(bytes(range(32))).decode()


def test_no_carrier_beside_the_first_is_let_in_by_default() -> None:
    settings = CarrierSettings()
    assert settings.signalwire_signing_key is None
    assert settings.telnyx_public_key == ""
    assert settings.plivo_auth_token is None
    assert settings.exotel_password is None


def test_an_empty_key_is_none() -> None:
    assert CarrierSettings(plivo_auth_token="").plivo_auth_token is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"telnyx_public_key": "AAAA", "telnyx_api_key": "KEY"}, "32 bytes in base64"),
        ({"telnyx_public_key": KEY}, "telnyx_public_key without telnyx_api_key"),
        ({"exotel_password": "sesame"}, "exotel_password without exotel_user"),
        ({"exotel_user": "a:b", "exotel_password": "sesame"}, "pattern"),
        ({"signalwire_space_url": "example.signalwire.com"}, "pattern"),
    ],
)
def test_what_cannot_work_is_said_at_once(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CarrierSettings(**given)  # type: ignore[arg-type]
