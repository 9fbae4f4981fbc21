"""Numbers as carriers want them."""

from __future__ import annotations

import pytest

from gateway.outbound.numbers import as_dialled_at_home, dialable
from gateway.session.tenant import Outbound

KOREA = Outbound(country_code="82")
AMERICA = Outbound(country_code="1", trunk_prefix="")


@pytest.mark.parametrize(
    ("said", "dialled"),
    [
        ("01012345678", "+821012345678"),
        ("010-1234-5678", "+821012345678"),
        ("+82 10 1234 5678", "+821012345678"),
        ("02 123 4567", "+8221234567"),
        ("+1 (555) 010-0199", "+15550100199"),
        ("12345678", None),  # of which place?
        ("0", None),
        ("+0123456789", None),
        ("+12345678901234567", None),
        ("tel:+8210", None),
        ("", None),
    ],
)
def test_a_number_gets_its_countrys_code_or_is_refused(said: str, dialled: str | None) -> None:
    assert dialable(said, KOREA) == dialled


def test_where_no_prefix_is_dialled_none_is_taken_off() -> None:
    assert dialable("5550100199", AMERICA) == "+15550100199"


def test_without_a_country_only_whole_numbers_can_be_dialled() -> None:
    assert dialable("01012345678", Outbound()) is None
    assert dialable("+821012345678", Outbound()) == "+821012345678"


def test_a_number_is_said_as_people_there_say_it() -> None:
    assert as_dialled_at_home("+821012345678", KOREA) == "01012345678"
    assert as_dialled_at_home("+15550100199", KOREA) == "+15550100199"
