"""A telephone number has one international form, however it is written, or it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.phone_numbers import ANYWHERE, NumberingPlan, as_dialled_at_home, e164

KOREA = NumberingPlan("82")
AMERICA = NumberingPlan("1", "")


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("01012345678", "+821012345678"),
        ("010-1234-5678", "+821012345678"),
        ("+82 10 1234 5678", "+821012345678"),
        (" +82\u00a010 1234 5678 ", "+821012345678"),
        ("02 123 4567", "+8221234567"),
        ("+1 (555) 010-0199", "+15550100199"),
        ("00821012345678", "+821012345678"),
        ("00 1 555 010 0199", "+15550100199"),
        ("00", None),
        ("+82 (0)10-1234-5678", "+821012345678"),
        ("+82 010 1234 5678", "+821012345678"),
        ("+82 0010 1234 5678", None),
        ("0082 (0)2 123 4567", "+8221234567"),
        ("+44 20 7946 0000", "+442079460000"),
        ("+44 (0)20 7946 0000", None),  # whether the 0 is dialled is another country's rule
        ("12345678", None),  # of which place?
        ("0", None),
        ("+0123456789", None),
        ("+12345678901234567", None),
        ("", None),
    ],
)
def test_a_number_gets_its_countrys_code_or_is_none(written: str, whole: str | None) -> None:
    assert e164(written, KOREA) == whole


@pytest.mark.parametrize(
    ("uri", "whole"),
    [
        ("tel:+82-10-1234-5678", "+821012345678"),
        ("TEL:+82-10-1234-5678;ext=12;phone-context=example.org", "+821012345678"),
        ("tel:010-1234-5678;phone-context=+82", "+821012345678"),
        ("tel:01012345678", "+821012345678"),
        ("tel:010-1234-5678;phone-context=+44", None),
        ("tel:7042;phone-context=pbx.example.org", None),
        ("tel:+8210", None),
        ("tel:", None),
        ("tell:+821012345678", None),
    ],
)
def test_a_tel_uri_is_read_as_its_number(uri: str, whole: str | None) -> None:
    assert e164(uri, KOREA) == whole


@pytest.mark.parametrize(
    "written",
    ["٠١٠١٢٣٤٥٦٧٨", "010１2345678", "+٨٢1012345678", "+82 10 1234 567\u00b2", "+82 10 1234 5678x", "a01012345678"],
)
def test_what_is_written_in_anything_but_our_digits_is_none(written: str) -> None:
    assert e164(written, KOREA) is None


def test_where_no_prefix_is_dialled_none_is_taken_off() -> None:
    assert e164("5550100199", AMERICA) == "+15550100199"


def test_a_prefix_that_may_begin_a_place_is_taken_off_only_where_it_cannot() -> None:
    assert e164("+7 812 123-45-67", NumberingPlan("7", "8")) == "+78121234567"
    assert e164("8 812 123-45-67", NumberingPlan("7", "8")) == "+78121234567"
    assert e164("+39 06 1234 567", NumberingPlan("39", "")) == "+39061234567"
    assert e164("+36 06 1 234 5678", NumberingPlan("36", "06")) == "+3612345678"


def test_without_a_country_only_whole_numbers_are_numbers() -> None:
    assert e164("01012345678") is None
    assert e164("+821012345678", ANYWHERE) == "+821012345678"


def test_a_number_is_said_as_people_there_say_it() -> None:
    assert as_dialled_at_home("+821012345678", KOREA) == "01012345678"
    assert as_dialled_at_home("+15550100199", KOREA) == "+15550100199"
    assert as_dialled_at_home("+821012345678", ANYWHERE) == "+821012345678"


@given(st.text(max_size=30))
def test_of_anything_else_comes_a_whole_number_or_none(written: str) -> None:
    whole = e164(written, KOREA)
    assert whole is None or (whole.isascii() and whole[0] == "+" and whole[1:].isdigit())
    assert whole is None or e164(whole, KOREA) == whole


@given(st.from_regex(r"\+82[1-9][0-9]{6,10}", fullmatch=True))
def test_a_number_comes_back_from_how_it_is_said(whole: str) -> None:
    assert e164(as_dialled_at_home(whole, KOREA), KOREA) == whole
