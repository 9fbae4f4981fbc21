"""What of a turn is a secret."""

from __future__ import annotations

import pytest

from dialog.discretion import secrets
from dialog.reply import Entry

ORDER = Entry(8, secret=True, open_length=8)
"""An order number, which is none, where secrets may be said along with it."""
POSTCODE = Entry(5, secret=True)


@pytest.mark.parametrize(
    ("text", "keys", "code"),
    [
        ("20261187", "", "en"),
        ("2026-1187.", "", "en"),
        ("two zero two six one one eight seven", "", "en"),
        ("이공이육 일일팔칠", "", "ko"),
        ("", "20261187#", "en"),
        ("", "20*20261187", "ko"),
    ],
)
def test_the_value_that_was_asked_for_is_none_where_it_is_open(text: str, keys: str, code: str) -> None:
    assert secrets(ORDER, text, keys, code) == ()


def test_what_is_said_along_with_it_is_one() -> None:
    along = "it is 20261187 and my postcode is 04524"
    found = secrets(ORDER, along, "", "en")
    assert along in found
    assert "04524" in found
    assert "20261187" not in found


@pytest.mark.parametrize(("keys", "number"), [("04524", "04524"), ("9*04524", "04524")])
def test_another_number_is_one(keys: str, number: str) -> None:
    assert number in secrets(ORDER, "", keys, "en")


def test_all_of_an_answer_to_a_secret_is_one_in_digits_and_in_words() -> None:
    assert secrets(POSTCODE, "공사오이사", "", "ko") == ("공사오이사", "04524")
    assert secrets(POSTCODE, "", "04524", "ko") == ("04524",)


def test_where_nothing_secret_is_asked_for_there_is_none() -> None:
    for entry in (None, Entry(8)):
        assert secrets(entry, "my postcode is 04524", "1", "en") == ()
