from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from infra.audio import Resampler, read_wav
from stt.bandwidth import (
    HEARD,
    INPUTS,
    KEPT,
    REACH,
    BandwidthExtension,
    Network,
    contexts,
    network,
)
from stt.errors import RecognizerUnavailable
from stt.frontend import BANDS, RATE, Floats, MelAnalysis, NoiseRemoval, log_bands

RECORDING = Path(__file__).parents[3] / "shared/data/speech/en_mr_quilter.wav"


def rows(count: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(8, 3, (count, BANDS)).astype(np.float32)


def identity(bias: float = 0.0, scale: float = 1.0) -> Network:
    """A network of one layer: band i is band i of the frame itself, the upper ones are ``bias``."""
    weights = np.zeros((INPUTS, BANDS), np.float32)
    weights[REACH * HEARD + np.arange(HEARD), np.arange(HEARD)] = 1
    layer = (weights, np.full(BANDS, bias, np.float32))
    return Network(np.zeros(INPUTS, np.float32), np.full(INPUTS, scale, np.float32), (layer,))


def extended(bands: Floats, weights: Network | None = None) -> Floats:
    extension = BandwidthExtension(weights)
    return np.concatenate((extension.process(bands), extension.flush()))


def test_the_shipped_weights_fit_the_extension() -> None:
    shipped = network()
    assert shipped is network()
    assert shipped.predict(np.zeros((3, INPUTS), np.float32)).shape == (3, BANDS)
    assert all(np.all(np.isfinite(weights)) and np.all(np.isfinite(bias)) for weights, bias in shipped.layers)


def test_what_the_line_carried_is_not_touched_and_the_rest_is_replaced() -> None:
    bands = rows(40)
    out = extended(bands)
    assert out.shape == bands.shape
    np.testing.assert_array_equal(out[:, :KEPT], bands[:, :KEPT])
    assert np.all(np.any(out[:, KEPT:] != bands[:, KEPT:], axis=0))


def test_the_upper_bands_are_guessed_from_the_lower_ones_only() -> None:
    bands = rows(30)
    other = bands.copy()
    other[:, HEARD:] = -9
    np.testing.assert_array_equal(extended(bands), extended(other))


def test_a_frame_is_out_when_its_later_neighbours_are_in() -> None:
    bands = rows(REACH + 3)
    extension = BandwidthExtension()
    assert extension.process(bands[:0]).shape == (0, BANDS)
    assert extension.process(bands[:REACH]).shape == (0, BANDS)
    for number in range(3):
        (row,) = extension.process(bands[REACH + number : REACH + number + 1])
        np.testing.assert_array_equal(row[:KEPT], bands[number, :KEPT])
    assert extension.flush().shape == (REACH, BANDS)


@pytest.mark.parametrize("count", [1, 2, REACH, REACH + 1, 50])
def test_as_many_frames_come_out_as_went_in(count: int) -> None:
    np.testing.assert_array_equal(extended(rows(count))[:, :KEPT], rows(count)[:, :KEPT])


@pytest.mark.parametrize("step", [1, 3, 20])
def test_however_the_frames_are_cut_the_result_is_the_same(step: int) -> None:
    bands = rows(50)
    extension = BandwidthExtension()
    cut = [extension.process(bands[i : i + step]) for i in range(0, len(bands), step)]
    np.testing.assert_allclose(np.concatenate([*cut, extension.flush()]), extended(bands), atol=1e-3)


def test_a_flush_is_a_fresh_start() -> None:
    extension = BandwidthExtension()
    assert extension.flush().shape == (0, BANDS)
    first = np.concatenate((extension.process(rows(20)), extension.flush()))
    second = np.concatenate((extension.process(rows(20)), extension.flush()))
    np.testing.assert_array_equal(first, second)
    assert extension.flush().shape == (0, BANDS)


def test_contexts_hold_the_earliest_neighbour_first_and_the_frame_in_the_middle() -> None:
    bands = np.repeat(np.arange(12, dtype=np.float32)[:, None], BANDS, axis=1)
    found = contexts(bands).reshape(-1, 2 * REACH + 1, HEARD)
    assert found[:, :, 0].tolist() == [[float(i + j) for j in range(9)] for i in range(4)]
    assert np.all(found == found[:, :, :1])


def test_a_prediction_is_normalized_weighted_and_rectified_between_layers() -> None:
    inputs = np.ones((1, INPUTS), np.float32)
    assert identity(bias=2, scale=4).predict(inputs)[0].tolist() == [2.25] * HEARD + [2.0] * (BANDS - HEARD)
    square = (np.eye(BANDS, dtype=np.float32), np.zeros(BANDS, np.float32))
    negative = identity(bias=-5)
    two = Network(negative.mean, negative.scale, (*negative.layers, square))
    assert two.predict(inputs)[0].tolist() == [0.0] * BANDS


def test_saved_weights_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    identity(bias=1.5).save(path)
    again = network(path)
    inputs = np.random.default_rng(0).normal(0, 1, (4, INPUTS)).astype(np.float32)
    np.testing.assert_allclose(again.predict(inputs), identity(bias=1.5).predict(inputs), rtol=1e-6)


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_weights_that_cannot_be_read_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecognizerUnavailable, match=r"weights\.npz.*stt\.training\.bandwidth"):
        network(path)


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    one, other, none = (tmp_path / name for name in ("one.npz", "other.npz", "none.npz"))
    np.savez(one, something=np.zeros(3))
    np.savez(other, mean=np.zeros(7), scale=np.ones(7), w0=np.zeros((7, 2)), b0=np.zeros(2))
    np.savez(none, mean=np.zeros(INPUTS), scale=np.ones(INPUTS))
    for path in (one, other, none):
        with pytest.raises(RecognizerUnavailable, match=path.name):
            network(path)


@pytest.mark.skipif(not RECORDING.is_file(), reason=f"needs the recording {RECORDING.name} in ../shared/data/speech")
def test_a_telephone_recording_comes_closer_to_the_wide_one() -> None:
    def bands(pcm: bytes) -> Floats:
        return log_bands(NoiseRemoval().process(MelAnalysis().process(pcm)))

    pcm, rate = read_wav(RECORDING)
    assert rate == RATE
    down, up = Resampler(RATE, 8000), Resampler(8000, RATE)
    narrow = down.process(pcm) + down.flush()
    wide, line = bands(pcm), bands(up.process(narrow) + up.flush())
    count = min(len(wide), len(line))

    def miss(found: Floats) -> float:
        return float(np.mean((found[:count, KEPT:] - wide[:count, KEPT:]) ** 2))

    assert miss(extended(line)) < miss(line) / 5
