from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from infra.audio import read_wav, write_wav
from stt.training.recordings import align, cut, decode, load, telephone, wide
from tests.stt.sounds import tone

CALLS = Path(__file__).parents[3] / "examples/hanbit-store/calls"


@pytest.mark.parametrize(
    ("reference", "heard", "errors", "right"),
    [
        ("where is my order", "where is my order", 0, [True] * 4),
        ("where is my order", "where my order", 1, [True] * 3),
        ("where is my order", "where is the my older", 2, [True, True, False, True, False]),
        ("yes", "", 1, []),
        ("", "oh yes", 2, [False, False]),
    ],
)
def test_words_are_right_or_wrong_by_the_cheapest_alignment(
    reference: str, heard: str, errors: int, right: list[bool]
) -> None:
    assert align(reference.split(), heard.split()) == (errors, right)


def entry(file: str, text: str | None, **other: object) -> dict[str, object]:
    about = {"lang": "en", "transcript": "exact", "domain": "general", "kind": "human", "seconds": 1.0}
    return {"file": file, "text": text, "source": "github:somebody/speech:a.wav", **about, **other}


def test_recordings_with_english_words_are_loaded_and_end_with_silence(tmp_path: Path) -> None:
    sound = tone(440, 1.0, rate=8000)
    write_wav(tmp_path / "a.wav", sound, 8000)
    entries = [
        entry("a.wav", "Twenty dollars"),
        entry("a.wav", "one", domain="digits"),
        entry("a.wav", "안녕하세요", lang="ko"),
        entry("a.wav", None),
        entry("a.wav", "loan", transcript="keywords"),
    ]
    (tmp_path / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    first, second = load(tmp_path)
    assert (first.words, first.group) == (("twenty", "dollars"), "human")
    assert (second.group, second.speaker) == ("digits", first.speaker)
    ((pcm, rate),) = first.utterances
    assert rate == 8000
    assert pcm.startswith(sound)
    after = np.frombuffer(pcm[len(sound) :], "<i2")
    assert len(after) == 0.3 * rate
    assert 0 < np.abs(after).mean() < 40


def test_a_long_recording_is_cut_where_nobody_speaks() -> None:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    pieces = cut(bytes(2 * rate) + pcm + bytes(4 * rate) + pcm, rate)
    assert len(pieces) == 2
    assert all(len(piece) < len(pcm) + 2 * rate for piece in pieces)


def test_a_telephone_keeps_the_middle_and_wide_sound_keeps_all() -> None:
    for hertz, through in ((1000, True), (5000, False), (60, False)):
        pcm, rate = telephone(tone(hertz, 0.5), 16000)
        loud = np.abs(np.frombuffer(pcm, "<i2")[500:-500]).mean() > 1000
        assert (rate, loud) == (8000, through)
    pcm, rate = wide(tone(1000, 0.5, rate=8000), 8000)
    assert rate == 16000
    assert len(pcm) / 2 / rate == pytest.approx(0.5, abs=0.005)


def test_any_common_format_is_read(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(440, 0.2), 16000)
    pcm, rate = decode(tmp_path / "a.wav")
    assert (len(pcm), rate) == (6400, 16000)
