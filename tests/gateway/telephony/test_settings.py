from __future__ import annotations

import pytest

from gateway.telephony.settings import TelephonySettings
from infra.config import load
from infra.errors import ConfigError


def test_nothing_needs_to_be_set() -> None:
    settings = load(TelephonySettings, {})
    assert settings.twilio_auth_token is None
    assert settings.public_url is None


def test_the_token_is_read_and_not_shown() -> None:
    settings = load(TelephonySettings, {"AICC_TELEPHONY_TWILIO_AUTH_TOKEN": "open sesame"})
    assert settings.twilio_auth_token is not None
    assert settings.twilio_auth_token.get_secret_value() == "open sesame"
    assert "sesame" not in repr(settings)


def test_an_empty_token_is_none_rather_than_one_that_anybody_can_sign_with() -> None:
    assert load(TelephonySettings, {"AICC_TELEPHONY_TWILIO_AUTH_TOKEN": ""}).twilio_auth_token is None


def test_the_public_address_may_have_a_path_and_loses_its_last_slash() -> None:
    settings = load(TelephonySettings, {"AICC_TELEPHONY_PUBLIC_URL": "https://voice.example.com/aicc/"})
    assert settings.public_url == "https://voice.example.com/aicc"


@pytest.mark.parametrize("value", ["voice.example.com", "wss://voice.example.com", "https://", "https://a.b/?x=1"])
def test_an_address_that_signatures_cannot_be_made_over_is_refused_by_name(value: str) -> None:
    with pytest.raises(ConfigError, match="AICC_TELEPHONY_PUBLIC_URL"):
        load(TelephonySettings, {"AICC_TELEPHONY_PUBLIC_URL": value})


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in TelephonySettings.model_fields.values())
