"""A leg: one party's sound, keys and marks, whatever wire they came in by.

``MediaLeg`` is the one interface of every door; a session knows nothing else of telephony. Sound on it is linear PCM at
the leg's own rate, and time is media time.

Where the network behind a leg can move a call to another destination by itself, ``transfer`` asks it to
(``transfer.py``); where it cannot, whoever has the leg calls the destination and stays between (``trunk.py``).

Refuses: any word of a wire format, and any decision. A leg does not know whether its caller is being answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Protocol

from gateway.telephony.transfer import TransferMethod, TransferOrder, TransferOutcome
from infra.audio import AudioFrame

DUE_PARAMETER = "due"
"""The parameter of a leg under which our own webhook attaches what a call of ours is known by."""


@dataclass(frozen=True, slots=True)
class CallOffer:
    """A call that asks to be taken: the carrier's name for it, who calls (ANI), and the number dialled (DNIS). ``due``
    is what a call that we have placed ourselves is known by; empty when somebody calls us."""

    call_sid: str
    ani: str
    dnis: str
    protocol: str
    due: str = ""


@dataclass(frozen=True, slots=True)
class LegInfo:
    """What is known of a leg from its first moment on.

    ``leg_id`` names this leg on its wire (a stream id), ``call_sid`` is the carrier's name for the call, ``ani`` the
    caller's number and ``dnis`` the number dialled (empty when the carrier hides them), ``rate`` the sample rate in Hz
    of the PCM both ways, and ``parameters`` what the carrier or the webhook attached. ``headers`` is what the network
    said of the call beside that, by lower-case names of SIP headers (``p-asserted-identity``, ``diversion``,
    ``user-to-user`` (RFC 7433), ``x-…``), also where the wire is not SIP and calls them otherwise. All of it comes from
    outside: it is bounded by the door, and believed by nobody without a reason.
    """

    leg_id: str
    call_sid: str
    ani: str
    dnis: str
    protocol: str
    rate: int
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lead: float = 0.0
    """Seconds of sound that have to be on the way lest the far end runs dry: some wires take it in large pieces."""

    @property
    def offer(self) -> CallOffer:
        """The call as it is asked to be taken."""
        return CallOffer(call_sid=self.call_sid, ani=self.ani, dnis=self.dnis, protocol=self.protocol, due=self.due)

    @property
    def due(self) -> str:
        """What a call that we have placed ourselves is known by; empty when somebody calls us."""
        return self.parameters.get(DUE_PARAMETER, "")


class HangUpCause(Enum):
    """Who or what ended a leg."""

    FAR_END = "far_end"
    """The caller or the carrier hung up, in good order."""
    CONNECTION_LOST = "connection_lost"
    """The wire went away without a word."""
    IDLE = "idle"
    """The wire is open and silent: a far end that is half dead."""
    STALLED = "stalled"
    """The far end no longer takes what it is sent."""
    VIOLATION = "violation"
    """The far end broke the protocol."""
    OURS = "ours"
    """We hung up."""
    FAULT = "fault"
    """We failed: whoever heard or served the leg raised an error."""


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """Sound from the far end. Frames follow each other without overlap; see the codec for what it does about gaps."""

    frame: AudioFrame


@dataclass(frozen=True, slots=True)
class DtmfReceived:
    """The caller pressed a key (``0-9 * # A-D``); ``at`` is the media time in seconds up to which sound had arrived."""

    digit: str
    at: float


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """The far end played all that was sent before this mark, or threw it away after a ``clear``."""

    name: str


@dataclass(frozen=True, slots=True)
class HeldByFarEnd:
    """The far end put us on hold (``held``), or took us back: who is on hold hears nothing that is sent."""

    held: bool


@dataclass(frozen=True, slots=True)
class HungUp:
    """The leg is over. ``reason`` says so in words (for logs and people), ``cause`` in kind (for decisions)."""

    reason: str
    cause: HangUpCause = HangUpCause.FAR_END


LegEvent = MediaReceived | DtmfReceived | MarkPlayed | HeldByFarEnd | HungUp


class RefusalReason(Enum):
    """Why a call is not taken: no room for it now, or not wanted at all."""

    BUSY = "busy"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call is not taken. With an ``announcement`` (in ``language``) the caller is told so before the line ends."""

    reason: RefusalReason
    announcement: str = ""
    language: str = "ko"


class Admission(Protocol):
    """Whether calls are taken. Questions: they reserve nothing, and each door that a call passes asks them."""

    def room(self) -> Refusal | None:
        """``None`` while the node takes calls at all; asked before anything is known of a call or allocated for it."""

    def admit(self, offer: CallOffer, /) -> Refusal | None:
        """``None`` to take this call; a node without room refuses it here as well, in the line's language."""


Place = Callable[[], None]
"""A place that is kept for a call. Called once it is given up: in the stretch in which the call begins to be served, or
when it does not come."""


class PlaceKeeping(Admission, Protocol):
    """Admission for a wire on which some time passes between a call's being taken and its leg."""

    def keep(self, offer: CallOffer, /) -> Refusal | Place:
        """Take this call, or refuse it: whoever takes it is not turned away any more."""


class MediaLeg(Protocol):
    """One open leg. Only ``hang_up`` and ``transfer`` ever wait."""

    @property
    def info(self) -> LegInfo:
        """What is known of it."""

    @property
    def transfers(self) -> frozenset[TransferMethod]:
        """How the network behind it can move the call; empty where it cannot."""

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """From now on each thing that the far end does goes to ``hear``: on the loop, in order, never from within a
        call of the leg; what came before is told first. The last one is exactly one ``HungUp``, whoever ended the leg.

        If ``hear`` raises, the leg is ended as a fault of ours. Raises ``RuntimeError`` for a second listener.
        """

    def send(self, frame: AudioFrame) -> None:
        """Queue sound for the far end; never blocks. The queue is bounded: when it is full the new frame is dropped,
        and the next mark with it, for that mark would vouch for sound that nobody heard. After the end it does nothing.

        Raises ``ValueError`` for sound that is not at the leg's rate.
        """

    def mark(self, name: str) -> None:
        """Ask to be told (``MarkPlayed``) when all sound sent so far has been played; never blocks."""

    def clear(self) -> None:
        """Throw away all sound that was sent and not yet played. Marks that wait for it come back at once."""

    async def hang_up(self, reason: str) -> None:
        """End the leg and drop what was not sent yet; does nothing when it has ended already. Seconds at most."""

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        """Have the network move the call to another destination; the answer comes within ``order.within`` seconds.

        Nothing is raised for what goes wrong out there, and the leg stays open whatever comes of it: after
        ``Transferred`` its far end hangs up by itself, or it is ours to be ended. ``ValueError`` for a method that is
        not among ``transfers``.
        """
