"""A contact as it is judged: its events, in order, with the few questions that criteria ask of them.

Pure. Refuses: what no event says; a check that would have to guess does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.session.records import CallRecord, ContactEvent, EventKind

PEOPLE = frozenset({"agent", "supervisor"})
"""The owners of a call's control that are people."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something that was said: by whom (``caller``, ``bot``, ``person``), and the event that says so."""

    by: str
    text: str
    language: str
    event: ContactEvent


class Contact:
    """One contact that is over."""

    def __init__(self, record: CallRecord, events: Sequence[ContactEvent]) -> None:
        self.record = record
        self.events = tuple(events)

    def of(self, *kinds: EventKind, where: Callable[[dict[str, Any]], bool] | None = None) -> list[ContactEvent]:
        """The events of these kinds, in order, whose payload fits."""
        return [one for one in self.events if one.kind in kinds and (where is None or where(one.payload))]

    def before(self, event: ContactEvent, *kinds: EventKind) -> list[ContactEvent]:
        """Those that stand before an event."""
        return [one for one in self.of(*kinds) if one.seq < event.seq]

    @property
    def erased(self) -> bool:
        """Whether its words are gone: nobody can judge it any more."""
        return any(one.payload.get("erased") for one in self.events)

    @property
    def agents(self) -> tuple[str, ...]:
        """Who of the desk took part in it by talking, in the order in which they came."""
        joined = self.of(EventKind.AGENT_JOINED, where=lambda told: told.get("role") in PEOPLE)
        talked = self.of(EventKind.HANDOFF_ACCEPTED, EventKind.AGENT_TURN)
        who = [str(one.payload.get("agent", "")) for one in (*talked, *joined) if one.payload.get("mode") != "listen"]
        return tuple(dict.fromkeys(one for one in who if one))

    @property
    def with_person(self) -> bool:
        """Whether a person of the desk served the caller."""
        return bool(self.of(EventKind.HANDOFF_ACCEPTED, EventKind.AGENT_TURN))

    @property
    def with_bot(self) -> bool:
        """Whether the machine answered the caller."""
        return any(one.payload.get("turn", 0) for one in self.of(EventKind.REPLY_DECIDED))

    def spoken(self) -> Iterator[Spoken]:
        """What was said and heard, in order; of the machine what the caller heard of it."""
        decided = {one.payload.get("reply"): one.payload for one in self.of(EventKind.REPLY_DECIDED)}
        language = self.record.language
        for event in self.events:
            told, text = event.payload, str(event.payload.get("text") or "")
            match event.kind:
                case EventKind.CALLER_TURN:
                    language = str(told.get("language") or language)
                    yield Spoken("caller", text, language, event)
                case EventKind.AGENT_TURN:
                    yield Spoken("person", text, str(told.get("language") or language), event)
                case EventKind.REPLY_HEARD if text:
                    reply = decided.get(told.get("reply"), {})
                    yield Spoken("bot", text, str(reply.get("language") or language), event)

    def occupied(self) -> list[tuple[datetime, datetime]]:
        """The stretches in which the caller waits by agreement: on hold, or in a queue."""
        ends = {
            EventKind.CALL_HELD: (EventKind.CALL_RESUMED,),
            EventKind.HANDOFF_QUEUED: (
                EventKind.AGENT_JOINED,
                EventKind.HANDOFF_ACCEPTED,
                EventKind.HANDOFF_ABANDONED,
                EventKind.CALLBACK_REQUESTED,
            ),
        }
        found = []
        for begun in self.of(*ends):
            wanted = (*ends[EventKind(begun.kind)], EventKind.CALL_ENDED)
            end = next((one for one in self.of(*wanted) if one.seq > begun.seq), self.events[-1])
            found.append((begun.at, end.at))
        return found


def turn_of(event: ContactEvent) -> int | None:
    """The caller's turn that an event belongs to, where it says so."""
    turn = event.payload.get("turn")
    return turn if isinstance(turn, int) and not isinstance(turn, bool) and turn > 0 else None
