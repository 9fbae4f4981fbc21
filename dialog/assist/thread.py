"""What a caller has said so far, as far as the next card leans on it: the topic, the values, what is wanted done. Pure.

It is begun from the record of the call, so that an agent who takes over goes on where the bot was, and grows with each
of the caller's turns. What is secret never gets into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialog.command import Command, CorrectSlot, SetSlot, StartFlow
from dialog.flows.slot import Slot, mend
from dialog.turn import MASK

CONTEXT = 4
"""Earlier questions about the same topic that are searched with."""

_DONE = "action.succeeded"
_UNDERSTOOD = "turn.understood"


@dataclass(frozen=True, slots=True)
class Thread:
    """The ``topic`` that a follow-up leans on, the questions ``asked`` about it, the ``flow`` that is wanted and not
    done yet, and the ``values`` given so far, by slot."""

    topic: str = ""
    asked: tuple[str, ...] = ()
    flow: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def leaning_on(self, topic: str, context: Sequence[str], words: str) -> Thread:
        """After a question was asked about ``topic``."""
        return replace(self, topic=topic, asked=(*context, words)[-CONTEXT:])

    def wanting(self, flow: str | None, given: Mapping[str, str]) -> Thread:
        """After a flow was wished for, or values were given; what was said later wins."""
        return replace(self, flow=flow, values={**self.values, **given})

    def unless_done(self, before: Thread, now: Thread) -> Thread:
        """This thread, which goes on from ``before``; where what was wanted then is done by ``now``, it is no more."""
        done = before.flow is not None and now.flow is None and self.flow == before.flow
        return replace(self, flow=None) if done else self

    def after(self, kind: str, payload: Mapping[str, Any], slots: Mapping[str, Slot]) -> Thread:
        """After an event of the call's record. ``slots`` are those of all flows, by name."""
        if kind == _UNDERSTOOD:
            return self._understood(payload.get("commands", ()), slots)
        if kind == _DONE and payload.get("name") == self.flow:
            return replace(self, flow=None)
        return self

    def _understood(self, commands: Sequence[Mapping[str, Any]], slots: Mapping[str, Slot]) -> Thread:
        thread = self
        for command in commands:
            match command:
                case {"command": "StartFlow", "flow": str(flow)}:
                    thread = replace(thread, flow=flow)
                case {"command": "AskKnowledge", "query": str(query)} if query != MASK:
                    thread = replace(thread, topic=query, asked=(query,))
                case {"command": "SetSlot" | "CorrectSlot", "slot": str(name), "value": str(value)} if value != MASK:
                    thread = thread.wanting(thread.flow, _mended(name, value, thread.values, slots))
                case _:
                    pass
        return thread


def given(commands: Sequence[Command], values: Mapping[str, str], slots: Mapping[str, Slot]) -> dict[str, str]:
    """The values among commands that stand, whole; part of one mends that which stood."""
    found: dict[str, str] = {}
    for command in commands:
        if isinstance(command, SetSlot | CorrectSlot):
            found |= _mended(command.slot, command.value, {**values, **found}, slots)
    return found


def wish(commands: Sequence[Command]) -> StartFlow | None:
    """The flow that is wished for among commands that stand."""
    return next((command for command in commands if isinstance(command, StartFlow)), None)


def _mended(name: str, value: str, values: Mapping[str, str], slots: Mapping[str, Slot]) -> dict[str, str]:
    slot = slots.get(name)
    if slot is None or slot.secret:
        return {}
    whole = mend(slot, values.get(name, ""), value)
    return {} if whole is None else {name: whole}
