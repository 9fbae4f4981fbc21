"""Turn-taking in virtual time: nothing here sleeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.reply import Entry, Expectation
from gateway.session import turn_taking as tt
from stt.transcript import Transcript, Word


def transcript(text: str, *, final: bool = True, confidence: float = 0.9, number: int = 0) -> tt.Recognized:
    words = tuple(Word(word, 0.0, 0.1, confidence) for word in text.split())
    return tt.Recognized(Transcript(number, text, words, final, "en", confidence))


class Call:
    """Drives the machine and keeps the time."""

    def __init__(
        self, *, expects: Expectation = Expectation.SPEAKING, listening: bool = True, entry: Entry | None = None
    ) -> None:
        self.machine = tt.TurnTaking()
        self.now = 10.0
        self.utterances = 0
        self.log: list[tuple[float, tt.Command]] = []
        if listening:
            self.do(tt.BotBegan(expects, True, entry=entry))
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
        number, self.utterances = self.utterances, self.utterances + 1
        if text:
            self.do(transcript(text, final=False, number=number))
        self.do(tt.SpeechStopped(self.now))
        self.wait(lag)
        self.do(transcript(text, confidence=confidence, number=number))

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
    assert isinstance(turn, tt.TurnEnded)
    assert (turn.text, turn.confidence, turn.language) == ("how long does delivery take", 0.9, "en")
    assert [word.text for word in turn.words] == "how long does delivery take".split()
    assert (turn.digits, turn.silent, turn.speech_ended) == ("", False, stopped)


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
    assert kinds == [tt.PauseOutput, tt.EndUtterance, tt.Settle, tt.ResumeOutput]
    call.do(tt.BotEnded())
    call.wait(1.0)
    assert call.turns == []


@pytest.mark.parametrize("words", ["wait stop", "아니 그게 아니라", "no the other order"])
def test_words_that_mean_something_cut_us_off_and_are_the_next_turn(words: str) -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(1.0)
    call.say(words, 0.7)
    call.wait(2.0)
    kinds = [type(command) for _, command in call.log if not isinstance(command, tt.Foresee)]
    assert kinds == [tt.PauseOutput, tt.DiscardOutput, tt.EndUtterance, tt.Settle, tt.TurnEnded]
    assert call.turns[0].text == words


def test_yes_over_an_open_question_is_its_answer() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.YES_NO, True))
    call.say("yes", 0.4)
    call.wait(2.0)
    assert [turn.text for turn in call.turns] == ["yes"]


def test_speech_that_no_word_comes_of_does_not_hold_us_up_for_ever() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.do(tt.SpeechStarted(call.now))
    call.wait(tt.LONGEST_PAUSE + 0.1)
    assert [type(command) for _, command in call.log] == [tt.PauseOutput, tt.ResumeOutput]


def test_long_speech_over_ours_that_nobody_understood_is_asked_about() -> None:
    call = Call(listening=False)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(1.0)
    call.say("", 2.5)
    call.wait(2.0)
    assert [command for _, command in call.of(tt.DiscardOutput)] == [tt.DiscardOutput("unintelligible")]
    assert [(turn.text, turn.silent) for turn in call.turns] == [("", False)]


def test_a_mumble_is_a_turn_that_was_not_understood_and_a_click_is_none() -> None:
    call = Call()
    call.say("", 0.3)
    call.wait(2.0)
    assert call.turns == []
    call.say("", tt.MUMBLED)
    call.wait(2.0)
    assert [(turn.text, turn.silent, turn.confidence) for turn in call.turns] == [("", False, 0.0)]


def test_who_goes_on_before_we_have_answered_had_not_finished() -> None:
    call = Call()
    call.say("i would like to return a jacket")
    call.wait(0.6)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(0.3)
    call.say("that i bought in your shop last week")
    call.wait(2.0)
    first, second = call.turns
    assert not first.continues
    assert second.continues
    assert second.text == "i would like to return a jacket that i bought in your shop last week"


def test_who_interrupts_an_answer_says_something_new() -> None:
    call = Call()
    call.say("i would like to return a jacket")
    call.wait(0.6)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(2.0)
    call.say("no i mean the shoes")
    call.wait(2.0)
    assert [turn.text for turn in call.turns][1] == "no i mean the shoes"
    assert not call.turns[1].continues


def test_who_stops_us_at_once_says_something_new() -> None:
    call = Call()
    call.say("i would like to return a jacket")
    call.wait(0.6)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.wait(0.5)
    call.say("no i mean the shoes")
    call.wait(2.0)
    assert [turn.text for turn in call.turns][1] == "no i mean the shoes"


def test_what_was_dictated_is_not_dictated_again_by_going_on() -> None:
    call = Call(expects=Expectation.DICTATING, entry=Entry(length=4))
    call.say("two zero two six")
    call.wait(0.6)
    call.say("thank you very much")
    call.wait(2.0)
    assert [turn.text for turn in call.turns] == ["two zero two six", "thank you very much"]


def test_a_number_of_known_length_ends_the_turn_when_it_is_full() -> None:
    call = Call(expects=Expectation.DICTATING, entry=Entry(length=8))
    call.say("two zero two six")
    call.wait(1.5)
    call.say("one one eight seven")
    stopped = call.now - 0.05
    call.wait(2.0)
    [(at, turn)] = call.of(tt.TurnEnded)
    assert isinstance(turn, tt.TurnEnded)
    assert turn.text == "two zero two six one one eight seven"
    assert at - stopped == pytest.approx(0.5)


def test_a_final_is_awaited_as_long_as_it_was_measured_to_take() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.wait(0.8)
    call.do(transcript("where is my order", final=False))
    call.do(tt.SpeechStopped(call.now, final_within=0.2))
    call.wait(0.5)
    assert [turn.text for turn in call.turns] == ["where is my order"]


def test_a_final_that_nothing_stands_in_for_is_awaited_longer() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.wait(1.2)
    call.do(tt.SpeechStopped(call.now, final_within=0.2))
    call.wait(2.0)
    assert call.turns == []
    call.do(transcript("where is my order"))
    call.wait(0.5)
    assert [turn.text for turn in call.turns] == ["where is my order"]


def test_even_that_has_an_end() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.wait(1.2)
    call.do(tt.SpeechStopped(call.now, final_within=0.2))
    call.wait(tt.WORDLESS + 1.0)
    assert [(turn.text, turn.silent) for turn in call.turns] == [("", False)]


def test_a_late_final_does_not_come_into_the_next_turn() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.wait(0.8)
    call.do(transcript("where is my order", final=False))
    call.do(tt.SpeechStopped(call.now, final_within=0.2))
    call.wait(1.0)
    call.do(transcript("where is my order"))
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    call.do(tt.BotEnded())
    call.utterances = 1
    call.say("how do i cancel it")
    call.wait(1.0)
    assert [turn.text for turn in call.turns] == ["where is my order", "how do i cancel it"]


def test_the_melody_of_the_voice_has_a_vote() -> None:
    waits = {}
    for melody in (0.95, None, 0.1):
        call = Call()
        call.say("how long does delivery take")
        ended = call.now - 0.05
        if melody is not None:
            call.do(tt.MelodyJudged(ended, melody))
        call.wait(2.0)
        [(at, _)] = call.of(tt.TurnEnded)
        waits[melody] = at - ended
    assert waits[0.95] < waits[None] < waits[0.1]


def test_a_judgement_of_an_earlier_silence_counts_nothing() -> None:
    call = Call()
    call.say("how long does delivery take")
    call.do(tt.MelodyJudged(call.now - 3.0, 0.01))
    call.wait(0.35)
    assert len(call.turns) == 1


def test_an_answer_is_prepared_on_a_partial_that_stands_still_and_on_a_final_once_each() -> None:
    call = Call()
    call.do(tt.SpeechStarted(call.now))
    call.do(transcript("how long does", final=False))
    call.wait(1.0)
    call.do(transcript("how long does delivery", final=False))
    call.wait(1.0)
    call.do(transcript("how long does delivery take", final=False))
    call.do(tt.SpeechStopped(call.now))
    call.do(transcript("how long does delivery take"))
    call.wait(1.0)
    assert [command for _, command in call.of(tt.Foresee)] == [
        tt.Foresee("how long does delivery"),
        tt.Foresee("how long does delivery take"),
    ]


def test_the_tenants_patience_and_the_state_decide_when_silence_is_no_answer() -> None:
    machine = tt.TurnTaking(no_input=4.0)
    machine.handle(tt.BotBegan(Expectation.SPEAKING, True), 0.0)
    machine.handle(tt.BotEnded(), 1.0)
    assert machine.deadline == pytest.approx(5.0)
    machine.handle(tt.BotBegan(Expectation.THINKING, True), 2.0)
    machine.handle(tt.BotEnded(), 3.0)
    assert machine.deadline == pytest.approx(15.0)


def test_a_full_number_on_the_keys_needs_no_terminator_and_one_that_follows_is_a_habit() -> None:
    call = Call(expects=Expectation.DICTATING, entry=Entry(length=4))
    for key in "2026":
        call.do(tt.KeyPressed(key))
    assert [turn.digits for turn in call.turns] == ["2026"]
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    assert call.do(tt.KeyPressed("#")) == []


def test_a_star_begins_a_number_anew() -> None:
    call = Call(expects=Expectation.DICTATING, entry=Entry(length=4))
    for key in "20*1187":
        call.do(tt.KeyPressed(key))
    assert [turn.digits for turn in call.turns] == ["20*1187"]


def test_a_secret_is_a_secret_while_it_is_asked_for() -> None:
    call = Call(expects=Expectation.DICTATING, entry=Entry(length=4, secret=True))
    assert call.machine.secret
    for key in "1234":
        call.do(tt.KeyPressed(key))
    assert call.turns[0].entry == Entry(length=4, secret=True)
    call.do(tt.BotBegan(Expectation.SPEAKING, True))
    assert not call.machine.secret


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


def test_who_is_on_hold_owes_no_answer_and_is_given_the_whole_patience_when_they_are_back() -> None:
    call = Call()
    call.wait(3.0)
    call.do(tt.OnHold(True))
    call.wait(120.0)
    assert call.turns == []
    call.do(tt.OnHold(False))
    back = call.now
    call.wait(60.0)
    assert [turn.silent for turn in call.turns] == [True]
    assert call.of(tt.TurnEnded)[0][0] == pytest.approx(back + tt.NO_INPUT)


def test_what_was_said_before_the_hold_is_still_a_turn() -> None:
    call = Call()
    call.say("where is my order")
    call.do(tt.OnHold(True))
    call.wait(5.0)
    assert [turn.text for turn in call.turns] == ["where is my order"]
