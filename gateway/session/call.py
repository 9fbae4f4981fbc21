"""The life of one call: offered, talking, waiting for a human, ended.

A pure machine; the table below is the whole of it. It decides what happens to the *call*; what is said and whose turn
it is are decided elsewhere.

Refuses: sound, text and the desk. It asks for a hand-over; the desk performs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from gateway.session.records import EndReason

QUEUE_UPDATE_EVERY = 25.0
"""Seconds between two words of comfort to a caller who waits for a human."""

QUEUE_PATIENCE = 120.0
"""Seconds after which a caller who waits is promised a call back instead."""


class State(Enum):
    """Where the call stands."""

    OFFERED = auto()
    TALKING = auto()
    QUEUED = auto()
    CLOSING = auto()
    """The last words are being played; then we hang up."""
    ENDED = auto()


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answered:
    """The media flows."""


@dataclass(frozen=True, slots=True)
class HandoverAnnounced:
    """The dialog decided that a human takes over, and the caller was told. ``desk_open``: somebody may come."""

    desk_open: bool


@dataclass(frozen=True, slots=True)
class ConversationOver:
    """The goodbye was heard."""


@dataclass(frozen=True, slots=True)
class FarewellHeard:
    """The closing words were played."""


@dataclass(frozen=True, slots=True)
class FarEndGone:
    """The caller or the wire is gone."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The node must stop."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that a call cannot do without is lost."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = Answered | HandoverAnnounced | ConversationOver | FarewellHeard | FarEndGone | ShutDown | Failed | Tick


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Greet:
    """Begin the conversation."""


@dataclass(frozen=True, slots=True)
class QueueHandoff:
    """Give the call to the desk."""


@dataclass(frozen=True, slots=True)
class StopTalking:
    """The dialog has nothing more to say in this call; what the caller says is not answered by it."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """Tell the waiting caller that they are not forgotten."""


@dataclass(frozen=True, slots=True)
class PromiseCallback:
    """Tell the caller that nobody is free and that they will be called back."""


@dataclass(frozen=True, slots=True)
class AbandonHandoff:
    """The caller is gone before a human came."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """The call takes too long: the dialog shall hand it over."""


@dataclass(frozen=True, slots=True)
class CloseRecord:
    """The call is over: close its record, and end the leg once that is durable."""

    reason: EndReason


Command = Greet | QueueHandoff | StopTalking | Comfort | PromiseCallback | AbandonHandoff | Escalate | CloseRecord


class Call:
    """The machine. Times are monotonic seconds handed in as ``now``; come back with ``Tick`` at ``deadline``."""

    def __init__(self, longest: float) -> None:
        """``longest``: seconds after which the automatic service ends a call."""
        self.state = State.OFFERED
        self.deadline: float | None = None
        self._longest = longest
        self._queued_at = 0.0

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event; return what to do, in order. An event that means nothing in this state changes nothing."""
        transition = _TABLE.get((self.state, type(event)))
        return transition(self, event, now) if transition else []

    # --- transitions --------------------------------------------------------------------------------------------------
    def _answer(self, _event: Event, now: float) -> list[Command]:
        self.state = State.TALKING
        self.deadline = now + self._longest
        return [Greet()]

    def _queue(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, HandoverAnnounced)
        if not event.desk_open:
            return [StopTalking(), QueueHandoff(), *self._promise_callback()]
        self.state = State.QUEUED
        self._queued_at = now
        self.deadline = now + QUEUE_UPDATE_EVERY
        return [StopTalking(), QueueHandoff()]

    def _too_long(self, _event: Event, _now: float) -> list[Command]:
        self.deadline = None
        return [Escalate()]

    def _wait_on(self, _event: Event, now: float) -> list[Command]:
        if now - self._queued_at >= QUEUE_PATIENCE:
            return self._promise_callback()
        self.deadline = now + QUEUE_UPDATE_EVERY
        return [Comfort()]

    def _promise_callback(self) -> list[Command]:
        self.state, self.deadline = State.CLOSING, None
        return [PromiseCallback()]

    def _hang_up(self, _event: Event, _now: float) -> list[Command]:
        return self._end(EndReason.COMPLETED)

    def _shut_down(self, _event: Event, _now: float) -> list[Command]:
        return [StopTalking(), *self._end(EndReason.SHUT_DOWN)]

    def _fail(self, _event: Event, _now: float) -> list[Command]:
        return [StopTalking(), *self._end(EndReason.FAILED)]

    def _gone(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, FarEndGone)
        abandoned: list[Command] = [AbandonHandoff()] if self.state is State.QUEUED else []
        return [StopTalking(), *abandoned, *self._end(event.reason)]

    def _end(self, reason: EndReason) -> list[Command]:
        self.state, self.deadline = State.ENDED, None
        return [CloseRecord(reason)]


_Transition = Callable[[Call, Event, float], list[Command]]

# Read it as the specification: in this state, on this event, do that. What is not here is ignored.
_TABLE: dict[tuple[State, type[Event]], _Transition] = {
    (State.OFFERED, Answered): Call._answer,
    (State.OFFERED, FarEndGone): Call._gone,
    (State.OFFERED, ShutDown): Call._shut_down,
    (State.OFFERED, Failed): Call._fail,
    (State.TALKING, HandoverAnnounced): Call._queue,
    (State.TALKING, ConversationOver): Call._hang_up,
    (State.TALKING, Tick): Call._too_long,
    (State.TALKING, FarEndGone): Call._gone,
    (State.TALKING, ShutDown): Call._shut_down,
    (State.TALKING, Failed): Call._fail,
    (State.QUEUED, Tick): Call._wait_on,
    (State.QUEUED, FarEndGone): Call._gone,
    (State.QUEUED, ShutDown): Call._shut_down,
    (State.QUEUED, Failed): Call._fail,
    (State.CLOSING, FarewellHeard): Call._hang_up,
    (State.CLOSING, FarEndGone): Call._gone,
    (State.CLOSING, ShutDown): Call._shut_down,
    (State.CLOSING, Failed): Call._fail,
}
