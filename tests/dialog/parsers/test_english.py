"""What is particular to English's table."""

from __future__ import annotations

import pytest

from dialog.parsers.english import ENGLISH


@pytest.mark.parametrize(
    "sentence", ["However, Jeju costs more.", "This does not apply to furniture.", "It takes a week."]
)
def test_sentences_that_lean_on_the_one_before(sentence: str) -> None:
    assert ENGLISH.prose.leans_back.search(sentence)


@pytest.mark.parametrize("sentence", ["Delivery is free.", "Items are checked first.", "Theatre tickets are not sold."])
def test_sentences_that_stand_by_themselves(sentence: str) -> None:
    assert not ENGLISH.prose.leans_back.search(sentence)


def test_length_is_counted_in_words() -> None:
    assert len(ENGLISH.prose.unit.findall("Delivery isn't free below 50,000 won.")) == 6


def test_how_questions_ask_matches_how_sentences_answer() -> None:
    asking, answering = ENGLISH.prose.forms[1]
    assert asking.search("how long does it take")
    assert answering.search("It takes two business days.")
    assert not answering.search("It costs 3,000 won.")
