from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from infra.audio import read_wav
from stt.confidence import read
from stt.pocketsphinx_host import PocketsphinxHost
from stt.training import confidence as training
from stt.training.confidence import Heard
from stt.training.recordings import Recording

CALLS = Path(__file__).parents[3] / "examples/hanbit-store/calls"


def words(count: int, voices: int, seed: int = 0) -> list[Heard]:
    """Words that are right as often as the square of their score says."""
    draw = np.random.default_rng(seed)
    scores = draw.uniform(0, 1, count)
    right = draw.uniform(0, 1, count) < scores**2
    return [
        Heard(f"voice {i % voices}", "human", float(s), bool(r))
        for i, (s, r) in enumerate(zip(scores, right, strict=True))
    ]


def test_reliability_counts_equal_bins() -> None:
    said = [0.1] * 5 + [0.9] * 5
    right = [False] * 5 + [True] * 4 + [False]
    (low, none, _), (high, most, count) = training.reliability(said, right, bins=2)
    assert (low, none) == pytest.approx((0.1, 0.0))
    assert (high, most, count) == pytest.approx((0.9, 0.8, 5))
    assert training.calibration_error([0.75] * 100, [True, True, True, False] * 25) == pytest.approx(0.0)


def test_each_voice_is_judged_by_a_curve_that_never_heard_it() -> None:
    liar = [Heard("liar", "human", 0.9, False)] * 200
    heard = words(2000, 10) + liar
    said = training.apart(heard)
    assert np.mean(said[-200:]) > 0.7
    assert np.mean([training.curve(heard)(0.9)]) < 0.6


def test_a_fit_mends_what_was_wrong_with_the_scores_and_says_how_sure_that_is() -> None:
    figures = training.measure(words(3000, 12))
    assert figures["raw"]["ece"] > 0.12
    assert figures["unseen"]["ece"] < 0.05
    low, high = figures["unseen"]["ece_90"]
    assert low <= figures["unseen"]["ece"] + 0.02
    assert high < 0.1
    assert figures["unseen"]["voices"] == 12
    assert sum(count for _, _, count in figures["unseen"]["reliability"]) == 3000
    assert set(figures) == {"raw", "unseen", "unseen, human"}


def test_recordings_are_heard_as_calls(tmp_path: Path) -> None:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    recording = Recording("order.wav", "tts", "a voice", ("where", "is", "my", "order"), ((pcm, rate), (pcm, rate)))
    heard = training.hear(PocketsphinxHost(str(tmp_path)), "nobody", [recording])
    assert {word.speaker for word in heard} == {"a voice"}
    assert sum(word.right for word in heard) >= 3
    assert all(0 <= word.score <= 1 for word in heard)


def test_what_is_written_is_what_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "load", lambda folder: [])
    monkeypatch.setattr(training, "hear", lambda host, tenant, recordings: words(400, 8))
    monkeypatch.setattr("sys.argv", ["confidence", str(tmp_path), "--output", str(tmp_path / "points.yaml")])
    training.main()
    curve = read(tmp_path / "points.yaml")
    assert curve(0.2) < 0.3 < curve(0.9)
    measured = yaml.safe_load((tmp_path / "points.yaml").read_text(encoding="utf-8"))["measured"]
    assert measured["unseen"]["words"] == 400
