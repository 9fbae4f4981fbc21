"""Learning from labelled cases, and thresholds that keep their word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dialog.answers.calibration import (
    Labelled,
    calibrated,
    fitted,
    read_calibration,
    safe_threshold,
    thresholds,
    written,
)
from dialog.answers.confidence import Calibration, Estimate, Thresholds, answer_confidence, log_odds, shipped
from dialog.errors import TenantDialogInvalid
from dialog.yaml_source import read_yaml

RNG = np.random.default_rng(3)
LIMITS = {"clarify": 0.6, "answer": 0.25, "sure": 0.1}


def cases(count: int, shift: float) -> list[Labelled]:
    """Turns whose answers are right as often as the shipped model says, but for a ``shift`` of its log odds.

    All signals of a turn are equally strong, from none at all to as strong as they can be.
    """
    made = []
    names = shipped()[Estimate.RIGHT].words.of
    for number in range(count):
        signals = dict.fromkeys(names, float(RNG.uniform(0, 1)))
        odds = log_odds(signals) + shift
        made.append(Labelled(signals, bool(RNG.uniform() < 1 / (1 + np.exp(-odds))), f"topic {number % 20}"))
    return made


def drawn(other_weight: float) -> list[Labelled]:
    """Cases that are right by two signals, the first of which counts 2."""
    made = []
    for _ in range(3000):
        one, other = RNG.normal(size=2)
        right = RNG.uniform() < 1 / (1 + np.exp(-(2 * one + other_weight * other + 0.5)))
        made.append(Labelled({"one": float(one), "other": float(other)}, bool(right), "t"))
    return made


def test_weights_are_found_again() -> None:
    weights = fitted(drawn(1.0), ("one", "other"), ridge=1.0)
    assert weights.of["one"] == pytest.approx(2, abs=0.25)
    assert weights.of["other"] == pytest.approx(1, abs=0.25)
    assert weights.bias == pytest.approx(0.5, abs=0.25)


def test_what_speaks_for_an_answer_never_counts_against_one() -> None:
    weights = fitted(drawn(-1.0), ("one", "other"), ridge=1.0)
    assert weights.of["one"] > 1
    assert weights.of["other"] == 0


def test_with_few_labels_little_moves_and_with_many_much() -> None:
    few, many = calibrated(cases(20, 2.0), LIMITS, 200.0), calibrated(cases(4000, 2.0), LIMITS, 200.0)
    assert 0 < few.shift < 1
    assert many.shift == pytest.approx(2.0, abs=0.6)
    assert (few.cases, many.cases) == (20, 4000)


def test_a_shift_changes_what_is_promised() -> None:
    signals = {"sentence": 0.5, "overlap": 0.5}
    assert answer_confidence(signals, Calibration(shift=1.0)).value > answer_confidence(signals).value


def test_labels_of_one_kind_teach_nothing() -> None:
    with pytest.raises(ValueError, match="both right and wrong"):
        calibrated([Labelled({}, True, "t")] * 5, LIMITS, 100.0)


def test_a_threshold_keeps_the_error_under_its_limit_with_room_to_spare() -> None:
    p = RNG.uniform(size=4000)
    right = (RNG.uniform(size=4000) < p).astype(float)
    topics = np.arange(4000) % 40
    found = safe_threshold(p, right, topics, 0.1)
    assert found is not None
    assert 1 - right[p >= found].mean() < 0.1
    assert found > 0.8 - 0.05


def test_few_or_clustered_labels_prove_nothing() -> None:
    p, right = np.linspace(0, 1, 30), np.ones(30)
    assert safe_threshold(p, right, np.zeros(30, dtype=np.intp), 0.1) is None
    assert safe_threshold(p[:10], right[:10], np.arange(10), 0.1) is None
    unproven = thresholds(p[:10], right[:10], np.arange(10), LIMITS)
    assert unproven == Thresholds(answer=0.75, clarify=0.4, sure=0.9)


def test_thresholds_rise() -> None:
    p = RNG.uniform(size=4000)
    right = (RNG.uniform(size=4000) < p).astype(float)
    found = thresholds(p, right, np.arange(4000) % 40, LIMITS)
    assert found.clarify <= found.answer <= found.sure


def test_what_was_learnt_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    kept = Calibration(0.25, 1.5, Thresholds(answer=0.6, clarify=0.3, sure=0.8), 120)
    path.write_text(written(kept), encoding="utf-8")
    assert read_calibration(read_yaml(path)) == kept
    with pytest.raises(ValueError, match="calibrate first"):
        written(Calibration())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("stretch: 1.5", r"stretch: -1"), ("sure: 0.8", r"sure: 0.1"), ("cases: 120", "cases: 0")],
)
def test_a_spoilt_file_is_refused(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    kept = written(Calibration(0.25, 1.5, Thresholds(answer=0.6, clarify=0.3, sure=0.8), 120))
    path.write_text(kept.replace(line, complaint), encoding="utf-8")
    with pytest.raises(TenantDialogInvalid, match=r"calibration\.yaml"):
        read_calibration(read_yaml(path))
