"""A model's opinion of a turn: typed commands with the caller's own words, or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from dialog.command import Affirm, AskKnowledge, Cancel, Command, Evidence, HandOver, SetSlot, Source, StartFlow
from dialog.errors import LanguageNotSpoken
from dialog.flows.slot import Slot, SlotKind
from dialog.models.generator import GeneratorUnavailable, Message
from dialog.models.prompt import Menu
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.schema import problems_of_schema
from dialog.turn import CallerTurn
from dialog.understanding.classifier import Judgement
from dialog.understanding.model_understander import (
    SCHEMA,
    Advised,
    AdvisedUnderstander,
    Dropped,
    ModelUnderstander,
    Reading,
    agreed,
    find_words,
    read_commands,
    unsure,
)
from dialog.understanding.understander import Listening, Understanding
from tests.virtual_time import run

MENU = Menu({"order_status": "looks an order up", "refund": "pays back"})
TURN = CallerTurn(1, "Has my parcel  left yet, the blue one?", "en")
CITY = Slot("city", SlotKind.DIGITS, length=3)
PIN = Slot("pin", SlotKind.DIGITS, length=4, secret=True)


def entry(command: str, words: str = "my parcel left", **more: str) -> dict[str, object]:
    return {"command": command, "flow": None, "slot": None, "value": None, "words": words, **more}


def answer(*entries: dict[str, object]) -> str:
    return json.dumps({"commands": list(entries)})


def head(confidence: float, flow: str = "order_status") -> StartFlow:
    return StartFlow(flow=flow, confidence=confidence, evidence=Evidence("", 0, 0), source=Source.HEAD)


def understood(*commands: Command, probability: float = 0.4, in_scope: float = 0.9) -> Understanding:
    return Understanding(commands, Judgement((("order_status", probability),), in_scope))


class Embedded:
    def __init__(self, understanding: Understanding) -> None:
        self.understanding = understanding

    async def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        return self.understanding


def test_the_schema_can_be_used() -> None:
    assert problems_of_schema(SCHEMA) == []


async def test_a_server_writes_commands_with_the_callers_own_words() -> None:
    generator = ScriptedGenerator(lambda messages: answer(entry("start_flow", flow="order_status")))
    (command,) = await ModelUnderstander(generator, {"en": MENU}).understand(TURN, Listening())
    assert isinstance(command, StartFlow)
    assert (command.flow, command.source) == ("order_status", Source.MODEL)
    assert TURN.text[command.evidence.start : command.evidence.end] == command.evidence.text == "my parcel  left"


@pytest.mark.parametrize(
    ("proposed", "reason"),
    [
        (entry("start_flow", flow="transfer_money"), Dropped.UNKNOWN_FLOW),
        (entry("start_flow"), Dropped.UNKNOWN_FLOW),
        (entry("start_flow", "I want a refund", flow="refund"), Dropped.NOT_SAID),
        (entry("ask_knowledge", ""), Dropped.NOT_SAID),
        (entry("affirm"), Dropped.UNKNOWN_COMMAND),
        (entry("run_action"), Dropped.UNKNOWN_COMMAND),
        (entry("set_slot", slot="account", value="blue"), Dropped.UNKNOWN_SLOT),
        (entry("set_slot", slot="pin", value="parcel"), Dropped.UNKNOWN_SLOT),
        (entry("set_slot", slot="city", value="12345678"), Dropped.NOT_SAID),
        (entry("cancel"), Dropped.NOTHING_UNDER_WAY),
    ],
)
def test_what_does_not_fit_is_dropped(proposed: dict[str, object], reason: Dropped) -> None:
    reading = read_commands(answer(proposed), TURN, Listening(slots=(CITY, PIN)), MENU)
    assert (reading.commands, reading.dropped) == ((), (reason,))


@pytest.mark.parametrize("text", ["", "[]", "no JSON", '{"commands": 3}', '{"commands": ["start"]}'])
def test_babble_is_dropped(text: str) -> None:
    assert read_commands(text, TURN, Listening(), MENU).dropped == (Dropped.NOT_READABLE,)


def test_good_commands_survive_beside_bad_ones() -> None:
    text = answer(
        entry("hand_over"),
        entry("affirm"),
        entry("set_slot", "the blue one", slot="city", value="BLUE"),
        entry("cancel"),
        entry("goodbye"),
    )
    reading = read_commands(text, TURN, Listening(flow="refund", slots=(CITY,)), MENU)
    assert [type(command) for command in reading.commands] == [HandOver, SetSlot, Cancel]
    assert isinstance(reading.commands[1], SetSlot) and reading.commands[1].value == "blue"


async def test_failures_and_babble_are_counted_and_nothing_follows_from_them() -> None:
    def fails(messages: Sequence[Message]) -> str:
        raise GeneratorUnavailable("down")

    for script, reason in ((fails, Dropped.MODEL_FAILED), (lambda messages: "hm", Dropped.MODEL_FAILED)):
        model = ModelUnderstander(ScriptedGenerator(script), {"en": MENU})
        assert await model.understand(TURN, Listening()) == ()
        assert model.dropped == {reason: 1}


def test_a_model_that_does_not_keep_to_its_limits_is_not_waited_for() -> None:
    hanging = ScriptedGenerator(lambda messages: answer(entry("goodbye")), pause=lambda: 60.0)
    model = ModelUnderstander(hanging, {"en": MENU}, seconds=1.2)
    assert run(model.read(TURN, Listening())) == Reading(dropped=(Dropped.MODEL_FAILED,))


async def test_a_model_of_our_own_scores_candidates() -> None:
    def second(messages: Sequence[Message]) -> str:
        assert "- B: pays back" in messages[0].text
        return "B"

    model = ModelUnderstander(ScriptedGenerator(second, scores_choices=True), {"en": MENU})
    (command,) = await model.understand(TURN, Listening())
    assert isinstance(command, StartFlow)
    assert (command.flow, command.confidence, command.evidence.text) == ("refund", pytest.approx(0.9), TURN.text)


async def test_none_of_them_and_no_preference_mean_nothing() -> None:
    for named in ("G", "?"):  # the last label is for nothing; without a preference all are equal
        model = ModelUnderstander(ScriptedGenerator(lambda _, n=named: n, scores_choices=True), {"en": MENU})  # type: ignore[misc]
        assert await model.understand(TURN, Listening()) == ()


async def test_what_is_under_way_can_be_cancelled_and_is_not_started_again() -> None:
    seen: list[str] = []

    def first(messages: Sequence[Message]) -> str:
        seen.append(messages[0].text)
        return "A"

    model = ModelUnderstander(ScriptedGenerator(first, scores_choices=True), {"en": MENU})
    (command,) = await model.understand(TURN, Listening(flow="order_status"))
    assert isinstance(command, StartFlow) and command.flow == "refund"
    assert "no longer wants" in seen[0] and "looks an order up" not in seen[0]


async def test_a_language_without_a_menu_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        await ModelUnderstander(ScriptedGenerator(lambda messages: ""), {}).understand(TURN, Listening())


@pytest.mark.parametrize(
    ("turn", "listening", "understanding", "expected"),
    [
        (TURN, Listening(), understood(head(0.3)), True),
        (TURN, Listening(), understood(head(0.9), probability=0.9), False),
        (TURN, Listening(), understood(head(0.3), probability=0.9, in_scope=0.2), True),
        (TURN, Listening(flow="identify", slot=PIN, slots=(PIN,)), understood(head(0.3)), False),
        (TURN, Listening(flow="identify", slots=(PIN,)), understood(head(0.3)), False),
        (TURN, Listening(slots=(PIN,)), understood(head(0.3)), True),
        (TURN, Listening(proposed=True), understood(head(0.3)), False),
        (CallerTurn(1, "", "en", silent=True), Listening(), understood(), False),
        (CallerTurn(1, "", "en", digits="1"), Listening(), Understanding(()), False),
    ],
)
def test_it_is_asked_only_when_unsure_and_never_where_it_must_not(
    turn: CallerTurn, listening: Listening, understanding: Understanding, expected: bool
) -> None:
    assert unsure(understanding, turn, listening) is expected


def test_a_deterministic_reading_is_not_doubted() -> None:
    yes = Affirm(confidence=0.9, evidence=Evidence("yes", 0, 3), source=Source.PARSER)
    assert not unsure(understood(yes), TURN, Listening())


def test_two_readers_that_agree_are_surer_than_either() -> None:
    stated = StartFlow(flow="refund", confidence=0.7, evidence=Evidence("", 0, 0), source=Source.MODEL)
    (strengthened,) = agreed((stated,), (head(0.5, "refund"),))
    assert strengthened.confidence == pytest.approx(0.85)
    assert agreed((stated,), (head(0.5, "order_status"),)) == (stated,)


async def test_the_opinion_stands_beside_the_embedded_reading() -> None:
    generator = ScriptedGenerator(lambda messages: answer(entry("ask_knowledge")))
    embedded = Embedded(understood(head(0.3)))
    advised = AdvisedUnderstander(embedded, ModelUnderstander(generator, {"en": MENU}))
    found = await advised.understand(TURN, Listening())
    assert [type(command) for command in found.understanding.commands] == [StartFlow, AskKnowledge]
    assert found.understanding.judgement == embedded.understanding.judgement
    assert found.reading is not None and [type(command) for command in found.reading.commands] == [AskKnowledge]
    embedded.understanding = understood(head(0.9), probability=0.95)
    assert await advised.understand(TURN, Listening()) == Advised(embedded.understanding)
    assert len(generator.asked) == 1


def test_words_are_found_where_they_stand() -> None:
    assert find_words("PARCEL left", "my parcel  left") == Evidence("parcel  left", 3, 15)
    assert find_words("left parcel", "my parcel left") is None
    assert find_words(None, "x") is None
