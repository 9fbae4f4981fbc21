"""Sentences that speak of the opposite of what is asked."""

from __future__ import annotations

import pytest

from dialog.answers.contrast import Sense
from dialog.errors import LanguageNotSpoken


@pytest.mark.parametrize(
    ("asked", "sentence", "code"),
    [
        ("what leaves before two o'clock", "Orders after two o'clock leave the next day.", "en"),
        ("which store is the largest", "The smallest store is in Jeju.", "en"),
        ("오후 두 시 이전에 결제하면 언제 나가요", "오후 두 시 이후 주문은 다음 영업일에 출고됩니다.", "ko"),
        ("평일에는 몇 시까지 해요", "주말에는 오후 여덟 시까지 엽니다.", "ko"),
    ],
)
def test_an_opposite_is_noticed_and_only_where_what_is_asked_is_not_named(asked: str, sentence: str, code: str) -> None:
    assert Sense.of(asked, code).unopposed(sentence) == 0.5
    assert Sense.of(asked, code).unopposed(f"{sentence} {asked}") == 1.0
    assert Sense.of(asked, code).unopposed(asked) == 1.0
    assert Sense.of(f"{asked} {sentence}", code).unopposed(sentence) == 1.0


def test_parts_of_english_words_are_no_opposites() -> None:
    assert Sense.of("who is the almost famous singer", "en").unopposed("At least two are.") == 1.0
    assert Sense.of("is it within reach", "en").unopposed("It is without doubt.") == 1.0


@pytest.mark.parametrize(
    ("asked", "alike", "other", "code"),
    [
        ("what is not covered", "Scratches are not covered.", "Parts are covered.", "en"),
        ("반품이 안 되는 게 뭐예요", "화장품은 반품되지 않습니다.", "옷은 반품됩니다.", "ko"),
    ],
)
def test_a_denial_is_answered_by_one(asked: str, alike: str, other: str, code: str) -> None:
    sense = Sense.of(asked, code)
    assert (sense.denied_alike(alike), sense.denied_alike(other)) == (1.0, 0.0)


def test_a_language_without_a_table_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        Sense.of("warum", "de")
