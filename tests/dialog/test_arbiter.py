"""What stands, whoever says it."""

from __future__ import annotations

from dialog.arbiter import Bar, stand
from dialog.command import (
    Affirm,
    AskKnowledge,
    Cancel,
    Choose,
    Command,
    Deny,
    Evidence,
    Goodbye,
    HandOver,
    NoInput,
    NotKnown,
    Repeat,
    SetSlot,
    SmallTalk,
    Source,
    StartFlow,
)
from dialog.flows.slot import Slot, SlotKind
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening

SLOT = Slot("order_number", SlotKind.DIGITS, 8, 0.8)
ASKING = Listening(flow="order_status", slot=SLOT)


def turn(text: str = "", **more: object) -> CallerTurn:
    return CallerTurn(1, text, "en", **more)  # type: ignore[arg-type]


def make(which: type, text: str, source: Source, confidence: float = 0.9, **fields: object) -> Command:
    made: Command = which(confidence=confidence, evidence=Evidence(text, 0, len(text)), source=source, **fields)
    return made


def kinds(commands: tuple[Command, ...]) -> list[type]:
    return [type(command) for command in commands]


def test_a_value_that_was_said_stands() -> None:
    text = "two zero two six one one eight seven"
    given = make(SetSlot, text, Source.MODEL, slot="order_number", value="20261187")
    assert stand([given], turn(text), ASKING) == (given,)


def test_a_value_that_was_not_said_does_not() -> None:
    text = "it begins with two zero"
    invented = make(SetSlot, text, Source.MODEL, slot="order_number", value="20261187")
    assert stand([invented], turn(text), ASKING) == ()


def test_a_keyed_value_must_be_what_was_keyed() -> None:
    right = make(SetSlot, "20261187", Source.KEYS, slot="order_number", value="20261187")
    wrong = make(SetSlot, "20261187", Source.KEYS, slot="order_number", value="20261188")
    assert stand([right], turn(digits="20261187#"), ASKING) == (right,)
    assert stand([wrong], turn(digits="20261187#"), ASKING) == ()


def test_a_yes_counts_only_where_something_was_asked() -> None:
    yes = make(Affirm, "yes", Source.PARSER)
    assert stand([yes], turn("yes"), Listening()) == ()
    assert stand([yes], turn("yes"), Listening(yes_no=True)) == (yes,)


def test_the_wish_for_a_person_silences_everything_else() -> None:
    text = "where is my order just give me an agent"
    commands = [
        make(StartFlow, text, Source.HEAD, flow="order_status"),
        make(HandOver, text, Source.PARSER),
        make(AskKnowledge, text, Source.HEAD, query=text),
    ]
    assert kinds(stand(commands, turn(text), Listening())) == [HandOver]


def test_guesses_below_their_bar_do_not_stand() -> None:
    text = "some words"
    guesses = [
        make(StartFlow, text, Source.HEAD, 0.2, flow="order_status"),
        make(HandOver, text, Source.HEAD, 0.2),
        make(SmallTalk, text, Source.HEAD, 0.2, kind="thanks"),
        make(AskKnowledge, text, Source.HEAD, 0.2, query=text),
    ]
    assert kinds(stand(guesses, turn(text), Listening())) == [AskKnowledge]
    assert kinds(stand(guesses, turn(text), Listening(), Bar(0.1, 0.1, 0.1, 0.1))) == [HandOver]


def test_small_talk_that_only_a_head_believes_in_is_short() -> None:
    text = "thank you but what i really would like to know is something else"
    commands = [make(SmallTalk, text, Source.HEAD, kind="thanks"), make(AskKnowledge, text, Source.HEAD, query=text)]
    assert kinds(stand(commands, turn(text), Listening())) == [AskKnowledge]


def test_within_a_flow_a_remark_is_no_question() -> None:
    text = "let me see"
    remark = make(AskKnowledge, text, Source.HEAD, 0.1, query=text)
    question = make(AskKnowledge, text, Source.HEAD, 0.9, query=text)
    assert stand([remark], turn(text), ASKING) == ()
    assert stand([question], turn(text), ASKING) == (question,)


def test_cancel_and_not_known_need_a_flow() -> None:
    commands = [make(Cancel, "never mind", Source.PARSER), make(NotKnown, "never mind", Source.PARSER)]
    assert stand(commands, turn("never mind"), Listening()) == ()
    assert kinds(stand(commands, turn("never mind"), ASKING)) == [Cancel, NotKnown]


def test_a_number_said_with_the_wish_leaves_both_standing() -> None:
    text = "where is order two zero two six one one eight seven"
    commands = [
        make(StartFlow, text, Source.PARSER, flow="order_status"),
        make(SetSlot, text, Source.PARSER, slot="order_number", value="20261187"),
        make(AskKnowledge, text, Source.HEAD, query=text),
    ]
    assert kinds(stand(commands, turn(text), Listening(slots=(SLOT,)))) == [SetSlot, StartFlow]


def test_what_was_asked_beats_a_question_that_only_looks_like_one() -> None:
    text = "no thanks"
    commands = [make(Deny, text, Source.PARSER), make(AskKnowledge, text, Source.HEAD, 0.1, query=text)]
    assert kinds(stand(commands, turn(text), Listening(more=True))) == [Deny]
    asking = [make(Deny, text, Source.PARSER), make(AskKnowledge, text, Source.HEAD, 0.9, query=text)]
    assert kinds(stand(asking, turn(text), Listening(more=True))) == [AskKnowledge]


def test_only_what_was_offered_can_be_chosen() -> None:
    chosen = make(Choose, "third", Source.PARSER, index=2)
    assert stand([chosen], turn("third"), Listening(choices=("a", "b"))) == ()


def test_silence_is_silence_only_in_a_silent_turn() -> None:
    silence = make(NoInput, "", Source.SESSION)
    assert stand([silence], turn(silent=True), Listening()) == (silence,)
    assert stand([silence], turn("hello"), Listening()) == ()


def test_deterministic_readings_come_before_surer_guesses_of_the_same_kind() -> None:
    parsed = make(Goodbye, "bye", Source.PARSER, 0.7)
    guessed = make(Goodbye, "bye", Source.HEAD, 0.99)
    assert stand([guessed, parsed], turn("bye"), Listening()) == (parsed,)


def test_repeat_voids_the_question_that_it_is_made_of() -> None:
    text = "what did you say"
    commands = [make(Repeat, text, Source.PARSER), make(AskKnowledge, text, Source.HEAD, query=text)]
    assert kinds(stand(commands, turn(text), Listening())) == [Repeat]
