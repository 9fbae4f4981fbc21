from __future__ import annotations

import numpy as np
import pytest

from infra.audio import silence
from stt.confidence import Calibration
from stt.local_agreement import TokenWord
from stt.partial_pace import PartialPace
from stt.silero import SileroModel
from stt.speech_meter import SpeechMeter
from stt.whisper_model import Aligned, Hypothesis, Sound
from stt.whisper_turn import CUT_AT, CUT_FROM, Stretch, Turn
from stt.whisper_window import RATE
from tests.stt.scriptedwhisper import token_words


@pytest.fixture(scope="module")
def voice() -> SileroModel:
    return SileroModel()


@pytest.fixture
def turn(voice: SileroModel) -> Turn:
    return Turn(3, "ko", lambda offset: Stretch(offset, SpeechMeter(voice), PartialPace(0.6)))


def sound(seconds: float) -> Sound:
    return Sound(np.zeros((500, 1), np.float32), seconds)


def hear(turn: Turn, text: str, seconds: float = 1.0, *, tentative: bool = False) -> None:
    hypothesis = Hypothesis((), -0.2, 0.05)
    turn.stretch.hypothesis(sound(seconds), hypothesis, token_words(text), tentative=tentative)


def spread(words: tuple[TokenWord, ...], probability: float = 0.5) -> list[Aligned]:
    return [Aligned(index * 1.0, index + 1.0, probability) for index in range(len(words))]


def test_a_partial_tells_what_is_stable_and_nothing_twice(turn: Turn) -> None:
    assert turn.partial(turn.stretch) is None
    hear(turn, "주문 조회")
    first = turn.partial(turn.stretch)
    assert first is not None
    assert (first.utterance, first.text, first.stable, first.final, first.language) == (3, "주문 조회", 0, False, "ko")
    assert turn.partial(turn.stretch) is None
    hear(turn, "주문 조회 해")
    second = turn.partial(turn.stretch)
    assert second is not None
    assert (second.text, second.stable) == ("주문 조회 해", len("주문 조회"))


def test_while_the_language_is_open_nothing_is_stable(turn: Turn) -> None:
    for _ in range(3):
        hear(turn, "주문 조회", tentative=True)
    partial = turn.partial(turn.stretch)
    assert partial is not None
    assert partial.stable == 0


def test_what_was_heard_in_another_language_is_forgotten(turn: Turn) -> None:
    hear(turn, "웨얼 이즈", tentative=True)
    turn.spoken_in("en", turn.stretch)
    assert (turn.language, turn.voted) == ("en", True)
    assert turn.stretch.heard_out(0.0) is None
    hear(turn, "where is")
    assert turn.stretch.agreement.text == "where is"


def test_what_was_heard_stays_when_the_language_is_confirmed(turn: Turn) -> None:
    hear(turn, "주문", tentative=True)
    turn.spoken_in("ko", turn.stretch)
    hear(turn, "주문 조회")
    assert turn.stretch.agreement.stable == len("주문")


def test_a_hypothesis_serves_as_the_final_when_nobody_spoke_after_it(turn: Turn) -> None:
    assert turn.stretch.heard_out(0.0) is None
    hear(turn, "주문 조회", seconds=2.0)
    known = turn.stretch.heard_out(1.8)
    assert known is not None
    assert known[1].words == token_words("주문 조회")
    assert turn.stretch.heard_out(1.95) is None, "its last word may be cut off"


def test_a_final_has_words_between_blanks_with_times_of_the_call(turn: Turn) -> None:
    turn.clock.advance(10.0, 2.0)
    turn.clock.advance(20.0, 3.0)  # 8 s of silence were left out
    words = token_words("배송 +은 +, 언제 +요?")
    said = turn.said(turn.stretch, words, spread(words), None)
    final = turn.final(said, calibrated=False)
    assert (final.text, final.final, final.stable, final.calibrated) == (
        "배송은, 언제요?",
        True,
        len("배송은, 언제요?"),
        False,
    )
    assert [(word.text, word.start, word.end) for word in final.words] == [
        ("배송은,", 10.0, 21.0),
        ("언제요?", 21.0, 23.0),
    ]
    assert final.confidence == pytest.approx(0.5)


def test_words_follow_one_another_and_last_a_moment_at_least(turn: Turn) -> None:
    words = token_words("one two three")
    aligned = [Aligned(1.0, 1.0, 1.0), Aligned(0.9, 0.9, 1.0), Aligned(1.0, 2.0, 1.0)]
    found = turn.said(turn.stretch, words, aligned, None).words
    assert [word.start for word in found] == pytest.approx([1.0, 1.02, 1.04])
    assert [word.end for word in found] == pytest.approx([1.02, 1.04, 2.0])


def test_confidences_are_calibrated_where_there_is_a_curve(turn: Turn) -> None:
    words = token_words("주문 조회")
    said = turn.said(turn.stretch, words, spread(words), Calibration((0.0, 1.0), (0.2, 0.6)))
    assert [word.confidence for word in said.words] == pytest.approx([0.4, 0.4])
    assert turn.final(said, calibrated=True).calibrated


def test_nothing_said_is_an_empty_final(turn: Turn) -> None:
    final = turn.final(turn.said(turn.stretch, (), (), None), calibrated=False)
    assert (final.text, final.words, final.confidence, final.stable) == ("", (), 0.0, 0)


def test_a_long_turn_is_cut_at_a_pause_and_its_transcript_is_whole(turn: Turn) -> None:
    turn.clock.advance(100.0, 60.0)
    turn.stretch.hear(silence(RATE, CUT_FROM - 1))
    assert not turn.stretch.full
    turn.stretch.hear(silence(RATE, 1.0))
    assert turn.stretch.full, "nobody is speaking"
    before = turn.cut()
    assert turn.stretch.offset == pytest.approx(CUT_FROM)
    words = token_words("주문 조회")
    turn.keep(turn.said(before, words, spread(words), None))
    hear(turn, "해 주세요")
    partial = turn.partial(turn.stretch)
    assert partial is not None
    assert (partial.text, partial.stable) == ("주문 조회 해 주세요", len("주문 조회"))
    more = token_words("해 주세요")
    final = turn.final(turn.said(turn.stretch, more, spread(more), None), calibrated=False)
    assert final.text == "주문 조회 해 주세요"
    assert [word.start for word in final.words] == pytest.approx([100.0, 101.0, 100 + CUT_FROM, 101 + CUT_FROM])


def test_without_a_pause_a_turn_is_cut_before_the_window_ends(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpeechMeter, "silence", 0.0)
    turn.stretch.hear(silence(RATE, CUT_AT - 1))
    assert not turn.stretch.full
    turn.stretch.hear(silence(RATE, 1.0))
    assert turn.stretch.full


def test_sound_after_a_moment_can_be_taken_over(turn: Turn) -> None:
    pcm = bytes(range(256)) * 125  # one second
    turn.stretch.hear(pcm)
    assert turn.stretch.after(0.25) == pcm[8000:]
    assert turn.stretch.after(-1.0) == pcm
    assert turn.stretch.after(2.0) == b""
    assert turn.stretch.samples[0] == pytest.approx(256 / 32768)
    assert turn.seconds == 1.0
