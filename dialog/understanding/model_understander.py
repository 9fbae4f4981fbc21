"""An understander that asks a language model, where the embedded one is unsure.

The model may only propose typed commands, each with the caller's own words that say so. A server that keeps to schemas
writes them; a model of our own has them scored against one another, as it cannot be held to a schema. Whatever does not
fit is dropped and counted. The arbiter then treats them as it treats every guess.

Refuses: yes and no (only deterministic readers may confirm), whatever is said in a flow that asks for secrets, turns in
which a proposed change awaits its yes, and waiting longer than a caller would.
"""

from __future__ import annotations

import asyncio
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dialog.command import (
    AskKnowledge,
    Cancel,
    Command,
    CorrectSlot,
    Evidence,
    Goodbye,
    HandOver,
    NotKnown,
    Repeat,
    SetSlot,
    Source,
    StartFlow,
)
from dialog.errors import LanguageNotSpoken
from dialog.models.generator import Generator, GeneratorError, Limits
from dialog.models.prompt import Menu, choosing, prompts, understanding
from dialog.turn import CallerTurn, Utterance
from dialog.understanding.understander import Listening, Understander, Understanding

SURE = 0.6
"""An embedded head at least this sure (intent times scope, 0..1) is not doubted."""
_STATED = 0.7
"""How far a command that a model wrote is believed, by hand: what a model says of its own certainty means nothing."""
_MOST_COMMANDS = 4
_LEAST_SCORED = 0.3
_TOKENS = 240


class Dropped(StrEnum):
    """Why something that a model proposed is no command."""

    NOT_READABLE = "not_readable"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_FLOW = "unknown_flow"
    UNKNOWN_SLOT = "unknown_slot"
    NOT_SAID = "not_said"
    NOTHING_UNDER_WAY = "nothing_under_way"
    MODEL_FAILED = "model_failed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a model's answer."""

    commands: tuple[Command, ...] = ()
    dropped: tuple[Dropped, ...] = ()


_PLAIN: Mapping[str, type[NotKnown | Cancel | Repeat | Goodbye | HandOver]] = {
    "not_known": NotKnown,
    "cancel": Cancel,
    "repeat": Repeat,
    "goodbye": Goodbye,
    "hand_over": HandOver,
}
_FLOW_BOUND = frozenset({"not_known", "cancel"})
_NAMES = ("ask_knowledge", "start_flow", "set_slot", "correct_slot", *_PLAIN)
_TEXT_OR_NOTHING = {"type": ["string", "null"]}
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "required": ["commands"],
    "properties": {
        "commands": {
            "type": "array",
            "maxItems": _MOST_COMMANDS,
            "items": {
                "type": "object",
                "required": ["command", "flow", "slot", "value", "words"],
                "properties": {
                    "command": {"enum": list(_NAMES)},
                    "flow": _TEXT_OR_NOTHING,
                    "slot": _TEXT_OR_NOTHING,
                    "value": _TEXT_OR_NOTHING,
                    "words": {"type": "string"},
                },
            },
        }
    },
}
"""What a model may write (see ``dialog.schema``)."""


class ModelUnderstander:
    """Asks ``generator`` what a turn means. ``menus`` holds what callers can have, by language; ``dropped`` counts."""

    def __init__(self, generator: Generator, menus: Mapping[str, Menu], *, seconds: float = 1.5) -> None:
        self._generator = generator
        self._menus = dict(menus)
        self._limits = Limits(tokens=_TOKENS, first_token=seconds, seconds=seconds)
        self.dropped: Counter[Dropped] = Counter()

    async def understand(
        self, turn: CallerTurn, listening: Listening, history: Sequence[Utterance] = ()
    ) -> tuple[Command, ...]:
        """The commands that the model finds in a turn; none when it fails. Raises ``LanguageNotSpoken``."""
        return (await self.read(turn, listening, history)).commands

    async def read(self, turn: CallerTurn, listening: Listening, history: Sequence[Utterance] = ()) -> Reading:
        """The same, with what was dropped. Raises ``LanguageNotSpoken``."""
        menu = self._menus.get(turn.language)
        if menu is None:
            raise LanguageNotSpoken(f"nobody said what callers can have in {turn.language!r}")
        ask = self._score if self._generator.scores_choices else self._write
        try:
            async with asyncio.timeout(self._limits.seconds):  # also where an engine does not keep to its limits
                reading = await ask(menu, turn, listening, history)
        except (GeneratorError, TimeoutError):
            reading = Reading(dropped=(Dropped.MODEL_FAILED,))
        self.dropped.update(reading.dropped)
        return reading

    async def _write(self, menu: Menu, turn: CallerTurn, listening: Listening, history: Sequence[Utterance]) -> Reading:
        messages = understanding(prompts(turn.language), menu, turn, listening, history)
        generation = await self._generator.generate(messages, self._limits, SCHEMA)
        return read_commands(generation.text, turn, listening, menu)

    async def _score(self, menu: Menu, turn: CallerTurn, listening: Listening, history: Sequence[Utterance]) -> Reading:
        words = prompts(turn.language)
        candidates = _candidates(words.commands, menu, listening)
        labels = string.ascii_uppercase[: len(candidates) + 1]
        options = dict(zip(labels, (*(meaning for _, meaning in candidates), words.nothing_meant), strict=True))
        messages = choosing(words, options, turn, listening, history)
        scores = await self._generator.score_choices(messages, labels, self._limits)
        best = max(range(len(labels)), key=lambda index: scores.probabilities[index])
        probability = scores.probabilities[best]
        if best == len(candidates) or probability < _LEAST_SCORED:
            return Reading()
        return Reading((candidates[best][0](turn, probability),))


@dataclass(frozen=True, slots=True)
class Advised:
    """What is understood in the end, and the model's part in it; None where it was not asked."""

    understanding: Understanding
    reading: Reading | None = None


class AdvisedUnderstander:
    """The embedded understander, and a model's opinion where that one is unsure."""

    def __init__(self, embedded: Understander, model: ModelUnderstander) -> None:
        self._embedded = embedded
        self._model = model

    async def understand(self, turn: CallerTurn, listening: Listening, history: Sequence[Utterance] = ()) -> Advised:
        """As ``Understander.understand``, but it may take as long as the model may. Raises ``LanguageNotSpoken``."""
        understood = await self._embedded.understand(turn, listening)
        if not unsure(understood, turn, listening):
            return Advised(understood)
        reading = await self._model.read(turn, listening, history)
        commands = (*understood.commands, *agreed(reading.commands, understood.commands))
        return Advised(replace(understood, commands=commands), reading)


def unsure(understood: Understanding, turn: CallerTurn, listening: Listening) -> bool:
    """Whether a model's opinion is worth its time, and may be asked for at all. Pure."""
    private = listening.flow is not None and any(slot.secret for slot in listening.slots)
    if private or listening.proposed or turn.silent or turn.digits or not turn.text.strip():
        return False
    if any(command.source.deterministic for command in understood.commands):
        return False
    judgement = understood.judgement
    return judgement is None or judgement.probability * judgement.in_scope < SURE


def agreed(opinion: Sequence[Command], embedded: Sequence[Command]) -> tuple[Command, ...]:
    """The model's commands, more sure where the embedded head proposes the same. Pure."""
    return tuple(_strengthened(command, embedded) for command in opinion)


def read_commands(text: str, turn: CallerTurn, listening: Listening, menu: Menu) -> Reading:
    """The commands in a model's JSON; what does not fit is dropped. Pure."""
    try:
        proposed = json.loads(text)["commands"]
        entries = [dict(entry) for entry in proposed[:_MOST_COMMANDS]]
    except (ValueError, KeyError, TypeError):
        return Reading(dropped=(Dropped.NOT_READABLE,))
    read = [_command(entry, turn, listening, menu) for entry in entries]
    return Reading(
        tuple(command for command in read if not isinstance(command, Dropped)),
        tuple(reason for reason in read if isinstance(reason, Dropped)),
    )


def find_words(words: object, text: str) -> Evidence | None:
    """Where ``words`` stand in ``text``; case and white space may differ. None where they do not."""
    if not isinstance(words, str) or not words.strip():
        return None
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    match = re.search(pattern, text, re.IGNORECASE)
    return None if match is None else Evidence(match.group(), match.start(), match.end())


def _command(entry: Mapping[str, object], turn: CallerTurn, listening: Listening, menu: Menu) -> Command | Dropped:
    name = entry.get("command")
    if name not in _NAMES:
        return Dropped.UNKNOWN_COMMAND
    evidence = find_words(entry.get("words"), turn.text)
    if evidence is None:
        return Dropped.NOT_SAID
    if name in _FLOW_BOUND and listening.flow is None:
        return Dropped.NOTHING_UNDER_WAY
    flow, slot, value = entry.get("flow"), entry.get("slot"), entry.get("value")
    match name:
        case "start_flow":
            if not isinstance(flow, str) or flow not in menu.flows:
                return Dropped.UNKNOWN_FLOW
            return StartFlow(flow=flow, confidence=_STATED, evidence=evidence, source=Source.MODEL)
        case "set_slot" | "correct_slot":
            if not isinstance(slot, str) or slot not in {one.name for one in listening.slots if not one.secret}:
                return Dropped.UNKNOWN_SLOT
            said = find_words(value, evidence.text)
            if said is None:
                return Dropped.NOT_SAID
            kind = SetSlot if name == "set_slot" else CorrectSlot
            return kind(slot=slot, value=said.text, confidence=_STATED, evidence=evidence, source=Source.MODEL)
        case "ask_knowledge":
            return AskKnowledge(query=turn.text, confidence=_STATED, evidence=evidence, source=Source.MODEL)
        case _:
            return _PLAIN[str(name)](confidence=_STATED, evidence=evidence, source=Source.MODEL)


Candidate = tuple[Callable[[CallerTurn, float], Command], str]


def _candidates(meanings: Mapping[str, str], menu: Menu, listening: Listening) -> list[Candidate]:
    """The whole commands that a turn may be, each with what it means. Values are not among them: parsers read those."""
    found: list[Candidate] = [
        (_starting(flow), meaning) for flow, meaning in menu.flows.items() if flow != listening.flow
    ]
    found.append((_asking, meanings["ask_knowledge"]))
    for name, kind in _PLAIN.items():
        if name not in _FLOW_BOUND or listening.flow is not None:
            found.append((_plainly(kind), meanings[name]))
    return found[: len(string.ascii_uppercase) - 1]


def _starting(flow: str) -> Callable[[CallerTurn, float], Command]:
    return lambda turn, sure: StartFlow(flow=flow, confidence=sure, evidence=_whole(turn), source=Source.MODEL)


def _asking(turn: CallerTurn, sure: float) -> Command:
    return AskKnowledge(query=turn.text, confidence=sure, evidence=_whole(turn), source=Source.MODEL)


def _plainly(
    kind: type[NotKnown | Cancel | Repeat | Goodbye | HandOver],
) -> Callable[[CallerTurn, float], Command]:
    return lambda turn, sure: kind(confidence=sure, evidence=_whole(turn), source=Source.MODEL)


def _whole(turn: CallerTurn) -> Evidence:
    return Evidence(turn.text, 0, len(turn.text))


def _strengthened(command: Command, embedded: Sequence[Command]) -> Command:
    """Two independent readers that agree are right unless both are wrong."""
    doubts = [1.0 - other.confidence for other in embedded if _means_the_same(command, other)]
    return replace(command, confidence=1.0 - (1.0 - command.confidence) * min(doubts, default=1.0))


def _means_the_same(one: Command, other: Command) -> bool:
    if isinstance(one, StartFlow) and isinstance(other, StartFlow):
        return one.flow == other.flow
    return type(one) is type(other) and not isinstance(one, SetSlot | CorrectSlot)
