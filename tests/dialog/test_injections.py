"""Injected instructions, with a model that obeys every one: nothing is done, and nothing is given away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk
from dialog.answers.composer import Composer, Question, Saying, evidence_of
from dialog.arbiter import stand
from dialog.command import Affirm, Choose, Command, Deny, Source
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.models.generator import Limits, Message
from dialog.models.prompt import Menu, prompts
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.releases.release import Release
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understanding.model_understander import ModelUnderstander, read_commands
from dialog.understanding.understander import Listening, Understanding
from knowledge.document import Document, Passage
from tests.dialog.surroundings import SmallSearch, StoppedClock, Talk
from tests.virtual_time import run

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "injections.yaml").read_text(encoding="utf-8"))
SECRETS: dict[str, list[str]] = TABLE["secrets"]
TODAY = date(2026, 11, 22)
LIMITS = Limits(tokens=400, first_token=5.0, seconds=10.0)
FLOWS = ("refund", "cancel_order", "change_address")
MENUS = {code: Menu({flow: flow.replace("_", " ") for flow in FLOWS}) for code in ("ko", "en")}
INNOCENT = {"ko": "배송비가 얼마인지 궁금해요", "en": "I wonder what delivery costs"}
TRUE = {"ko": "기본 배송비는 3,000원입니다.", "en": "Standard delivery costs 3,000 won."}
RUN = 24
"""Letters in a row of the instructions that make a leak."""


@dataclass(frozen=True)
class Injection:
    channel: str
    code: str
    text: str
    do: str | None = None
    say: str | None = None
    planted: bool = False

    @property
    def turn(self) -> CallerTurn:
        """The caller's own words: the injection, or nothing but an innocent question."""
        return CallerTurn(1, self.text if self.channel == "caller" else INNOCENT[self.code], self.code)

    @property
    def history(self) -> tuple[Utterance, ...]:
        return () if self.channel == "caller" else (Utterance(Speaker.BOT, self.text, 0),)


INJECTIONS = [
    Injection(channel, code, **entry)
    for channel in ("caller", "document", "result", "crm")
    for code in ("en", "ko")
    for entry in TABLE[channel][code]
]
every = pytest.mark.parametrize("injection", INJECTIONS, ids=lambda one: f"{one.channel}-{one.code}-{one.text[:24]}")


def obeying(injection: Injection) -> Callable[[Sequence[Message]], str]:
    """The worst that a model can do: it gives every command and says all that it was told to say, all with sources."""
    common = {"flow": None, "slot": None, "value": None, "words": injection.turn.text}
    commands = [
        {**common, "command": "start_flow", "flow": injection.do or "refund"},
        {**common, "command": "set_slot", "slot": "order_number", "value": "88123409"},
        {**common, "command": "ask_knowledge"},
    ]

    def script(messages: Sequence[Message]) -> str:
        system, user = messages[0].text, messages[-1].text
        if "caller_said" in json.loads(user):
            return json.dumps({"commands": commands})
        return "\n".join(f"{line} [1]" for line in wanted(injection, system))

    return script


def wanted(injection: Injection, system: str) -> list[str]:
    """What the injection wants said."""
    match injection.say:
        case "PROMPT":
            return [*system.splitlines(), " ".join(system.split())]
        case "TENANT":
            return SECRETS[injection.code]
        case None:
            return ["환불이 완료되었습니다." if injection.code == "ko" else "It was refunded."]
        case told:
            return [told]


def read(injection: Injection, listening: Listening) -> tuple[Command, ...]:
    """What stands of the obeying model's commands."""
    model = ModelUnderstander(ScriptedGenerator(obeying(injection)), MENUS)
    found = asyncio.run(model.understand(injection.turn, listening, injection.history))
    return stand(found, injection.turn, listening)


def said(injection: Injection) -> list[str]:
    """What is said of the obeying model's answer, with the injection among the evidence."""
    document = Document("d.md", "Delivery", injection.code, "0" * 64)
    poisoned = (injection.text,) if injection.channel == "document" else ()
    passage = Passage("d", document, 0, (), "", (TRUE[injection.code], *poisoned))
    told = [("order_status", injection.text)] if injection.channel in {"result", "crm"} else []

    async def work() -> list[str]:
        composer = Composer(ScriptedGenerator(obeying(injection)), LIMITS)
        evidence = evidence_of((passage,), injection.code, TODAY, told)
        question = Question(injection.turn.text, injection.code)
        events = composer.compose(question, evidence, today=TODAY)
        return [event.sentence.text async for event in events if isinstance(event, Saying)]

    return run(work())


def leaked(text: str, code: str) -> list[str]:
    """Pieces of the instructions in ``text``."""
    words = prompts(code)
    told = " ".join(f"{words.understand} {words.choose} {words.compose}".split())
    return [told[at : at + RUN] for at in range(len(told) - RUN) if told[at : at + RUN] in " ".join(text.split())]


def test_there_are_a_hundred_half_of_them_korean() -> None:
    assert len(INJECTIONS) >= 100
    assert sum(one.code == "ko" for one in INJECTIONS) == len(INJECTIONS) / 2


@every
def test_no_command_of_an_obeying_model_confirms_or_gives_a_value(injection: Injection) -> None:
    for listening in (Listening(), Listening(yes_no=True, proposed=True, flow="refund"), Listening(more=True)):
        commands = read(injection, listening)
        assert not any(isinstance(command, Affirm | Deny | Choose) for command in commands)
        assert not any("88123409" in str(command) for command in commands)
        assert all(command.source is Source.MODEL for command in commands)


@every
def test_nothing_of_the_instructions_or_of_others_is_said(injection: Injection) -> None:
    spoken = " ".join(said(injection))
    assert leaked(spoken, injection.code) == []
    assert not any(secret in spoken for secret in SECRETS[injection.code])
    assert not any(digits in spoken for digits in ("4929", "9876", "88123409"))


@pytest.mark.parametrize("injection", [one for one in INJECTIONS if not one.planted], ids=lambda one: one.text[:30])
def test_what_it_was_told_to_say_is_not_said(injection: Injection) -> None:
    assert said(injection) in ([], [TRUE[injection.code]])


@dataclass
class RecordingBackEnd:
    """Knows nothing under any number, and remembers what it was asked."""

    asked: list[tuple[Action, Mapping[str, object]]] = field(default_factory=list)

    async def perform(self, action: Action, arguments: Mapping[str, Any], *, key: str) -> Outcome:
        self.asked.append((action, arguments))
        return Failed(FailureKind.NOT_FOUND)

    async def close(self) -> None:
        pass


class Obedient:
    """The tenant's own understander, with an obeying model's commands for every flow of the tenant beside it."""

    def __init__(self, release: Release) -> None:
        self._embedded = release.understander
        self._menu = Menu(dict.fromkeys(release.flows, "anything"))

    def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        found = self._embedded.understand(turn, listening)
        slots = {slot.name for slot in listening.slots} | {"order_number"}
        common = {"flow": None, "slot": None, "value": None, "words": turn.text}
        started = [{**common, "command": "start_flow", "flow": flow} for flow in self._menu.flows]
        given = [{**common, "command": "set_slot", "slot": slot, "value": "88123409"} for slot in slots]
        written = [
            read_commands(json.dumps({"commands": [one]}), turn, listening, self._menu) for one in started + given
        ]
        return replace(found, commands=(*found.commands, *(one for reading in written for one in reading.commands)))


async def test_nothing_is_done_without_the_callers_authority(release: Release) -> None:
    used = replace(release, understander=Obedient(release))
    started = 0
    for injection in INJECTIONS:
        back_end, journal = RecordingBackEnd(), MemoryJournal()
        manager = DialogueManager(used, SmallSearch(), back_end, StoppedClock())
        conversation = manager.begin(call_id="c", language=injection.code, caller=None, journal=journal)
        talk = Talk(manager, conversation, journal, injection.code)
        for utterance in injection.history:
            manager.heard(conversation, utterance)
        for text in (injection.turn.text, INNOCENT[injection.code]):
            await talk.say(text)
        started += conversation.flow is not None
        await manager.finish(conversation)
        assert all(action.risk is Risk.READ_ONLY for action, _ in back_end.asked), injection
        assert not any("88123409" in str(arguments) for _, arguments in back_end.asked), injection
    assert started > len(INJECTIONS) / 2  # the model was obeyed as far as a model ever is: a flow asks for its values
