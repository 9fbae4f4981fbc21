"""The life of one call: offered, talking, waiting for a human here or outside, with one, ended.

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

SURVEY_PATIENCE = 60.0
"""Seconds after which a caller who was asked how it was is asked no longer."""

QUEUE_PATIENCE = 600.0
"""Seconds after which a caller who waits is promised a call back instead."""


class State(Enum):
    """Where the call stands."""

    OFFERED = auto()
    TALKING = auto()
    QUEUED = auto()
    TRANSFERRING = auto()
    """It is being moved to a target outside."""
    WITH_PERSON = auto()
    """A human has it."""
    SURVEYING = auto()
    """All was said, and the caller is asked how it was."""
    CLOSING = auto()
    """The last words are being played; then we hang up."""
    ENDED = auto()


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answered:
    """The media flows."""


@dataclass(frozen=True, slots=True)
class HandoverAnnounced:
    """The dialog decided that a human takes over, and the caller was told. ``desk_open``: somebody may come;
    ``elsewhere``: from a target outside."""

    desk_open: bool
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing sounds, and nothing is about to."""


@dataclass(frozen=True, slots=True)
class CallbackWanted:
    """Whoever waits would rather be called back, or nothing else is left; ``message``: they left one."""

    message: bool = False


@dataclass(frozen=True, slots=True)
class SentElsewhere:
    """Whoever has it in hand sends it to a target outside."""


@dataclass(frozen=True, slots=True)
class CallerAsked:
    """The caller is being asked something about the transfer, or leaves a message (``asked``); or no longer."""

    asked: bool


@dataclass(frozen=True, slots=True)
class ExpectedToLeave:
    """Whether a network is moving the call: if its leg ends by itself now, that was done."""

    leaving: bool


@dataclass(frozen=True, slots=True)
class MovedAway:
    """The call is somebody else's: we are out of it."""


@dataclass(frozen=True, slots=True)
class BackInLine:
    """Nobody outside took it: the caller waits for our own desk."""


@dataclass(frozen=True, slots=True)
class FarEndHeld:
    """The far end put us on hold, or took us back: what we say meanwhile nobody hears."""

    held: bool


@dataclass(frozen=True, slots=True)
class PersonTook:
    """A human has the call from now on."""


@dataclass(frozen=True, slots=True)
class PersonLost:
    """The human who had it is gone without a word: their desktop died."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The human who had it has put it into a queue: somebody else will take it."""


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The human who has it put the caller on hold, or took them back."""

    held: bool


@dataclass(frozen=True, slots=True)
class GivenBack:
    """The human who had it has given it back to the bot, which is to do this (empty: nothing in particular)."""

    instruction: str


@dataclass(frozen=True, slots=True)
class PersonEnded:
    """The human who had it has hung up."""


@dataclass(frozen=True, slots=True)
class ConversationOver:
    """The goodbye was heard; ``silent``: it was said because the caller says nothing any more."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """Whoever is asked how it was wants a person instead."""


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


Event = (
    Answered
    | HandoverAnnounced
    | Quiet
    | CallbackWanted
    | SentElsewhere
    | CallerAsked
    | ExpectedToLeave
    | MovedAway
    | BackInLine
    | FarEndHeld
    | PersonTook
    | PersonLost
    | PassedOn
    | HoldChanged
    | GivenBack
    | PersonEnded
    | ConversationOver
    | PersonWanted
    | FarewellHeard
    | FarEndGone
    | ShutDown
    | Failed
    | Tick
)


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Greet:
    """Begin the conversation."""


@dataclass(frozen=True, slots=True)
class QueueHandoff:
    """Give the call to the desk; ``elsewhere``: which keeps it, but asks nobody."""

    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move the call to its target, once its hand-over is durable."""


@dataclass(frozen=True, slots=True)
class StopTransfer:
    """Somebody has the call: try no further."""


@dataclass(frozen=True, slots=True)
class StillTrying:
    """Tell the caller that the target is still being tried."""


@dataclass(frozen=True, slots=True)
class StopTalking:
    """The dialog has nothing more to say in this call; what the caller says is not answered by it."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """Tell the waiting caller that they are not forgotten."""


@dataclass(frozen=True, slots=True)
class PromiseCallback:
    """Tell the caller that nobody is free and that they will be called back, or that their ``message`` is kept."""

    message: bool = False


@dataclass(frozen=True, slots=True)
class Apologize:
    """Tell the caller that the human was lost and another is being looked for."""


@dataclass(frozen=True, slots=True)
class AnnounceTransfer:
    """Tell the caller that somebody else will go on."""


@dataclass(frozen=True, slots=True)
class PlayMusic:
    """Let the caller hear that the line is alive, until there is something to say."""


@dataclass(frozen=True, slots=True)
class FallSilent:
    """Nothing more of what is being said or played."""


@dataclass(frozen=True, slots=True)
class TakeUpAgain:
    """The dialog goes on, and does this first (empty: it asks what is wanted)."""

    instruction: str


@dataclass(frozen=True, slots=True)
class LeaveDesk:
    """The call ends while it waits for a human or is with one."""


@dataclass(frozen=True, slots=True)
class AskSurvey:
    """Ask the caller how it was; ``person``: with the human who has just ended it."""

    person: bool


@dataclass(frozen=True, slots=True)
class Escalate:
    """The dialog shall hand the call over: it takes too long, or the caller ``asked`` for it."""

    asked: bool = False


@dataclass(frozen=True, slots=True)
class CloseRecord:
    """The call is over: close its record, and end the leg once that is durable."""

    reason: EndReason


Command = (
    Greet
    | QueueHandoff
    | Transfer
    | StopTransfer
    | StillTrying
    | StopTalking
    | Comfort
    | PromiseCallback
    | Apologize
    | AnnounceTransfer
    | PlayMusic
    | FallSilent
    | TakeUpAgain
    | LeaveDesk
    | AskSurvey
    | Escalate
    | CloseRecord
)


class Call:
    """The machine. Times are monotonic seconds handed in as ``now``; come back with ``Tick`` at ``deadline``."""

    def __init__(self, longest: float, surveyed: Callable[[bool], bool] = lambda person: False) -> None:
        """``longest``: seconds after which the automatic service ends a call; ``surveyed``: whether callers are asked
        how it was after a contact that a person (or else the automatic service) has ended."""
        self.state = State.OFFERED
        self.deadline: float | None = None
        self._longest = longest
        self._surveyed = surveyed
        self._queued_at = 0.0
        self._held = False
        """The caller is on hold: somebody of ours has put them there."""
        self._deaf = False
        """The far end has put us on hold."""
        self._asked = False
        self._leaving = False

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
        if event.elsewhere:
            return [StopTalking(), QueueHandoff(elsewhere=True), *self._transfer(now)]
        self._wait(now)
        return [StopTalking(), QueueHandoff()]

    def _transfer(self, now: float) -> list[Command]:
        self.state, self.deadline = State.TRANSFERRING, now + QUEUE_UPDATE_EVERY
        self._asked = self._leaving = False
        return [Transfer()]

    def _sent_elsewhere(self, _event: Event, now: float) -> list[Command]:
        return [StopTalking(), FallSilent(), *self._transfer(now)]

    def _still_trying(self, _event: Event, now: float) -> list[Command]:
        self.deadline = now + QUEUE_UPDATE_EVERY
        return [] if self._asked or self._deaf else [StillTrying()]

    def _caller_asked(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, CallerAsked)
        self._asked = event.asked
        return [FallSilent()] if event.asked else []

    def _expected_to_leave(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, ExpectedToLeave)
        self._leaving = event.leaving
        return []

    def _moved_away(self, _event: Event, _now: float) -> list[Command]:
        return self._end(EndReason.TRANSFERRED)

    def _back_in_line(self, _event: Event, now: float) -> list[Command]:
        self._wait(now)
        return [Comfort()]

    def _taken_meanwhile(self, event: Event, now: float) -> list[Command]:
        return [*self._taken(event, now), StopTransfer()]

    def _far_end_held(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, FarEndHeld)
        self._deaf = event.held
        return []

    def _wait(self, now: float) -> None:
        self.state = State.QUEUED
        self._queued_at = now
        self.deadline = now + QUEUE_UPDATE_EVERY

    def _too_long(self, _event: Event, _now: float) -> list[Command]:
        self.deadline = None
        return [Escalate()]

    def _wait_on(self, _event: Event, now: float) -> list[Command]:
        if now - self._queued_at >= QUEUE_PATIENCE:
            return self._promise_callback()
        self.deadline = now + QUEUE_UPDATE_EVERY
        return [] if self._deaf else [Comfort()]

    def _play_on(self, _event: Event, _now: float) -> list[Command]:
        transferring = self.state is State.TRANSFERRING and not self._asked
        return [PlayMusic()] if self.state is State.QUEUED or transferring or self._held else []

    def _call_back(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, CallbackWanted)
        return self._promise_callback(message=event.message)

    def _taken(self, _event: Event, _now: float) -> list[Command]:
        self.state, self.deadline = State.WITH_PERSON, None
        return [StopTalking(), FallSilent()]

    def _lost(self, _event: Event, now: float) -> list[Command]:
        self._wait(now)
        return [Apologize()]

    def _passed_on(self, _event: Event, now: float) -> list[Command]:
        self._wait(now)
        return [AnnounceTransfer()]

    def _given_back(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, GivenBack)
        self.state, self.deadline = State.TALKING, now + self._longest
        return [TakeUpAgain(event.instruction)]

    def _hold(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, HoldChanged)
        self._held = event.held
        return [PlayMusic() if event.held else FallSilent()]

    def _person_ended(self, _event: Event, now: float) -> list[Command]:
        if self.state is State.WITH_PERSON and self._surveyed(True):
            return [LeaveDesk(), FallSilent(), *self._survey(now, person=True)]
        return self._end(EndReason.COMPLETED)

    def _conversation_over(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, ConversationOver)
        asks = self._surveyed(False) and not event.silent
        return self._survey(now, person=False) if asks else self._hang_up(event, now)

    def _survey(self, now: float, *, person: bool) -> list[Command]:
        self.state, self.deadline = State.SURVEYING, now + SURVEY_PATIENCE
        self._held = False
        return [AskSurvey(person)]

    def _person_after_all(self, _event: Event, now: float) -> list[Command]:
        self.state, self.deadline = State.TALKING, now + self._longest
        return [Escalate(asked=True)]

    def _promise_callback(self, *, message: bool = False) -> list[Command]:
        self.state, self.deadline = State.CLOSING, None
        return [PromiseCallback(message)]

    def _hang_up(self, _event: Event, _now: float) -> list[Command]:
        return self._end(EndReason.COMPLETED)

    def _shut_down(self, _event: Event, _now: float) -> list[Command]:
        return [StopTalking(), *self._end(EndReason.SHUT_DOWN)]

    def _fail(self, _event: Event, _now: float) -> list[Command]:
        return [StopTalking(), *self._end(EndReason.FAILED)]

    def _gone(self, event: Event, _now: float) -> list[Command]:
        assert isinstance(event, FarEndGone)
        moved = self.state is State.TRANSFERRING and self._leaving and event.reason is EndReason.CALLER_HUNG_UP
        return [StopTalking(), *self._end(EndReason.TRANSFERRED if moved else event.reason)]

    def _end(self, reason: EndReason) -> list[Command]:
        leaving: list[Command] = [LeaveDesk()] if self.state in _AT_DESK else []
        self.state, self.deadline = State.ENDED, None
        return [*leaving, CloseRecord(reason)]


_AT_DESK = frozenset({State.QUEUED, State.TRANSFERRING, State.WITH_PERSON})

_Transition = Callable[[Call, Event, float], list[Command]]

# Read it as the specification: in this state, on this event, do that. What is not here is ignored.
_TABLE: dict[tuple[State, type[Event]], _Transition] = {
    (State.OFFERED, Answered): Call._answer,
    (State.OFFERED, FarEndGone): Call._gone,
    (State.OFFERED, ShutDown): Call._shut_down,
    (State.OFFERED, Failed): Call._fail,
    (State.TALKING, HandoverAnnounced): Call._queue,
    (State.TALKING, ConversationOver): Call._conversation_over,
    (State.TALKING, Tick): Call._too_long,
    (State.TALKING, FarEndGone): Call._gone,
    (State.TALKING, ShutDown): Call._shut_down,
    (State.TALKING, Failed): Call._fail,
    (State.TALKING, PersonTook): Call._taken,
    (State.TALKING, SentElsewhere): Call._sent_elsewhere,
    (State.TALKING, FarEndHeld): Call._far_end_held,
    (State.QUEUED, PersonTook): Call._taken,
    (State.QUEUED, CallbackWanted): Call._call_back,
    (State.QUEUED, SentElsewhere): Call._sent_elsewhere,
    (State.QUEUED, FarEndHeld): Call._far_end_held,
    (State.QUEUED, Quiet): Call._play_on,
    (State.QUEUED, Tick): Call._wait_on,
    (State.QUEUED, FarEndGone): Call._gone,
    (State.QUEUED, ShutDown): Call._shut_down,
    (State.QUEUED, Failed): Call._fail,
    (State.TRANSFERRING, PersonTook): Call._taken_meanwhile,
    (State.TRANSFERRING, CallerAsked): Call._caller_asked,
    (State.TRANSFERRING, ExpectedToLeave): Call._expected_to_leave,
    (State.TRANSFERRING, MovedAway): Call._moved_away,
    (State.TRANSFERRING, BackInLine): Call._back_in_line,
    (State.TRANSFERRING, CallbackWanted): Call._call_back,
    (State.TRANSFERRING, GivenBack): Call._given_back,
    (State.TRANSFERRING, PersonEnded): Call._person_ended,
    (State.TRANSFERRING, FarEndHeld): Call._far_end_held,
    (State.TRANSFERRING, Quiet): Call._play_on,
    (State.TRANSFERRING, Tick): Call._still_trying,
    (State.TRANSFERRING, FarEndGone): Call._gone,
    (State.TRANSFERRING, ShutDown): Call._shut_down,
    (State.TRANSFERRING, Failed): Call._fail,
    (State.WITH_PERSON, SentElsewhere): Call._sent_elsewhere,
    (State.WITH_PERSON, FarEndHeld): Call._far_end_held,
    (State.WITH_PERSON, PersonLost): Call._lost,
    (State.WITH_PERSON, PassedOn): Call._passed_on,
    (State.WITH_PERSON, HoldChanged): Call._hold,
    (State.WITH_PERSON, Quiet): Call._play_on,
    (State.WITH_PERSON, GivenBack): Call._given_back,
    (State.WITH_PERSON, PersonEnded): Call._person_ended,
    (State.WITH_PERSON, FarEndGone): Call._gone,
    (State.WITH_PERSON, ShutDown): Call._shut_down,
    (State.WITH_PERSON, Failed): Call._fail,
    (State.SURVEYING, PersonTook): Call._taken,
    (State.SURVEYING, SentElsewhere): Call._sent_elsewhere,
    (State.SURVEYING, PersonWanted): Call._person_after_all,
    (State.SURVEYING, FarewellHeard): Call._hang_up,
    (State.SURVEYING, FarEndHeld): Call._far_end_held,
    (State.SURVEYING, Tick): Call._hang_up,
    (State.SURVEYING, FarEndGone): Call._gone,
    (State.SURVEYING, ShutDown): Call._shut_down,
    (State.SURVEYING, Failed): Call._fail,
    (State.CLOSING, PersonTook): Call._taken,
    (State.CLOSING, SentElsewhere): Call._sent_elsewhere,
    (State.CLOSING, FarewellHeard): Call._hang_up,
    (State.CLOSING, FarEndGone): Call._gone,
    (State.CLOSING, ShutDown): Call._shut_down,
    (State.CLOSING, Failed): Call._fail,
}
