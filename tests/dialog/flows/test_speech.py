"""What a flow says: approved texts with the values that stand, and what the caller may do next."""

from __future__ import annotations

from dataclasses import replace

from dialog.actions.rules import Identity
from dialog.flows import event as ev
from dialog.flows.flow import FlowState, Step
from dialog.flows.plan import Do, Flow, Identifies
from dialog.flows.slot import Option, Slot, SlotKind
from dialog.flows.speech import FlowSpeech, joined, values
from dialog.reply import Confidence, Decision, Expectation
from dialog.templates import Templates

SURE = Confidence(1.0)
FLOW = Flow(
    "f",
    (
        Slot("number", SlotKind.DIGITS, 8),
        Slot("visit", SlotKind.DATE_TIME),
        Slot("why", SlotKind.CHOICE, options=(Option("late", {"en": ("too late", "late")}),)),
        Slot("gift", SlotKind.YES_NO),
        Slot("code", SlotKind.DIGITS, 6, secret=True),
    ),
    (),
)
TEXTS = Templates(
    "en",
    {
        "f.number.ask": ("Which number?",),
        "f.number.rest": ("I have {number:digits}.",),
        "f.visit.read_back": ("You come on {visit:moment}?",),
        "f.visit.rest_time": ("On {visit:day}, at what time?",),
        "f.visit.rest_day": ("At {visit:time}, on which day?",),
        "f.code.ask": ("Which code?",),
        "f.code.rest": ("And the rest?",),
        "f.gift.ask": ("Is it a gift?",),
        "f.move.confirm": ("Move {number:digits} because {why}?",),
        "f.told.done": ("It is {status}.",),
        "f.wish": ("moving",),
        "f.cancelled": ("Dropped.",),
        "f.wait": ("Wait.",),
        "flow.resume": ("Back to {wish}.",),
        "more": ("More?",),
    },
)
STATE = FlowState(
    "f", Step.ASKING, "number", {"number": "20261187", "why": "late"}, results={"look": {"status": "open"}}
)
MOVE = Do("move", {"number": "number", "why": "why"}, changes=True)
SPEECH = FlowSpeech(TEXTS, FLOW, STATE)


def test_digits_are_asked_for_one_by_one_and_what_is_there_counts() -> None:
    asked = SPEECH.asking(ev.Ask("number"), SURE)
    assert (asked.expects, asked.decision) == (Expectation.DICTATING, Decision.ACT)
    assert asked.entry is not None
    assert (asked.entry.length, asked.entry.secret) == (8, False)
    rest = SPEECH.asking(ev.AskRest("number", "2026"), SURE)
    assert rest.entry is not None
    assert rest.entry.length == 4
    assert rest.text == "I have 2 0 2 6."


def test_a_moment_is_said_whole_or_in_its_parts() -> None:
    assert SPEECH.asking(ev.ReadBack("visit", "2026-11-24T15:30"), SURE).text == (
        "You come on Tuesday, November 24 at 3:30 p.m.?"
    )
    assert SPEECH.asking(ev.AskRest("visit", "2026-11-24"), SURE).text == "On Tuesday, November 24, at what time?"
    assert SPEECH.asking(ev.AskRest("visit", "T15:00"), SURE).text == "At 3 p.m., on which day?"


def test_what_is_read_back_wants_a_yes_or_no() -> None:
    assert SPEECH.asking(ev.ReadBack("visit", "2026-11-24T15:30"), SURE).expects is Expectation.YES_NO
    assert SPEECH.asking(ev.Ask("gift"), SURE).expects is Expectation.YES_NO


def test_a_proposal_is_read_back_from_its_values() -> None:
    proposal = SPEECH.proposal(MOVE, {"number": "20261187", "why": "late"}, SURE)
    assert proposal.text == "Move 2 0 2 6, 1 1 8 7 because too late?"
    assert proposal.expects is Expectation.YES_NO


def test_a_result_is_told_with_its_action() -> None:
    (sentence,) = SPEECH.tell("told.done", SURE).sentences
    assert (sentence.text, sentence.action) == ("It is open.", "look")


def test_the_other_words() -> None:
    assert SPEECH.more(SURE).text == "More?"
    assert SPEECH.cancelled(SURE).text == "Dropped."
    assert SPEECH.back(SURE).text == "Back to moving."
    assert SPEECH.wait().expects is Expectation.LISTENING


def test_values_are_known_by_slot_by_field_and_by_action() -> None:
    assert values(FLOW, STATE, "en") == {
        "status": "open",
        "look.status": "open",
        "number": "20261187",
        "why": "too late",
    }


def test_a_secret_is_asked_for_as_such_and_never_said() -> None:
    asked = SPEECH.asking(ev.AskRest("code", "12"), SURE)
    assert asked.text == "And the rest?"
    assert asked.entry is not None
    assert (asked.entry.length, asked.entry.secret) == (4, True)
    given = replace(STATE, values={"code": "123456"})
    assert "code" not in values(FLOW, given, "en")


def test_whatever_is_answered_to_show_who_calls_is_masked() -> None:
    flow = replace(FLOW, identifies=Identifies(Identity.CODE, "check", "caller.customer"))
    asked = FlowSpeech(TEXTS, flow, STATE).asking(ev.Ask("number"), SURE)
    assert asked.entry is not None
    assert (asked.entry.secret, asked.entry.open_length) == (True, 8)


def test_two_replies_make_one_that_expects_what_the_last_expects() -> None:
    one = joined(SPEECH.cancelled(SURE), SPEECH.asking(ev.Ask("number"), SURE))
    assert one.text == "Dropped. Which number?"
    assert (one.expects, one.decision) == (Expectation.DICTATING, Decision.ACT)
    assert joined(None, one) == one
