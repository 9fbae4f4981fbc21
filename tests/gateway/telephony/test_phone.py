from __future__ import annotations

import numpy as np
import pytest

from gateway.telephony.phone import BUFFER_LIMIT, Earpiece, Mouthpiece, Span, audible_windows

RATE = 8000


def tone(seconds: float) -> bytes:
    return (6000 * np.sin(np.arange(round(seconds * RATE)) * 0.7)).astype("<i2").tobytes()


def quiet(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def test_sound_is_played_at_the_pace_of_sound_however_it_arrives() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.4), now=1.0)
    ear.play(tone(0.4), now=1.01)
    assert ear.buffered_until == pytest.approx(1.8)
    assert ear.heard(1.0) == bytes(16000)
    assert ear.heard(1.5)[16000:] == tone(0.4) + tone(0.4)[:1600]
    assert len(ear.heard(3.0)) == 48000


def test_marks_come_back_when_the_sound_before_them_has_been_played_and_not_before() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.5), now=0.0)
    ear.mark("half", now=0.0)
    ear.play(tone(0.5), now=0.0)
    ear.mark("all", now=0.1)
    assert ear.marks_due(0.49) == []
    assert ear.marks_due(0.51) == ["half"]
    assert ear.marks_due(0.9) == []
    assert ear.marks_due(1.0) == ["all"]
    assert ear.marks_due(9.0) == []


def test_a_mark_without_sound_before_it_comes_back_at_once() -> None:
    ear = Earpiece(RATE)
    ear.mark("m", now=3.0)
    assert ear.marks_due(3.0) == ["m"]


def test_clear_takes_back_what_was_not_played_and_returns_all_marks_in_order() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(1.0), now=0.0)
    ear.mark("a", now=0.0)
    ear.play(tone(1.0), now=0.0)
    ear.mark("b", now=0.0)
    assert ear.clear(0.75) == pytest.approx(1.25)
    assert ear.marks_due(0.75) == ["a", "b"]
    assert ear.heard(2.0)[12000:] == bytes(20000)
    ear.play(tone(0.1), now=0.8)
    assert ear.buffered_until == pytest.approx(0.9)


def test_clear_of_an_empty_buffer_takes_nothing_back() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.1), now=0.0)
    assert ear.clear(5.0) == 0.0
    assert ear.heard(0.1) == tone(0.1)


def test_audible_stretches_are_found_and_words_of_one_speech_are_one_stretch() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.5) + quiet(0.2) + tone(0.3) + quiet(0.5) + tone(0.1), now=1.0)
    ear.listen(1.2)
    assert ear.spans == (Span(1.0, pytest.approx(1.2)),)
    ear.listen(5.0)
    assert [(span.start, span.end) for span in ear.spans] == [
        (pytest.approx(1.0), pytest.approx(2.0)),
        (pytest.approx(2.5), pytest.approx(2.6)),
    ]
    assert ear.last_span == ear.spans[-1]


def test_what_was_cleared_is_not_heard_as_voice() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(1.0), now=0.0)
    ear.listen(0.25)
    ear.clear(0.25)
    ear.listen(2.0)
    assert ear.spans == (Span(0.0, pytest.approx(0.25)),)


def test_sound_that_is_still_to_come_is_known_to_be_audible_or_not() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.1) + quiet(1.0) + tone(0.1) + quiet(0.5), now=0.0)
    assert ear.audible_ahead(0.5)
    assert not ear.audible_ahead(1.3)
    assert not ear.audible_ahead(9.0)


def test_faint_noise_is_not_audible_and_speech_level_is() -> None:
    noise = np.random.default_rng(1).normal(0, 20, 800).astype("<i2").tobytes()
    assert not audible_windows(noise, RATE).any()
    assert audible_windows(tone(0.1), RATE).all()


def test_a_piece_that_comes_just_too_late_is_an_underrun() -> None:
    ear = Earpiece(RATE)
    ear.play(tone(0.02), now=0.0)
    ear.play(tone(0.02), now=0.03)
    ear.play(tone(0.02), now=0.05)
    ear.play(tone(0.02), now=2.0)
    assert ear.underruns == 1


def test_the_buffer_of_a_carrier_is_not_endless() -> None:
    ear = Earpiece(RATE)
    ear.play(quiet(BUFFER_LIMIT), now=0.0)
    ear.play(tone(1.0), now=0.5)
    assert ear.dropped_seconds == 1.0
    assert ear.buffered_until == pytest.approx(BUFFER_LIMIT)


def frames_of(mouth: Mouthpiece, count: int) -> bytes:
    return b"".join(mouth.next_frame() for _ in range(count))


def test_speech_is_cut_into_frames_and_padded_to_a_whole_one() -> None:
    mouth = Mouthpiece(RATE, noise_dbfs=None)
    speech = tone(0.05)
    mouth.say(speech)
    assert frames_of(mouth, 4) == speech + bytes(4 * 320 - len(speech))


def test_an_utterance_ends_with_its_last_audible_frame() -> None:
    mouth = Mouthpiece(RATE, noise_dbfs=None)
    frames_of(mouth, 5)
    number = mouth.say(tone(0.1) + quiet(0.2))
    frames_of(mouth, 14)
    assert mouth.spoken() == []
    frames_of(mouth, 1)
    (spoken,) = mouth.spoken()
    assert (spoken.utterance, spoken.started, spoken.ended) == (number, pytest.approx(0.1), pytest.approx(0.18))
    assert mouth.spoken() == []


def test_utterances_are_said_one_after_the_other() -> None:
    mouth = Mouthpiece(RATE, noise_dbfs=None)
    mouth.say(tone(0.04))
    mouth.say(quiet(0.04))
    frames_of(mouth, 4)
    assert [(spoken.utterance, spoken.started) for spoken in mouth.spoken()] == [(1, 0.0), (2, pytest.approx(0.04))]


def test_nothing_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="no sound"):
        Mouthpiece(RATE).say(b"")


def test_a_line_hisses_faintly_also_between_utterances_and_always_alike() -> None:
    first, second = Mouthpiece(RATE), Mouthpiece(RATE)
    line = frames_of(first, 500)
    assert line == frames_of(second, 500)
    level = np.sqrt(np.mean(np.square(np.frombuffer(line, dtype="<i2").astype(float))))
    assert 20 * np.log10(level / 32768) == pytest.approx(-65, abs=1.0)
    assert not audible_windows(line, RATE).any()


def test_hiss_does_not_make_loud_speech_overflow() -> None:
    mouth = Mouthpiece(RATE, noise_dbfs=-20)
    mouth.say(b"\xff\x7f" * 1600)
    assert min(np.frombuffer(frames_of(mouth, 10), dtype="<i2")) > 0
