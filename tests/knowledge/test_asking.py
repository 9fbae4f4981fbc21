from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge import lexical
from knowledge.asking import FIRST_SHARE, LONGEST_QUERY, TURNS, WITHIN, Asking, shares_of, trimmed
from knowledge.embedder import Matrix, Role
from tests.knowledge.twins import HashedEmbedder


class Counting(HashedEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        self.asked += texts
        return super().embed(texts, role)


def test_earlier_turns_count_less_the_older_they_are() -> None:
    asked = (
        Asking(HashedEmbedder()).turn("weekend hours", ["parking fees", "repair desk"], "en", dense=False).ranked.asked
    )
    weights = {term.text: term.weight for term in asked.terms if not term.joined}
    assert weights["weekend"] == weights["hour"] == 1.0
    assert weights["repair"] == pytest.approx(FIRST_SHARE)
    assert weights["park"] == pytest.approx(FIRST_SHARE / 2)


def test_what_is_said_again_counts_for_both_turns() -> None:
    asked = Asking(HashedEmbedder()).turn("repair", ["repair desk"], "en", dense=False).ranked.asked
    assert {term.text: term.weight for term in asked.terms}["repair"] == pytest.approx(1 + FIRST_SHARE)


def test_a_question_with_words_of_its_own_leans_less_on_others_and_on_few_turns() -> None:
    assert shares_of(1, 1)[0] == shares_of(0, 1)[0] == FIRST_SHARE
    assert shares_of(8, 1)[0] < FIRST_SHARE / 3
    assert shares_of(3, 0) == []
    many = Asking(HashedEmbedder()).turn("open", [f"turn{at}" for at in range(50)], "en", dense=False)
    assert len([term for term in many.ranked.asked.terms if not term.joined]) == 1 + TURNS


def test_sentences_are_weighed_by_the_last_turn_above_all() -> None:
    turn = Asking(HashedEmbedder()).turn("weekends", ["the repair desk"], "en", dense=True)
    weighed = {term.text: term.weight for term in turn.weighed.asked.terms}
    assert weighed["repair"] == pytest.approx(FIRST_SHARE * WITHIN)
    assert weighed["weekend"] == 1.0
    alone = Asking(HashedEmbedder()).turn("weekends", (), "en", dense=True)
    assert alone.weighed is alone.ranked


def test_pairs_of_characters_are_summed_too() -> None:
    asked = Asking(HashedEmbedder()).turn("주말에는요", ["수리 센터"], "ko", dense=False).ranked.asked
    alone = lexical.analyzer("ko").question("주말에는요")
    assert asked.pairs["주말"] == alone.pairs["주말"]
    assert 0 < asked.pairs["수리"] < 1


def test_the_vector_leans_towards_the_turn_before_and_turns_are_embedded_once() -> None:
    embedder = Counting()
    asking = Asking(embedder)
    before, now = "the repair desk", "on weekends"
    first = asking.turn(before, (), "en", dense=True).ranked.vector
    alone = asking.turn(now, (), "en", dense=True).ranked.vector
    both = asking.turn(now, [before], "en", dense=True).ranked.vector
    assert first is not None
    assert alone is not None
    assert both is not None
    assert float(np.linalg.norm(both)) == pytest.approx(1.0, abs=1e-5)
    assert float(both @ first) > float(alone @ first)
    assert float(both @ alone) > float(both @ first)
    assert embedder.asked == [before, now]


def test_a_very_long_turn_is_cut() -> None:
    assert trimmed("  a" + "b" * 5_000).startswith("ab")
    assert len(trimmed("b" * 5_000)) == LONGEST_QUERY
