from __future__ import annotations

import numpy as np
import pytest

from infra.audio import Resampler
from stt.cepstral_mean import HELD_FRAMES, CepstralMean
from stt.features import CallFeatures
from stt.frontend import CEPSTRA, RATE, Floats, MelAnalysis, NoiseRemoval, cepstra, log_bands
from tests.stt.sounds import pieces, speechlike


def utterance(features: CallFeatures, pcm: bytes, rate: int) -> Floats:
    return np.concatenate((features.process(pcm, rate), features.end_utterance()))


def test_a_wide_line_goes_through_the_chain_as_it_is() -> None:
    pcm = speechlike(1.0)
    analysis, mean = MelAnalysis(), CepstralMean()
    removal = NoiseRemoval()
    parts = [mean.process(cepstra(log_bands(removal.process(p)))) for p in (analysis.process(pcm), analysis.flush())]
    np.testing.assert_allclose(utterance(CallFeatures(), pcm, RATE), np.concatenate(parts), atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_there_is_a_row_for_every_ten_milliseconds_whatever_the_rate(rate: int) -> None:
    found = utterance(CallFeatures(), speechlike(1.0, rate), rate)
    assert found.shape[1] == CEPSTRA
    assert found.dtype == np.float32
    assert abs(len(found) - 99) <= 2
    assert np.all(np.isfinite(found))


def test_however_the_sound_is_cut_there_are_the_same_rows() -> None:
    pcm = speechlike(1.5, 8000)
    features = CallFeatures()
    cut = [features.process(piece, 8000) for piece in pieces(pcm, [160, 33, 800])]
    found = np.concatenate([*cut, features.end_utterance()])
    at_once = utterance(CallFeatures(), pcm, 8000)
    assert found.shape == at_once.shape
    # The mean is learned on the way, so a finer cut takes out a slightly other one: the shape of the sound is the same.
    tail = slice(50, None)
    for column in range(CEPSTRA):
        assert np.corrcoef(found[tail, column], at_once[tail, column])[0, 1] > 0.95


def test_only_a_narrow_line_is_extended() -> None:
    narrow, wide = speechlike(1.0, 8000), speechlike(1.0)
    plain = utterance(CallFeatures(extend=False), narrow, 8000)
    assert np.abs(utterance(CallFeatures(), narrow, 8000) - plain).max() > 1
    np.testing.assert_array_equal(
        utterance(CallFeatures(), wide, RATE), utterance(CallFeatures(extend=False), wide, RATE)
    )


def test_a_telephone_line_comes_close_to_the_wide_sound_in_what_both_carry() -> None:
    wide = speechlike(1.5)
    down = Resampler(RATE, 8000)
    narrow = down.process(wide) + down.flush()
    one = utterance(CallFeatures(), wide, RATE)
    other = utterance(CallFeatures(), narrow, 8000)
    count = min(len(one), len(other))
    assert np.corrcoef(one[:count, 0], other[:count, 0])[0, 1] > 0.8


def test_the_beginning_is_held_back_once_in_a_call() -> None:
    features = CallFeatures()
    assert len(features.process(speechlike(0.2), RATE)) == 0
    assert len(features.end_utterance()) == 19
    assert 0 < len(features.process(speechlike(0.2), RATE)) < HELD_FRAMES


def test_an_utterance_leaves_no_sound_behind_but_the_calls_noise_and_mean() -> None:
    features = CallFeatures()
    pcm = speechlike(1.0, 8000)
    first, second = utterance(features, pcm, 8000), utterance(features, pcm, 8000)
    assert len(first) == len(second)
    assert not np.array_equal(first, second)
    assert np.corrcoef(first[:, 0], second[:, 0])[0, 1] > 0.9


def test_the_end_of_no_sound_has_no_rows_and_begins_nothing() -> None:
    features = CallFeatures()
    assert features.end_utterance().shape == (0, CEPSTRA)
    assert len(features.process(speechlike(0.2), RATE)) == 0


def test_a_line_may_change_its_rate_between_utterances() -> None:
    features = CallFeatures()
    assert len(utterance(features, speechlike(0.5, 8000), 8000)) == pytest.approx(49, abs=2)
    assert len(utterance(features, speechlike(0.5), RATE)) == pytest.approx(49, abs=2)
