"""Moving a call to a target outside: the ways in their order, how long each is given, and what comes when all fail.

========================  ==========================================================================================
while                     the caller hears
========================  ==========================================================================================
a way is being tried      that they are being connected, then music, and every 25 s that it still rings
the network has an order  the same; their leg going by itself now means that they were moved
the target is asked       the same; whoever answered hears who calls, and may have to press a key
bridged                   the target, and it hears them; we go on recording, recognizing and helping
all ways have failed      why, in a sentence, and a choice; a choice that is not made twice is made for them
a message is taken        that it is recorded, then nothing until they have finished
========================  ==========================================================================================

Nobody is dropped: whatever happens out there leads to another way, to a choice, to our desk, to a promised call back or
back to the bot. A caller who hangs up ends all that is being tried.

A pure machine; the table at the end is the whole of it. Refuses: legs, clocks and words, and what may be called at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from gateway.session.targets import Acceptance, Afterwards, Otherwise, Settled, Target, Way
from gateway.telephony.transfer import TransferMethod
from gateway.telephony.trunk import Failure

NETWORK_WITHIN = 10.0
"""Seconds that a network is given to take an order."""

LEAVES_WITHIN = 8.0
"""Seconds within which a call leaves us once a network has taken the order; then we end our side of it."""

ACCEPT_WITHIN = 25.0
"""Seconds that whoever answered has to hear who calls and to press the key."""

CHOOSE_WITHIN = 45.0
"""Seconds for one asking of what shall be done, its words included."""

LONGEST_MESSAGE = 120.0
"""Seconds of a message."""

GRACE = 3.0
"""Seconds beyond a limit that somebody else keeps, before we no longer rely on them."""


class Choice(StrEnum):
    """What a caller may choose when nobody could be reached."""

    CALLBACK = "callback"
    DESK = "desk"
    BOT = "bot"
    MESSAGE = "message"


class Consent(Enum):
    """What has to be known of a caller before a message of theirs is recorded."""

    GIVEN = auto()
    """Nothing more: they know that the call is recorded, or are told so with the message."""
    TO_BE_ASKED = auto()
    """They must have chosen to leave one."""
    REFUSED = auto()
    """Nothing is ever recorded here."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before the first way: the target, by which means the network could move the call, whether we can
    call anybody, whether people answer at our desk now, and what a recorded message takes."""

    target: Target
    methods: frozenset[TransferMethod]
    trunk: bool
    desk_open: bool
    consent: Consent


class State(Enum):
    """Where a transfer stands."""

    READY = auto()
    ASKING_NETWORK = auto()
    LEAVING = auto()
    """The network took the order: the call is about to go."""
    RINGING = auto()
    SCREENING = auto()
    """Somebody answered, and is told who calls."""
    JOINING = auto()
    """The network is asked to join the caller with whoever answered."""
    BRIDGED = auto()
    CHOOSING = auto()
    TAKING_MESSAGE = auto()
    OVER = auto()


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Begin:
    """The hand-over is durable and the caller has been told."""


@dataclass(frozen=True, slots=True)
class NetworkTook:
    """The network took the order; ``confirmed``: the target has answered, too."""

    confirmed: bool


@dataclass(frozen=True, slots=True)
class NetworkRefused:
    """The network did not: ``code`` is its own number for why."""

    reason: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkSilent:
    """No answer came: the leg will show what became of the order."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody at the target picked up; the call to them may last for so many seconds from now on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """They know who calls, and want the call."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """Nobody at the target has the call: nobody picked up, or whoever did hung up again or pressed nothing."""

    failure: Failure
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class TargetLeft:
    """Whoever the caller was bridged to is gone."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The caller chose."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class NotChosen:
    """The caller said nothing, or nothing that was offered."""


@dataclass(frozen=True, slots=True)
class MessageOver:
    """The caller has finished their message."""


@dataclass(frozen=True, slots=True)
class PersonTook:
    """Somebody of our desk has taken the call meanwhile."""


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller's leg is over."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = (
    Begin
    | NetworkTook
    | NetworkRefused
    | NetworkSilent
    | Answered
    | Accepted
    | NotReached
    | TargetLeft
    | Chosen
    | NotChosen
    | MessageOver
    | PersonTook
    | CallerGone
    | Tick
)


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class AskNetwork:
    """Have the network move the call, and say so within these seconds."""

    method: TransferMethod
    within: float


@dataclass(frozen=True, slots=True)
class CallTarget:
    """Call the target, and let it ring for these seconds."""

    way: Way
    ring_seconds: float


@dataclass(frozen=True, slots=True)
class Screen:
    """Tell whoever answered who calls; with ``key`` they have to press one."""

    key: bool


@dataclass(frozen=True, slots=True)
class Join:
    """Have the network join the caller with whoever answered, and say so within these seconds."""

    within: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """Let the caller and whoever answered hear each other through us."""


@dataclass(frozen=True, slots=True)
class EndBridge:
    """The bridge has lasted as long as it may: let the target go."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End what is being tried: the call to the target, the leg of whoever answered, the wait for the network."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A way has failed: write it down."""

    way: Way
    failure: Failure
    reason: str
    code: int | None


@dataclass(frozen=True, slots=True)
class ExpectToLeave:
    """Whether the caller's leg ending by itself means from now on that they were moved."""

    leaving: bool


@dataclass(frozen=True, slots=True)
class AskCaller:
    """Tell the caller why nobody could be reached, and ask what shall be done; ``again``: they were not understood."""

    failure: Failure
    choices: tuple[Choice, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Ask for a message and record it."""


@dataclass(frozen=True, slots=True)
class Away:
    """The call is somebody else's: we are out. ``confirmed``: the target has answered."""

    way: Way
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ToDesk:
    """The caller waits for our own desk."""


@dataclass(frozen=True, slots=True)
class ToCallback:
    """The caller is promised a call back; ``message``: they left one."""

    message: bool


@dataclass(frozen=True, slots=True)
class ToBot:
    """The bot goes on; ``bridged``: after the caller was with the target."""

    bridged: bool


@dataclass(frozen=True, slots=True)
class EndCall:
    """All is said, by the target's policy."""


Command = (
    AskNetwork
    | CallTarget
    | Screen
    | Join
    | Bridge
    | EndBridge
    | GiveUp
    | Failed
    | ExpectToLeave
    | AskCaller
    | TakeMessage
    | Away
    | ToDesk
    | ToCallback
    | ToBot
    | EndCall
)

_METHODS: Mapping[Way, TransferMethod] = {Way.REFER: TransferMethod.REFER, Way.PROVIDER: TransferMethod.PROVIDER}

_FAILURES: Mapping[int, Failure] = {
    408: Failure.NO_ANSWER,
    480: Failure.NO_ANSWER,
    486: Failure.BUSY,
    487: Failure.NO_ANSWER,
    600: Failure.BUSY,
    603: Failure.DECLINED,
}
"""What SIP's numbers (RFC 3261, section 21) mean for a caller; all others: it could not be reached."""


class Transfer:
    """The machine. Times are monotonic seconds handed in as ``now``; come back with ``Tick`` at ``deadline``."""

    def __init__(self, plan: Plan) -> None:
        self.state = State.READY
        self.deadline: float | None = None
        self._plan = plan
        self._left = list(plan.target.ways)
        """The ways that were not tried yet."""
        self._way = plan.target.ways[0]
        self._failure = Failure.UNREACHABLE
        self._confirmed = False
        """Whether the target is known to have answered."""
        self._leaving = False
        """Whether an order is out that would end our leg by itself."""
        self._trusted = False
        """Whether a call that the network took counts as moved if it stays."""
        self._ends: float | None = None
        """When the call to whoever answered must be over."""
        self._asked = 0
        self._offered: tuple[Choice, ...] = ()

    @property
    def way(self) -> Way:
        """The way that is being tried, or was last."""
        return self._way

    @property
    def offered(self) -> tuple[Choice, ...]:
        """What the caller may choose now."""
        return self._offered if self.state is State.CHOOSING else ()

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event; return what to do, in order. An event that means nothing in this state changes nothing."""
        transition = _TABLE.get((self.state, type(event)))
        return transition(self, event, now) if transition else []

    # --- the ways -----------------------------------------------------------------------------------------------------
    def _begin(self, _event: Event, now: float) -> list[Command]:
        return self._next(now)

    def _next(self, now: float) -> list[Command]:
        """The next way that is possible here; those that are not are noted and passed over."""
        passed: list[Command] = []
        target = self._plan.target
        while self._left:
            self._way = self._left.pop(0)
            method = _METHODS.get(self._way)
            if method is None and self._plan.trunk:
                self._enter(State.RINGING, now + target.ring_seconds + GRACE)
                return [*passed, CallTarget(self._way, target.ring_seconds)]
            if method is not None and method in self._plan.methods:
                self._confirmed = self._trusted = False
                within = target.ring_seconds if target.settled is Settled.ANSWERED else NETWORK_WITHIN
                self._enter(State.ASKING_NETWORK, now + within + GRACE)
                return [*passed, *self._leave(), AskNetwork(method, within)]
            lacking = "we have no trunk" if method is None else "the caller's network cannot"
            passed.append(Failed(self._way, Failure.UNREACHABLE, lacking, None))
        return [*passed, *self._otherwise(now)]

    def _took(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, NetworkTook)
        self._confirmed = event.confirmed
        self._trusted = event.confirmed or self._plan.target.settled is Settled.ACCEPTED
        self._enter(State.LEAVING, now + (LEAVES_WITHIN if self._trusted else self._plan.target.ring_seconds))
        return []

    def _silent(self, _event: Event, now: float) -> list[Command]:
        """It may have taken the order and have lost the answer: then the leg goes by itself."""
        self._confirmed = self._trusted = False
        self._enter(State.LEAVING, now + LEAVES_WITHIN)
        return [GiveUp()]

    def _refused(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, NetworkRefused)
        return self._fail(_failure_of(event.code), event.reason, event.code, now)

    def _still_here(self, event: Event, now: float) -> list[Command]:
        """The call was about to leave, and has not. Whose word is enough is out of it; else the next way is tried."""
        if self._trusted:
            return self._away(event, now)
        return self._fail(Failure.NO_ANSWER, "the call did not leave", None, now)

    def _fail(self, failure: Failure, reason: str, code: int | None, now: float) -> list[Command]:
        self._failure = failure
        return [*self._stay(), GiveUp(), Failed(self._way, failure, reason, code), *self._next(now)]

    def _leave(self) -> list[Command]:
        self._leaving = True
        return [ExpectToLeave(True)]

    def _stay(self) -> list[Command]:
        was, self._leaving = self._leaving, False
        return [ExpectToLeave(False)] if was else []

    # --- whoever answers ----------------------------------------------------------------------------------------------
    def _answered(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, Answered)
        self._ends = now + event.seconds
        key = self._plan.target.accept is Acceptance.KEY
        if self._way is Way.BRIDGE and not key:
            return self._bridge(event, now)
        self._enter(State.SCREENING, now + ACCEPT_WITHIN)
        return [Screen(key)]

    def _accepted(self, _event: Event, now: float) -> list[Command]:
        if self._way is Way.ATTENDED and TransferMethod.ATTENDED in self._plan.methods:
            self._enter(State.JOINING, now + NETWORK_WITHIN + GRACE)
            self._confirmed = True  # whoever answered is there: that is more than a network's word
            return [*self._leave(), Join(NETWORK_WITHIN)]
        return self._bridge(_event, now)

    def _not_reached(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, NotReached)
        return self._fail(event.failure, event.reason, event.code, now)

    def _ran_out(self, _event: Event, now: float) -> list[Command]:
        return self._fail(Failure.NO_ANSWER, "nobody took it in time", None, now)

    def _joined(self, _event: Event, now: float) -> list[Command]:
        self._trusted = True
        self._enter(State.LEAVING, now + LEAVES_WITHIN)
        return []

    def _bridge(self, _event: Event, _now: float) -> list[Command]:
        self._enter(State.BRIDGED, self._ends)
        return [*self._stay(), Bridge()]

    def _lasted(self, _event: Event, _now: float) -> list[Command]:
        self.deadline = None
        return [EndBridge()]

    def _target_left(self, _event: Event, _now: float) -> list[Command]:
        self._enter(State.OVER, None)
        return [ToBot(bridged=True) if self._plan.target.afterwards is Afterwards.ASK else EndCall()]

    # --- when all have failed -----------------------------------------------------------------------------------------
    def _otherwise(self, now: float) -> list[Command]:
        consent = self._plan.consent
        match self._plan.target.otherwise:
            case Otherwise.ASK:
                return self._ask(self._choices(), now)
            case Otherwise.VOICEMAIL if consent is Consent.GIVEN:
                return self._message(now)
            case Otherwise.VOICEMAIL if consent is Consent.TO_BE_ASKED:
                return self._ask((Choice.CALLBACK, Choice.MESSAGE), now)
            case Otherwise.DESK if self._plan.desk_open:
                return self._done(ToDesk())
            case _:
                return self._done(ToCallback(message=False))

    def _choices(self) -> tuple[Choice, ...]:
        desk = (Choice.DESK,) if self._plan.desk_open else ()
        message = () if self._plan.consent is Consent.REFUSED else (Choice.MESSAGE,)
        return (Choice.CALLBACK, *desk, Choice.BOT, *message)

    def _ask(self, choices: tuple[Choice, ...], now: float) -> list[Command]:
        self._offered = choices
        self._asked += 1
        self._enter(State.CHOOSING, now + CHOOSE_WITHIN)
        return [AskCaller(self._failure, choices, again=self._asked > 1)]

    def _not_chosen(self, _event: Event, now: float) -> list[Command]:
        if self._asked < 2:
            return self._ask(self._offered, now)
        return self._done(ToDesk() if Choice.DESK in self._offered else ToCallback(message=False))

    def _chosen(self, event: Event, now: float) -> list[Command]:
        assert isinstance(event, Chosen)
        match event.choice:
            case choice if choice not in self._offered:
                return self._not_chosen(event, now)
            case Choice.DESK:
                return self._done(ToDesk())
            case Choice.BOT:
                return self._done(ToBot(bridged=False))
            case Choice.MESSAGE:
                return self._message(now)
            case _:
                return self._done(ToCallback(message=False))

    def _message(self, now: float) -> list[Command]:
        self._enter(State.TAKING_MESSAGE, now + LONGEST_MESSAGE)
        return [TakeMessage()]

    def _message_over(self, _event: Event, _now: float) -> list[Command]:
        """Also of a caller who hangs up: they have left it all the same."""
        return self._done(ToCallback(message=True))

    # --- ends ---------------------------------------------------------------------------------------------------------
    def _away(self, _event: Event, _now: float) -> list[Command]:
        return self._done(Away(self._way, self._confirmed))

    def _given_up(self, _event: Event, _now: float) -> list[Command]:
        return self._done(GiveUp())

    def _done(self, command: Command) -> list[Command]:
        self._enter(State.OVER, None)
        return [command]

    def _enter(self, state: State, deadline: float | None) -> None:
        self.state, self.deadline = state, deadline


def _failure_of(code: int | None) -> Failure:
    return Failure.UNREACHABLE if code is None else _FAILURES.get(code, Failure.UNREACHABLE)


_Transition = Callable[[Transfer, Event, float], list[Command]]

# Read it as the specification: in this state, on this event, do that. What is not here is ignored.
_TABLE: dict[tuple[State, type[Event]], _Transition] = {
    (State.READY, Begin): Transfer._begin,
    (State.READY, PersonTook): Transfer._given_up,
    (State.READY, CallerGone): Transfer._given_up,
    (State.ASKING_NETWORK, NetworkTook): Transfer._took,
    (State.ASKING_NETWORK, NetworkRefused): Transfer._refused,
    (State.ASKING_NETWORK, NetworkSilent): Transfer._silent,
    (State.ASKING_NETWORK, Tick): Transfer._silent,
    (State.ASKING_NETWORK, PersonTook): Transfer._given_up,
    (State.ASKING_NETWORK, CallerGone): Transfer._away,
    (State.LEAVING, Tick): Transfer._still_here,
    (State.LEAVING, CallerGone): Transfer._away,
    (State.RINGING, Answered): Transfer._answered,
    (State.RINGING, NotReached): Transfer._not_reached,
    (State.RINGING, Tick): Transfer._ran_out,
    (State.RINGING, PersonTook): Transfer._given_up,
    (State.RINGING, CallerGone): Transfer._given_up,
    (State.SCREENING, Accepted): Transfer._accepted,
    (State.SCREENING, NotReached): Transfer._not_reached,
    (State.SCREENING, Tick): Transfer._ran_out,
    (State.SCREENING, PersonTook): Transfer._given_up,
    (State.SCREENING, CallerGone): Transfer._given_up,
    (State.JOINING, NetworkTook): Transfer._joined,
    (State.JOINING, NetworkRefused): Transfer._bridge,
    (State.JOINING, NetworkSilent): Transfer._bridge,
    (State.JOINING, NotReached): Transfer._not_reached,
    (State.JOINING, Tick): Transfer._bridge,
    (State.JOINING, PersonTook): Transfer._given_up,
    (State.JOINING, CallerGone): Transfer._away,
    (State.BRIDGED, TargetLeft): Transfer._target_left,
    (State.BRIDGED, Tick): Transfer._lasted,
    (State.CHOOSING, Chosen): Transfer._chosen,
    (State.CHOOSING, NotChosen): Transfer._not_chosen,
    (State.CHOOSING, Tick): Transfer._not_chosen,
    (State.CHOOSING, PersonTook): Transfer._given_up,
    (State.CHOOSING, CallerGone): Transfer._given_up,
    (State.TAKING_MESSAGE, MessageOver): Transfer._message_over,
    (State.TAKING_MESSAGE, Tick): Transfer._message_over,
    (State.TAKING_MESSAGE, PersonTook): Transfer._given_up,
    (State.TAKING_MESSAGE, CallerGone): Transfer._message_over,
}
