"""Which commands stand. Pure.

Whoever emitted them: a value that the caller did not say or key does not stand, an answer to a question that was
not asked does not stand, a guess below its threshold does not stand, and where a deterministic reading stands, a
head's guess of the same turn gives way. What remains is ordered by what must be heard first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from dialog.command import (
    Affirm,
    AskKnowledge,
    Cancel,
    Choose,
    Command,
    CorrectSlot,
    Deny,
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
from dialog.parsers.digits import read_digits
from dialog.parsers.text import tokens
from dialog.turn import CallerTurn
from dialog.understander import Listening

_POLITE_WORDS = 8
"""Small talk, repeat and goodbye that only a head believes in are short."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How sure a head must be of a command that it guesses (0..1), by what a wrong guess costs the caller."""

    flow: float = 0.45
    human: float = 0.6
    polite: float = 0.6
    knowledge: float = 0.5
    """Only where something else was asked for: below this, a remark is not taken for a question."""


def stand(
    commands: Sequence[Command], turn: CallerTurn, listening: Listening, bar: Bar | None = None
) -> tuple[Command, ...]:
    """The commands that stand, most urgent first; each kind at most once."""
    bar = bar or Bar()
    kept = [command for command in commands if _admissible(command, turn, listening, bar)]
    kept = _settle_conflicts(kept, listening, bar)
    first: dict[type, Command] = {}
    for command in sorted(kept, key=lambda command: (not command.source.deterministic, -command.confidence)):
        first.setdefault(type(command), command)
    return tuple(sorted(first.values(), key=_urgency))


def _urgency(command: Command) -> int:
    match command:
        case NoInput():
            return 0
        case HandOver():
            return 1
        case Cancel():
            return 2
        case CorrectSlot() | SetSlot():
            return 3
        case Choose():
            return 4
        case NotKnown():
            return 5
        case Deny() | Affirm():
            return 6
        case Repeat():
            return 7
        case Goodbye():
            return 8
        case StartFlow():
            return 9
        case SmallTalk():
            return 10
        case AskKnowledge():
            return 11
        case _:
            assert_never(command)


def _admissible(command: Command, turn: CallerTurn, listening: Listening, bar: Bar) -> bool:
    words = len(tokens(turn.text))
    match command:
        case SetSlot() | CorrectSlot():
            return _was_said(command, turn, listening)
        case Affirm() | Deny():
            return listening.yes_no or listening.more
        case Choose():
            return command.index < len(listening.choices)
        case Cancel() | NotKnown():
            return listening.flow is not None
        case HandOver():
            return command.source.deterministic or command.confidence >= bar.human
        case StartFlow():
            return command.source.deterministic or (command.confidence >= bar.flow and listening.flow != command.flow)
        case SmallTalk() | Repeat() | Goodbye():
            return command.source.deterministic or (command.confidence >= bar.polite and words <= _POLITE_WORDS)
        case AskKnowledge():
            return listening.slot is None or command.confidence >= bar.knowledge
        case NoInput():
            return turn.silent
        case _:
            assert_never(command)


def _was_said(command: SetSlot | CorrectSlot, turn: CallerTurn, listening: Listening) -> bool:
    """Whether the value is what the deterministic reader finds in the turn, too."""
    if command.source is Source.KEYS:
        return command.value == turn.digits.rsplit("*", 1)[-1].replace("#", "")
    length = listening.slot.length if listening.slot is not None else len(command.value)
    read = read_digits(turn.text, turn.language, length=length)
    return read is not None and read.value == command.value


def _settle_conflicts(kept: list[Command], listening: Listening, bar: Bar) -> list[Command]:
    """Drop what another command of the same turn makes void."""
    kinds = {type(command) for command in kept if command.source.deterministic}
    void: set[type] = set()
    if kinds & {SetSlot, CorrectSlot}:
        void |= {AskKnowledge, SmallTalk, NotKnown, Repeat, Affirm, Goodbye, Choose}
        if StartFlow not in kinds:
            void.add(StartFlow)
    if HandOver in {type(command) for command in kept}:
        return [command for command in kept if isinstance(command, HandOver)]
    if kinds & {Goodbye, Repeat, Cancel, NotKnown, Choose}:
        void |= {AskKnowledge, SmallTalk, StartFlow}
    if Goodbye in kinds and listening.flow is None:
        void |= {Deny, Affirm, NotKnown, Cancel}
    if NotKnown in kinds:
        void |= {Deny, Affirm}
    if kinds & {Affirm, Deny}:
        asks = any(isinstance(command, AskKnowledge) and command.confidence >= bar.knowledge for command in kept)
        void |= {Affirm, Deny} if asks and not listening.yes_no else {AskKnowledge, SmallTalk, StartFlow}
    return [command for command in kept if type(command) not in void or _beats(command, kinds)]


def _beats(command: Command, kinds: set[type]) -> bool:
    """A number said with the wish that needs it leaves the wish standing."""
    return isinstance(command, StartFlow) and SetSlot in kinds and command.source.deterministic
