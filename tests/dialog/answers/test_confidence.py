"""Probabilities from signals, and what follows from them."""

from __future__ import annotations

import pytest

from dialog.answers.confidence import (
    KNOWN,
    Calibration,
    Estimate,
    Thresholds,
    Verdict,
    Weights,
    answer_confidence,
    known,
    log_odds,
    probability,
    shipped,
    verdict,
)
from dialog.reply import Confidence

LADDER = Thresholds(answer=0.5, clarify=0.25, sure=0.75)
SOME = {"sentence": 0.6, "overlap": 0.7, "margin": 0.2, "most_coverage": 0.7, "recognition": 0.8, "in_scope": 0.9}


def test_log_odds_are_a_sum_and_a_missing_signal_counts_as_nought() -> None:
    assert Weights(-1.0, {"one": 2.0, "other": 3.0}).log_odds({"one": 0.5}) == pytest.approx(0.0)


def test_the_signals_stand_beside_the_value() -> None:
    assert answer_confidence(SOME).signals == SOME


def test_vectors_choose_their_own_weights() -> None:
    for estimate in Estimate:
        model = shipped()[estimate]
        assert model.log_odds(SOME) == model.words.log_odds(SOME)
        assert model.log_odds({**SOME, "dense": 0.5}) == model.meaning.log_odds({**SOME, "dense": 0.5})


def test_what_was_badly_heard_or_is_none_of_our_business_is_less_sure() -> None:
    sure = answer_confidence({**SOME, "recognition": 1.0, "in_scope": 1.0}).value
    assert answer_confidence({**SOME, "recognition": 0.5, "in_scope": 1.0}).value < sure
    assert answer_confidence({**SOME, "recognition": 1.0, "in_scope": 0.1}).value < sure
    typed = {name: value for name, value in SOME.items() if name not in {"recognition", "in_scope"}}
    assert answer_confidence(typed).value == sure


def test_every_estimate_is_a_probability() -> None:
    for estimate in Estimate:
        assert 0.0 < known(SOME, estimate) < 1.0
    assert known(SOME, Estimate.RIGHT) == probability(log_odds(SOME))
    assert answer_confidence(SOME, Calibration(shift=99.0)).value == pytest.approx(1.0)


ALL = dict.fromkeys({name for model in shipped().values() for name in model.words.of}, 1.0)
"""Signals of which each speaks for the answer as much as it can."""


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
    assert verdict(Confidence(value, ALL), LADDER) is expected


def test_what_may_only_sound_like_an_answer_is_said_with_its_source() -> None:
    assert known({}, Estimate.PASSAGE) < KNOWN
    assert verdict(Confidence(0.9, {}), LADDER) is Verdict.SAY_WITH_SOURCE
