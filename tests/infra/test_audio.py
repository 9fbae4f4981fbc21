from __future__ import annotations

import itertools
import warnings
import wave
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from infra.audio import (
    AudioFrame,
    AudioUnreadable,
    Resampler,
    alaw_decode,
    alaw_encode,
    amplified,
    mulaw_decode,
    mulaw_encode,
    read_wav,
    silence,
    write_wav,
)

EVERY_SAMPLE = np.arange(65536, dtype="<u2").tobytes()
EVERY_CODE = bytes(range(256))

RATES = [
    (8000, 16000),
    (16000, 8000),
    (22050, 8000),
    (24000, 8000),
    (44100, 16000),
    (48000, 8000),
    (8000, 22050),
    (16000, 24000),
]


def _pcm(samples: NDArray[np.float64]) -> bytes:
    return np.rint(samples).astype("<i2").tobytes()


def _samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64)


def _tone(hz: float, rate: int, seconds: float = 0.5, peak: float = 12000) -> bytes:
    return _pcm(peak * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate))


def _noise(samples: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).integers(-32768, 32768, samples).astype("<i2").tobytes()


def _audioop() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("audioop", reason="Python 3.13 and later no longer have audioop")


# --- frames ---


def test_a_frame_knows_its_length_and_end() -> None:
    frame = AudioFrame(bytes(320), 8000, at=1.5)
    assert (frame.samples, frame.duration, frame.until) == (160, 0.02, 1.52)


def test_silence_is_zeros_of_the_length_asked_for() -> None:
    assert silence(8000, 0.02) == bytes(320)
    assert silence(22050, 0) == b""


# --- G.711 ---


def test_g711_equals_audioop_for_every_sample_and_code() -> None:
    audioop = _audioop()
    assert mulaw_encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE, 2)
    assert mulaw_decode(EVERY_CODE) == audioop.ulaw2lin(EVERY_CODE, 2)
    assert alaw_encode(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE, 2)
    assert alaw_decode(EVERY_CODE) == audioop.alaw2lin(EVERY_CODE, 2)


@pytest.mark.parametrize(
    ("code", "value"),
    # ITU-T G.711 (11/88) table 2: value at the decoder output, times 4 for 16 bits
    [(0x80, 8031 * 4), (0x8F, 4191 * 4), (0x9F, 2079 * 4), (0xEF, 33 * 4), (0xFE, 2 * 4), (0xFF, 0), (0x00, -8031 * 4)],
)
def test_mulaw_values_are_those_of_the_recommendation(code: int, value: int) -> None:
    assert _samples(mulaw_decode(bytes([code])))[0] == value


@pytest.mark.parametrize(
    ("code", "value"),
    # ITU-T G.711 (11/88) table 1: value at the decoder output, times 8 for 16 bits; even bits are inverted on the wire
    [(0x80 ^ 0x55, 1 * 8), (0xFF ^ 0x55, 4032 * 8), (0xF0 ^ 0x55, 2112 * 8), (0x90 ^ 0x55, 33 * 8), (0x55, -1 * 8)],
)
def test_alaw_values_are_those_of_the_recommendation(code: int, value: int) -> None:
    assert _samples(alaw_decode(bytes([code])))[0] == value


@pytest.mark.parametrize(("encode", "decode"), [(mulaw_encode, mulaw_decode), (alaw_encode, alaw_decode)])
def test_every_g711_value_survives_coding_again(encode, decode) -> None:  # type: ignore[no-untyped-def]
    values = decode(EVERY_CODE)
    assert decode(encode(values)) == values


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="buffer size"):
        mulaw_encode(b"\x00\x01\x02")


# --- resampling ---


@pytest.mark.parametrize(("source", "target"), RATES)
@given(cuts=st.lists(st.integers(0, 700), min_size=1, max_size=12))
def test_a_stream_in_chunks_equals_the_whole_bit_for_bit(source: int, target: int, cuts: list[int]) -> None:
    pcm = _noise(3000)
    whole = Resampler(source, target)
    expected = whole.process(pcm) + whole.flush()
    stream = Resampler(source, target)
    bounds = [min(at, len(pcm)) for at in itertools.accumulate(cuts, initial=0)]
    made = b"".join(stream.process(pcm[a:b]) for a, b in itertools.pairwise([*bounds, len(pcm)]))
    assert made + stream.flush() == expected


@pytest.mark.parametrize(("source", "target"), RATES)
def test_each_20_ms_gives_20_ms_at_once(source: int, target: int) -> None:
    stream = Resampler(source, target)
    sizes = [len(stream.process(_noise(source // 50))) // 2 for _ in range(50)]
    assert sum(sizes) == target
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("source", "target"), RATES)
def test_it_is_late_by_what_it_says_and_never_more_than_3_ms(source: int, target: int) -> None:
    stream = Resampler(source, target)
    click = np.zeros(source // 10)
    click[source // 20] = 30000
    made = _samples(stream.process(_pcm(click)) + stream.flush())
    expected = (source // 20 / source + stream.delay) * target
    assert abs(int(np.abs(made).argmax()) - expected) <= 1
    assert stream.delay <= 0.003
    assert len(made) == pytest.approx((0.1 + stream.delay) * target, abs=1)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_speech_band_passes_flat(source: int, target: int) -> None:
    for hz in np.linspace(200, 0.85 * min(source, target) / 2, 12):
        made = _samples(Resampler(source, target).process(_tone(hz, source)))[target // 20 :]
        level = 20 * np.log10(made.std() * np.sqrt(2) / 12000)
        assert abs(level) < 0.1, f"{hz:.0f} Hz is off by {level:.2f} dB"


def _strongest_stranger(pcm: bytes, rate: int, hz: float) -> float:
    """The strongest component away from ``hz``, in dB below the tone that went in."""
    samples = _samples(pcm)[rate // 10 :]
    window = np.blackman(len(samples))
    spectrum = np.abs(np.fft.rfft(samples * window)) / (window.sum() / 2) / 12000
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate)
    return float(20 * np.log10(spectrum[np.abs(frequencies - hz) > 50].max() + 1e-9))


@pytest.mark.parametrize(("source", "target"), [rates for rates in RATES if rates[0] > rates[1]])
def test_nothing_above_the_new_band_folds_back(source: int, target: int) -> None:
    for hz in np.linspace(target / 2 + 10, source / 2 - 10, 25):
        made = Resampler(source, target).process(_tone(hz, source))
        assert _strongest_stranger(made, target, hz) < -55


@pytest.mark.parametrize(("source", "target"), [rates for rates in RATES if rates[0] < rates[1]])
def test_no_images_of_what_the_old_band_held(source: int, target: int) -> None:
    for hz in np.linspace(100, 0.925 * source / 2, 25):
        made = Resampler(source, target).process(_tone(hz, source))
        assert _strongest_stranger(made, target, hz) < -55


def test_doubling_keeps_the_given_samples() -> None:
    pcm = _noise(400)
    stream = Resampler(8000, 16000)
    made = _samples(stream.process(pcm) + stream.flush())
    late = round(stream.delay * 16000)
    assert np.array_equal(made[late::2][:400], _samples(pcm))


def test_loud_input_is_clipped_not_wrapped() -> None:
    square = np.where(np.arange(1600) // 8 % 2, 32767, -32768).astype(np.float64)
    made = _samples(Resampler(8000, 16000).process(_pcm(square)))
    assert made.max() == 32767
    assert made.min() == -32768
    assert np.abs(np.diff(made)).max() < 60000


def test_a_flush_begins_a_fresh_stream() -> None:
    pcm = _noise(500)
    stream = Resampler(22050, 8000)
    first = stream.process(pcm) + stream.flush()
    assert stream.process(pcm) + stream.flush() == first


def test_the_same_rate_passes_through() -> None:
    stream = Resampler(8000, 8000)
    assert (stream.process(b"\x01\x02"), stream.flush(), stream.delay) == (b"\x01\x02", b"", 0.0)


@pytest.mark.parametrize(("source", "target"), [(0, 8000), (8000, -1), (8000, 44101)])
def test_rates_that_make_no_sense_are_refused(source: int, target: int) -> None:
    with pytest.raises(ValueError, match="Hz"):
        Resampler(source, target)


# --- files ---


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    pcm = _noise(1000)
    write_wav(tmp_path / "a.wav", pcm, 22050)
    assert read_wav(tmp_path / "a.wav") == (pcm, 22050)


def test_several_channels_become_one(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "two.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.array([100, 300, -50, 50], dtype="<i2").tobytes())
    pcm, rate = read_wav(str(tmp_path / "two.wav"))
    assert (list(_samples(pcm)), rate) == ([200, 0], 8000)


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"no sound")
    with pytest.raises(AudioUnreadable, match=r"no\.wav"):
        read_wav(tmp_path / "no.wav")
    with pytest.raises(AudioUnreadable, match=r"missing\.wav"):
        read_wav(tmp_path / "missing.wav")


def test_louder_is_louder_by_that_much_and_never_cut_off() -> None:
    quiet = np.array([0, 1000, -2000, 4000], "<i2").tobytes()
    louder = np.frombuffer(amplified(quiet, 6.0), "<i2")
    assert louder.tolist() == pytest.approx([0, 1995, -3990, 7981], abs=2)
    loud = np.linspace(-32000, 32000, 1001).astype("<i2").tobytes()
    bent = np.frombuffer(amplified(loud, 12.0), "<i2").astype(int)
    assert (np.diff(bent) >= 0).all()
    assert np.abs(bent).max() <= 32767
    assert amplified(loud, 0.0) is loud
