"""The section ``raw``: off by default, whole or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.telephony.raw.settings import RawSettings

SECRET = "x" * 32


def test_all_doors_are_closed_by_default() -> None:
    settings = RawSettings()
    assert (settings.vonage_signature_secret, settings.jambonz_webhook_secret, settings.freeswitch_token) == (None,) * 3
    assert RawSettings(vonage_private_key="").vonage_private_key is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"freeswitch_token": "short"}, "can be guessed"),
        ({"vonage_signature_secret": SECRET, "vonage_application": "a"}, "go together"),
        ({"vonage_signature_secret": SECRET, "vonage_private_key": "/k"}, "go together"),
        ({"vonage_application": "a", "vonage_private_key": "/k"}, "would not be open"),
        ({"rate": 11025}, "8000"),
    ],
)
def test_what_is_not_whole_is_refused_with_what_is_wrong(values: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        RawSettings(**values)


def test_a_whole_vonage_may_move_calls() -> None:
    whole = RawSettings(vonage_signature_secret=SECRET, vonage_application="a", vonage_private_key="/key.pem")  # type: ignore[arg-type]
    assert whole.vonage_private_key == Path("/key.pem")
