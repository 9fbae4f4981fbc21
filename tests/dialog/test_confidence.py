"""Probabilities from signals, and what follows from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.confidence import BY_MEANING, BY_WORDS, Thresholds, Verdict, answer_confidence, verdict

GOOD = {
    "sentence": 0.9,
    "overlap": 1.0,
    "margin": 0.6,
    "form": 1.0,
    "question": 0.0,
    "recognition": 1.0,
    "in_scope": 1.0,
}
BAD = {
    "sentence": 0.1,
    "overlap": 0.2,
    "margin": 0.0,
    "form": 0.5,
    "question": 0.0,
    "recognition": 1.0,
    "in_scope": 0.1,
}


def test_a_good_answer_is_sure_and_a_bad_one_is_not() -> None:
    assert answer_confidence(GOOD).value > 0.9
    assert answer_confidence(BAD).value < 0.1


def test_the_signals_stand_beside_the_value() -> None:
    assert answer_confidence(GOOD).signals == GOOD


def test_vectors_choose_their_own_weights() -> None:
    without = answer_confidence(GOOD).value
    with_vectors = answer_confidence({**GOOD, "dense": 0.8}).value
    assert without != with_vectors
    assert set(BY_MEANING.of) == set(BY_WORDS.of)


@pytest.mark.parametrize("name", ["sentence", "overlap", "margin", "form", "question", "recognition", "in_scope"])
@given(low=st.floats(0, 1), high=st.floats(0, 1), dense=st.booleans())
def test_more_of_a_signal_never_makes_an_answer_less_sure(name: str, low: float, high: float, dense: bool) -> None:
    low, high = sorted((low, high))
    base = {**BAD, **({"dense": 0.3} if dense else {})}
    assert answer_confidence({**base, name: low}).value <= answer_confidence({**base, name: high}).value


def test_typed_text_was_not_misheard() -> None:
    typed = {name: value for name, value in GOOD.items() if name not in {"recognition", "in_scope"}}
    assert answer_confidence(typed).value == answer_confidence(GOOD).value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.9, Verdict.SAY),
        (0.75, Verdict.SAY),
        (0.6, Verdict.SAY_WITH_SOURCE),
        (0.5, Verdict.SAY_WITH_SOURCE),
        (0.3, Verdict.ASK_BACK),
        (0.2, Verdict.GIVE_UP),
    ],
)
def test_the_ladder(value: float, expected: Verdict) -> None:
    assert verdict(value, Thresholds()) is expected
