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
from dialog.flows.slot import SlotKind
from dialog.flows.values import keyed, may_be
from dialog.parsers.language import language
from dialog.parsers.text import tokens
from dialog.parsers.yes_no import is_plain_yes
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening

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
    """The commands that stand, most urgent first; each kind at most once, values once for each slot."""
    bar = bar or Bar()
    kept = [command for command in commands if _admissible(command, turn, listening, bar)]
    kept = _settle_conflicts(kept, listening, bar)
    first: dict[tuple[type, str], Command] = {}
    for command in sorted(kept, key=lambda command: (not command.source.deterministic, -command.confidence)):
        value_of = command.slot if isinstance(command, SetSlot | CorrectSlot) else ""
        first.setdefault((type(command), value_of), command)
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
        case Affirm():
            plain = command.source is Source.KEYS or is_plain_yes(turn.text, turn.language)
            return plain if listening.proposed else listening.yes_no or listening.more
        case Deny():
            return listening.yes_no or listening.more
        case Choose():
            return command.index < len(listening.choices)
        case Cancel():
            meant = listening.calls_off and language(turn.language).phrases.calls_off.search(
                command.evidence.text.lower()
            )
            return listening.flow is not None and not meant
        case NotKnown():
            return listening.flow is not None and not listening.proposed
        case HandOver():
            return command.source.deterministic or command.confidence >= bar.human
        case StartFlow():
            return command.source.deterministic or (command.confidence >= bar.flow and listening.flow != command.flow)
        case SmallTalk() | Repeat() | Goodbye():
            return command.source.deterministic or (command.confidence >= bar.polite and words <= _POLITE_WORDS)
        case AskKnowledge():
            free = listening.slot is None and not listening.proposed
            return free or command.confidence >= bar.knowledge
        case NoInput():
            return turn.silent
        case _:
            assert_never(command)


def _was_said(command: SetSlot | CorrectSlot, turn: CallerTurn, listening: Listening) -> bool:
    """Whether the value is what the deterministic reader finds in the turn, too."""
    slots = [slot for slot in listening.slots if slot.name == command.slot]
    if listening.slot is not None and listening.slot.name == command.slot:
        slots.insert(0, listening.slot)
    if command.source is Source.KEYS:
        pressed = turn.digits.rsplit("*", 1)[-1].replace("#", "")
        return any(keyed(slot, pressed, listening.today) == command.value for slot in slots)
    standing = listening.standing.get(command.slot)
    return any(may_be(slot, command.value, turn.text, turn.language, listening.today, standing) for slot in slots)


def _settle_conflicts(kept: list[Command], listening: Listening, bar: Bar) -> list[Command]:
    """Drop what another command of the same turn makes void."""
    kept = _with_something_to_fill(_without_mere_words(kept, listening, bar), listening)
    kinds = {type(command) for command in kept if command.source.deterministic}
    void: set[type] = set()
    if kinds & {SetSlot, CorrectSlot}:
        void |= {AskKnowledge, SmallTalk, NotKnown, Repeat, Affirm, Goodbye, Choose}
        if StartFlow not in kinds and listening.flow is not None:
            void.add(StartFlow)
    if HandOver in {type(command) for command in kept}:
        return [command for command in kept if isinstance(command, HandOver)]
    if kinds & {Goodbye, Repeat, Cancel, NotKnown, Choose}:
        void |= {AskKnowledge, SmallTalk, StartFlow}
    if Goodbye in kinds and listening.flow is None:
        void |= {Deny, Affirm, NotKnown, Cancel}
    if NotKnown in kinds:
        void |= {Deny, Affirm}
    if listening.proposed and kinds >= {Affirm, Cancel}:
        void |= {Affirm, Cancel}  # "yes, stop that" is neither
    if kinds & {Affirm, Deny}:
        asks = any(isinstance(command, AskKnowledge) and command.confidence >= bar.knowledge for command in kept)
        void |= {Affirm, Deny} if asks and not listening.yes_no else {AskKnowledge, SmallTalk, StartFlow}
    return [command for command in kept if type(command) not in void or _beats(command, kinds)]


def _with_something_to_fill(kept: list[Command], listening: Listening) -> list[Command]:
    """Values that belong to no flow, neither one under way nor one that is wanted, are left out."""
    if listening.flow is not None or any(isinstance(command, StartFlow) for command in kept):
        return kept
    return [command for command in kept if not isinstance(command, SetSlot | CorrectSlot)]


def _without_mere_words(kept: list[Command], listening: Listening, bar: Bar) -> list[Command]:
    """Where a name or an address was asked for, any words could be one: they give way to whatever else they mean."""
    if listening.slot is None or listening.slot.kind is not SlotKind.TEXT:
        return kept
    name = listening.slot.name
    wishes = (HandOver, Cancel, Repeat, Goodbye, NotKnown, StartFlow)
    otherwise = any(
        isinstance(command, wishes) or (isinstance(command, AskKnowledge) and command.confidence >= bar.knowledge)
        for command in kept
    )
    return [command for command in kept if not (otherwise and isinstance(command, SetSlot) and command.slot == name)]


def _beats(command: Command, kinds: set[type]) -> bool:
    """A number said with the wish that needs it leaves the wish standing."""
    return isinstance(command, StartFlow) and SetSlot in kinds and command.source.deterministic
