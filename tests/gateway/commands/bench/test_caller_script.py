from __future__ import annotations

from gateway.commands.bench.caller_script import ANSWER_WITHIN, HEARD_OUT, CallerScript, Monologue

FRAME = 0.02
UTTERANCES = ([b"a1", b"a2"], [b"b1", b"b2", b"b3"])


class Clock:
    """Lets a script speak frame by frame."""

    def __init__(self, script: CallerScript) -> None:
        self.script = script
        self.now = 100.0

    def speak(self, seconds: float) -> list[bytes]:
        frames = []
        for _ in range(round(seconds / FRAME)):
            frames.append(self.script.frame(self.now))
            self.now += FRAME
        return [frame for frame in frames if frame != b"-"]

    def hear(self, seconds: float, *, audible: bool = True) -> float | None:
        return self.script.heard(self.now, self.now + seconds, audible=audible)


def caller(*pauses: float) -> Clock:
    return Clock(CallerScript(UTTERANCES, [b"-"], pauses or (0.2,)))


def test_a_caller_hears_the_greeting_out_pauses_and_speaks_one_utterance() -> None:
    clock = caller()
    assert clock.speak(1.0) == []
    clock.hear(2.0)
    assert clock.speak(2.0 + HEARD_OUT + 0.15) == []
    assert clock.speak(3.0) == [b"a1", b"a2"]
    assert clock.script.waiting
    assert clock.script.turns == 1


def test_the_time_to_the_first_audible_sound_counts_from_the_last_word() -> None:
    clock = caller()
    clock.hear(0.02)
    while not clock.script.waiting:
        clock.speak(FRAME)
    said = clock.now - FRAME
    clock.speak(0.4)
    assert clock.hear(0.02, audible=False) is None, "silence is no answer"
    clock.speak(0.1)
    waited = clock.hear(1.0)
    assert waited is not None
    assert abs(waited - (clock.now - said)) < 1e-9
    assert clock.hear(1.0) is None, "an answer begins once"


def test_the_next_utterance_follows_when_the_answer_was_heard_out() -> None:
    clock = caller(0.2, 0.5)
    clock.hear(0.02)
    assert clock.speak(2.0) == [b"a1", b"a2"]
    clock.hear(1.0)
    assert clock.speak(1.0 + HEARD_OUT + 0.45) == []
    assert clock.speak(1.0) == [b"b1", b"b2", b"b3"]


def test_more_of_the_bot_in_the_pause_is_listened_to() -> None:
    clock = caller()
    clock.hear(0.02)
    clock.speak(0.02 + HEARD_OUT + 0.1)
    clock.hear(1.0)
    assert clock.speak(1.5) == []


def test_an_answer_that_does_not_come_is_given_up_and_counted() -> None:
    clock = caller()
    clock.hear(0.02)
    clock.speak(2.0)
    assert clock.script.unanswered == 0
    assert clock.speak(ANSWER_WITHIN) == [b"b1", b"b2", b"b3"]
    assert clock.script.unanswered == 1


def test_a_caller_who_is_not_greeted_begins_by_themself() -> None:
    clock = caller()
    assert clock.speak(ANSWER_WITHIN - 0.1) == []
    assert clock.speak(1.0) == [b"a1", b"a2"]


def test_a_monologue_goes_round_and_waits_for_nothing() -> None:
    monologue = Monologue([b"1", b"2", b"3"], start=0)
    assert [monologue.frame(0.0) for _ in range(4)] == [b"2", b"3", b"1", b"2"]
    assert monologue.heard(0.0, 1.0, audible=True) is None
