"""The section ``asterisk``: off by default, and nothing that can be guessed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.telephony.asterisk.settings import AsteriskSettings


def test_all_doors_are_closed_by_default() -> None:
    settings = AsteriskSettings()
    assert (settings.token, settings.audiosocket_address) == (None, None)
    assert AsteriskSettings(token="").token is None


def test_an_address_is_a_host_and_a_port() -> None:
    assert AsteriskSettings(audiosocket="127.0.0.1:9092").audiosocket_address == ("127.0.0.1", 9092)
    assert AsteriskSettings(audiosocket="[::1]:0").audiosocket_address == ("::1", 0)
    with pytest.raises(ValidationError):
        AsteriskSettings(audiosocket="9092")


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError, match="can be guessed"):
        AsteriskSettings(token="secret")
