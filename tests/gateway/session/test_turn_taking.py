"""Turn-taking in virtual time: nothing here sleeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.reply import Expectation
from gateway.session import turn_taking as tt
from stt.transcript import Transcript, Word


def transcript(text: str, *, final: bool = True, confidence: float = 0.9) -> tt.Recognized:
    words = tuple(Word(word, 0.0, 0.1, confidence) for word in text.split())
    return tt.Recognized(Transcript(0, text, words, final, "en", confidence))


class Call:
    """Drives the machine and keeps the time."""

    def __init__(self, *, expects: Expectation = Expectation.SPEAKING, listening: bool = True) -> None:
        self.machine = tt.TurnTaking()
        self.now = 10.0
        self.log: list[tuple[float, tt.Command]] = []
        if listening:
            self.do(tt.BotBegan(expects, True))
            self.do(tt.BotEnded())

    def do(self, event: tt.Event) -> list[tt.Command]:
        commands = self.machine.handle(event, self.now)
        self.log += [(self.now, command) for command in commands]
        return commands

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= end:
            self.now = max(deadline, self.now)
            self.do(tt.Tick())
            assert self.machine.deadline is None or self.machine.deadline > self.now
        self.now = end

    def say(self, text: str, seconds: float = 1.0, *, lag: float = 0.05, confidence: float = 0.9) -> None:
        self.do(tt.SpeechStarted(self.now))
        self.wait(seconds)
        if text:
            self.do(transcript(text, final=False))
        self.do(tt.SpeechStopped(self.now))
        self.wait(lag)
        self.do(transcript(text, confidence=confidence))

    def of(self, kind: type) -> list[tuple[float, tt.Command]]:
        return [(at, command) for at, command in self.log if isinstance(command, kind)]

    @property
    def turns(self) -> list[tt.TurnEnded]:
        return [command for _, command in self.log if isinstance(command, tt.TurnEnded)]


def test_a_finished_sentence_ends_the_turn_soon() -> None:
    call = Call()
    call.say("how long does delivery take")
    stopped = call.now - 0.05
    call.wait(2.0)
    [(at, turn)] = call.of(tt.TurnEnded)
    assert at - stopped == pytest.approx(0.35)
    assert turn == tt.TurnEnded(
        "how long does delivery take",
        tuple(Word(w, 0.0, 0.1, 0.9) for w in "how long does delivery take".split()),
        0.9,
        "",
        False,
        stopped,
    )


def test_a_slow_speaker_is_not_cut_off() -> None:
    call = Call()
    call.say("i would like to return a jacket and")
    call.wait(1.0)
    assert call.turns == []
    call.say("the shoes from last week")
    call.wait(2.0)
    assert [turn.text for turn in call.turns] == ["i would like to return a jacket and the shoes from last week"]


def test_digits_dictated_in_groups_are_one_turn() -> None:
    call = Call(expects=Expectation.DICTATING)
    call.say("two zero two six")
    call.wait(1.5)
    call.say("one one eight seven")
    call.wait(3.0)
    assert [turn.text for turn in call.turns] == ["two zero two six one one eight seven"]


def test_a_final_that_never_comes_is_replaced_by_the_last_partial() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.wait(0.8)
    call.do(transcript("where is my order", final=False))
    call.do(tt.SpeechStopped(call.now))
    call.wait(3.0)
    assert [turn.text for turn in call.turns] == ["where is my order"]


def test_the_weakest_utterance_decides_the_confidence_of_the_turn() -> None:
    call = Call()
    call.say("i want to return and", confidence=0.9)
    call.say("the blue jacket please", confidence=0.4)
    call.wait(2.0)
    assert call.turns[0].confidence == 0.4


def test_silence_becomes_a_silent_turn() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.do(tt.SpeechStopped(call.now))
    call.do(transcript(""))
    call.wait(7.1)
    assert [(turn.silent, turn.text) for turn in call.turns] == [(True, "")]


def test_no_silence_is_counted_while_we_think_or_speak() -> None:
    call = Call(listening=False)
    call.wait(60.0)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(60.0)
    assert call.turns == []


def test_when_the_conversation_is_over_silence_is_fine() -> None:
    call = Call(expects=Expectation.NOTHING)
    call.wait(60.0)
    assert call.turns == []


@pytest.mark.parametrize("noise", ["", "yeah", "네", "uh-huh okay"])
def test_a_nod_or_a_cough_pauses_us_and_we_go_on(noise: str) -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.say(noise, 0.4)
    kinds = [type(command) for _, command in call.log]
    assert kinds == [tt.PauseOutput, tt.EndUtterance, tt.ResumeOutput]
    call.do(tt.BotEnded())
    call.wait(1.0)
    assert call.turns == []


@pytest.mark.parametrize("words", ["wait stop", "아니 그게 아니라", "no the other order"])
def test_words_that_mean_something_cut_us_off_and_are_the_next_turn(words: str) -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.say(words, 0.7)
    call.wait(2.0)
    kinds = [type(command) for _, command in call.log]
    assert kinds == [tt.PauseOutput, tt.DiscardOutput, tt.EndUtterance, tt.TurnEnded]
    assert call.turns[0].text == words


def test_yes_over_an_open_question_is_its_answer() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.YES_NO, True))
    call.say("yes", 0.4)
    call.wait(2.0)
    assert [turn.text for turn in call.turns] == ["yes"]


def test_long_speech_is_an_interruption_even_before_it_is_recognized() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.do(tt.SpeechStarted(call.now))
    call.wait(tt.MEANT_INTERRUPTION + 0.1)
    assert [command for _, command in call.of(tt.DiscardOutput)] == [tt.DiscardOutput("duration")]


def test_what_may_not_be_interrupted_is_not_and_the_words_are_answered_after_it() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, False))
    call.say("where is my order")
    assert call.of(tt.PauseOutput) == []
    call.wait(3.0)
    assert call.turns == []
    call.do(tt.BotEnded())
    call.wait(1.0)
    assert [turn.text for turn in call.turns] == ["where is my order"]


def test_keys_end_with_the_terminator_or_after_a_pause_and_cut_us_off() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.DICTATING, True))
    for key in "2026":
        call.do(tt.KeyPressed(key))
        call.wait(0.3)
    call.do(tt.KeyPressed("#"))
    assert [command for _, command in call.of(tt.DiscardOutput)] == [tt.DiscardOutput("keys")]
    assert [turn.digits for turn in call.turns] == ["2026"]
    call.do(tt.BotBegan(Expectation.DICTATING, True))
    call.do(tt.BotEnded())
    call.do(tt.KeyPressed("1"))
    call.wait(tt.BETWEEN_KEYS + 0.1)
    assert [turn.digits for turn in call.turns] == ["2026", "1"]


def test_keys_typed_under_the_disclosure_are_taken_up_after_it() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, False))
    call.do(tt.KeyPressed("1"))
    call.wait(5.0)
    assert call.turns == []
    call.do(tt.BotEnded())
    assert [turn.digits for turn in call.turns] == ["1"]


def test_the_number_of_keys_is_bounded() -> None:
    call = Call()
    for _ in range(1000):
        call.do(tt.KeyPressed("7"))
    call.wait(5.0)
    assert len(call.turns[0].digits) == tt.MOST_KEYS


EVENTS = st.sampled_from(["start", "stop", "partial", "final", "empty", "key", "began", "ended", "wait", "fixed"])


@given(st.lists(EVENTS, max_size=60))
def test_whatever_happens_the_output_is_never_left_paused_for_ever(steps: list[str]) -> None:
    call = Call()
    for step in steps:
        match step:
            case "start":
                call.do(tt.SpeechStarted(call.now))
            case "stop":
                call.do(tt.SpeechStopped(call.now))
            case "partial":
                call.do(transcript("tell me more", final=False))
            case "final":
                call.do(transcript("tell me more"))
            case "empty":
                call.do(transcript(""))
            case "key":
                call.do(tt.KeyPressed("5"))
            case "began":
                call.do(tt.BotBegan(Expectation.SPEAKING, True))
            case "fixed":
                call.do(tt.BotBegan(Expectation.SPEAKING, False))
            case "ended":
                call.do(tt.BotEnded())
            case _:
                call.wait(0.4)
    call.do(tt.SpeechStopped(call.now))
    call.wait(10.0)
    paused = [c for _, c in call.log if isinstance(c, tt.PauseOutput | tt.ResumeOutput | tt.DiscardOutput)]
    assert not paused or not isinstance(paused[-1], tt.PauseOutput)
