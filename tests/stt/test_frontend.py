from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from stt.frontend import (
    BANDS,
    CEPSTRA,
    FRAMES_PER_SECOND,
    RATE,
    Floats,
    MelAnalysis,
    NoiseRemoval,
    cepstra,
    log_bands,
    mel_edges,
)
from stt.lm_trie import bundled_directory
from tests.stt.sounds import pieces, speechlike, tone


def whole(pcm: bytes) -> Floats:
    analysis = MelAnalysis()
    return np.concatenate((analysis.process(pcm), analysis.flush()))


def recognizers_own(pcm: bytes, folder: Path) -> Floats:
    """The cepstra that pocketsphinx itself computes with the bundled model's parameters, read from its log of them."""
    from pocketsphinx import Decoder

    dictionary, log = folder / "one.dict", folder / "cepstra"
    dictionary.write_text("yes Y EH S\n", encoding="ascii")
    log.mkdir()
    decoder = Decoder(
        hmm=str(bundled_directory() / "en-us"),
        lm=None,
        dict=str(dictionary),
        keyphrase="yes",
        mfclogdir=str(log),
        loglevel="FATAL",
        logfn=os.devnull,
    )
    decoder.start_utt()
    decoder.process_raw(pcm, False, True)
    decoder.end_utt()
    (file,) = log.iterdir()
    return np.frombuffer(file.read_bytes()[4:], ">f4").reshape(-1, CEPSTRA).astype(np.float32)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_features_are_those_of_the_recognizer_itself(tmp_path: Path, seed: int) -> None:
    pcm = speechlike(2.0, seed=seed)
    theirs = recognizers_own(pcm, tmp_path)
    ours = cepstra(log_bands(NoiseRemoval().process(whole(pcm))))
    assert ours.shape == theirs.shape
    assert theirs.std() > 5
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("sizes", [[160], [1], [37, 401, 1000], [409, 2]])
def test_however_the_sound_is_cut_the_rows_are_the_same(sizes: list[int]) -> None:
    pcm = speechlike(0.3)
    analysis = MelAnalysis()
    rows = [analysis.process(piece) for piece in pieces(pcm, sizes)]
    np.testing.assert_allclose(np.concatenate([*rows, analysis.flush()]), whole(pcm), rtol=1e-4)


def test_a_row_comes_as_soon_as_its_window_is_full() -> None:
    analysis = MelAnalysis()
    pcm = speechlike(0.1)
    assert analysis.process(b"").shape == (0, BANDS)
    assert analysis.process(pcm[: 2 * 409]).shape == (0, BANDS)
    assert analysis.process(pcm[2 * 409 : 2 * 410]).shape == (1, BANDS)
    assert analysis.process(pcm[2 * 410 : 2 * 569]).shape == (0, BANDS)
    assert analysis.process(pcm[2 * 569 : 2 * 570]).shape == (1, BANDS)


def test_a_flush_gives_the_last_row_and_a_fresh_start() -> None:
    analysis = MelAnalysis()
    assert analysis.flush().shape == (0, BANDS)
    pcm = speechlike(0.2)
    first = np.concatenate((analysis.process(pcm), analysis.flush()))
    second = np.concatenate((analysis.process(pcm), analysis.flush()))
    np.testing.assert_array_equal(first, second)
    analysis.process(pcm[:20])
    assert analysis.flush().shape == (1, BANDS)
    assert analysis.flush().shape == (0, BANDS)


def test_the_bands_rise_from_130_to_6800_hertz() -> None:
    edges = mel_edges()
    assert len(edges) == BANDS + 2
    assert np.all(np.diff(edges) > 0)
    line = RATE / 512
    assert abs(edges[0] - 130) <= line / 2
    assert abs(edges[-1] - 6800) <= line / 2
    np.testing.assert_allclose(edges % line, 0)


@pytest.mark.parametrize("band", [3, 12, 24])
def test_a_tone_sounds_in_the_band_that_peaks_at_it(band: int) -> None:
    rows = MelAnalysis().process(tone(float(mel_edges()[band + 1]), 0.2))
    assert set(rows.argmax(axis=1)) == {band}


def test_noise_removal_depends_on_the_past_alone_and_not_on_the_cut() -> None:
    power = whole(speechlike(0.5))
    at_once = NoiseRemoval().process(power)
    removal = NoiseRemoval()
    cut = np.concatenate([removal.process(power[i : i + 7]) for i in range(0, len(power), 7)])
    np.testing.assert_allclose(cut, at_once, rtol=1e-5)
    assert removal.process(power[:0]).shape == (0, BANDS)


def test_steady_noise_is_turned_down_and_what_rises_above_it_is_not() -> None:
    sound = np.random.default_rng(5).normal(0, 100, 6 * RATE)
    sound[4 * RATE : 5 * RATE] *= 40
    power = whole(np.rint(sound).astype("<i2").tobytes())
    gain = NoiseRemoval().process(power) / power
    before, burst = slice(3 * FRAMES_PER_SECOND, 395), slice(405, 430)
    assert np.median(gain[before]) < 0.4
    assert np.median(gain[burst]) > 0.85


def test_silence_is_finite() -> None:
    features = cepstra(log_bands(NoiseRemoval().process(whole(bytes(RATE)))))
    assert features.shape[1] == CEPSTRA
    assert np.all(np.isfinite(features))


def test_louder_sound_moves_only_the_first_coefficient() -> None:
    bands = log_bands(whole(speechlike(0.2)))
    difference = cepstra(bands + np.float32(2)) - cepstra(bands)
    assert np.all(difference[:, 0] > 5)
    np.testing.assert_allclose(difference[:, 1:], 0, atol=1e-3)
