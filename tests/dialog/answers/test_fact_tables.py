"""The tables cover both languages alike."""

from __future__ import annotations

import pytest

from dialog.answers.fact_tables import FACT_TABLES
from dialog.answers.facts import Kind
from dialog.parsers.language import LANGUAGES


def test_every_language_of_the_house_has_a_table() -> None:
    assert set(FACT_TABLES) == set(LANGUAGES)


@pytest.mark.parametrize("code", sorted(FACT_TABLES))
def test_every_unit_is_of_a_kind_that_exists(code: str) -> None:
    table = FACT_TABLES[code]
    named = {*(kind for kind, _ in table.units.values()), *(kind for kind, _ in table.span_words.values())}
    named |= set(table.signs.values())
    assert {Kind(name) for name in named} >= {Kind.WON, Kind.DAY, Kind.MONTH, Kind.MINUTE, Kind.PERCENT}


@pytest.mark.parametrize(
    ("code", "words", "number"),
    [
        ("ko", "삼만 오천", 35_000),
        ("ko", "십이", 12),
        ("ko", "스무", 20),
        ("ko", "만", 10_000),
        ("en", "three thousand five hundred", 3500),
        ("en", "twenty-four", 24),
        ("en", "two hundred and ten", 210),
    ],
)
def test_number_words_are_read(code: str, words: str, number: int) -> None:
    assert FACT_TABLES[code].read_words(words) == number
