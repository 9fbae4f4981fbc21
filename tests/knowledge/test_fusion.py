from __future__ import annotations

import pytest

from knowledge.fusion import WEIGHTS, fuse, normalized
from knowledge.index import Signal


def test_scores_are_stretched_over_what_was_found() -> None:
    assert normalized(Signal.DENSE, [("a", 0.8), ("b", 0.5), ("c", 0.2)], 3) == pytest.approx(
        {"a": 1.0, "b": 0.5, "c": 0.0}
    )


def test_a_ranking_of_words_that_is_not_full_goes_down_to_nothing() -> None:
    assert normalized(Signal.LEXICAL, [("a", 8.0), ("b", 4.0)], 10) == pytest.approx({"a": 1.0, "b": 0.5})
    assert normalized(Signal.LEXICAL, [("a", 8.0), ("b", 4.0)], 2) == pytest.approx({"a": 1.0, "b": 0.0})


def test_one_hit_alone_is_the_best_there_is() -> None:
    assert normalized(Signal.DENSE, [("a", 0.1)], 10) == {"a": 1.0}
    assert normalized(Signal.DENSE, [], 10) == {}


def test_how_much_better_a_hit_is_counts_and_not_only_its_rank() -> None:
    rankings = {
        Signal.DENSE: [("weak", 0.51), ("strong", 0.50), ("other", 0.0)],
        Signal.LEXICAL: [("strong", 10.0), ("weak", 2.0)],
    }
    fused = fuse(rankings, {Signal.DENSE: 0.5, Signal.LEXICAL: 0.5}, 10)
    assert fused[0][0] == "strong"
    assert fused[0][1] == pytest.approx(0.5 * 0.50 / 0.51 + 0.5)


def test_ties_come_in_a_stable_order() -> None:
    assert [key for key, _ in fuse({Signal.DENSE: [("b", 1.0), ("a", 1.0)]}, {Signal.DENSE: 1.0}, 10)] == ["a", "b"]


@pytest.mark.parametrize("weights", WEIGHTS.values())
def test_weights_add_up_so_that_scores_stay_below_one(weights: dict[Signal, float]) -> None:
    assert sum(weights.values()) == pytest.approx(1.0)


def test_a_model_that_cannot_read_a_language_has_no_say_in_it() -> None:
    assert set(WEIGHTS["ko", False]) == {Signal.LEXICAL, Signal.CHARACTERS}
