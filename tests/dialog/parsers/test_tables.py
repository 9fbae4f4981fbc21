"""Every language's table holds what the code that reads it relies upon."""

from __future__ import annotations

import pytest

from dialog.parsers.language import LANGUAGES
from dialog.parsers.tables import Language, Wish


@pytest.fixture(params=sorted(LANGUAGES))
def table(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


def test_every_wish_has_a_pattern_and_a_length(table: Language) -> None:
    assert set(table.phrases.wishes) == set(Wish)
    assert set(table.phrases.longest) == set(Wish)
    assert set(table.phrases.unless) <= set(Wish)


def test_digits_are_complete(table: Language) -> None:
    numerals = table.numerals
    said = {*numerals.words.values(), *numerals.syllables.values()}
    assert {str(digit) for digit in range(10)} <= said


def test_prose_limits_are_sensible(table: Language) -> None:
    assert 0 < table.prose.longest_answer < table.prose.longest_sentence
    assert len(table.prose.joins) == 2


def test_there_are_twelve_months_and_an_order_for_each_of_two_choices(table: Language) -> None:
    assert len(table.wording.months) == 12
    assert len(table.following.ordinals) >= 2
