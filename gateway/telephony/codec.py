"""A wire format without I/O, as every door and leg sees it: messages in, events out, messages for the far end.

``MediaCodec`` is the one interface of every wire format on a socket. What a codec encodes is sent as it is: ``str`` as
a text message, ``bytes`` as a binary one, or as text that is in UTF-8 already where the wire ``is_text`` alone.

Refuses: sockets, clocks and patience. That an opening has not come in time is the entrance's to notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.telephony.leg import LegEvent, LegInfo
from gateway.telephony.media_clock import GapCounts


@dataclass(frozen=True, slots=True)
class LegStarted:
    """The wire's first words say all: the leg is known."""

    info: LegInfo


@dataclass(frozen=True, slots=True)
class Introduced:
    """The wire's first words only say by what right: a ticket, good for one leg."""

    ticket: str


Opening = LegStarted | Introduced


@dataclass(frozen=True, slots=True)
class FlowControl:
    """The far end says that it has no more room for sound (``go_on`` false), or has room again."""

    go_on: bool


class WireEvent:
    """What one wire alone knows of; the leg that was made for it understands it."""

    __slots__ = ()


CodecEvent = Opening | LegEvent | FlowControl | WireEvent

Message = str | bytes | tuple[str | bytes, ...]
"""What is said on a wire at once; a tuple where one thing takes several messages."""


@dataclass(slots=True)
class WireCounts:
    """What was odd on the wire and was borne with."""

    unknown_events: int = 0
    sequence_gaps: int = 0
    """Messages that never came, by their sequence numbers."""
    sequence_repeats: int = 0
    """Messages whose sequence number was not above the one before."""


class MediaCodec(Protocol):
    """One stream. ``receive`` what comes from the socket; send what ``encode_*`` return."""

    @property
    def protocol(self) -> str:
        """The name of the wire in ``LegInfo.protocol``, logs and metrics: one of few."""

    @property
    def is_text(self) -> bool:
        """Whether all messages for the far end are text; if so, ``bytes`` are text in UTF-8."""

    @property
    def counts(self) -> WireCounts:
        """What was odd so far."""

    @property
    def gaps(self) -> GapCounts:
        """What the way did to the far end's sound."""

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; ``str`` is a text message of the socket, ``bytes`` a binary one. The first event is an
        ``Opening``, and none comes after it.

        Raises ``ProtocolViolation`` with the close code and reason that answer it, and nothing else, whatever the
        message holds; the codec is over then.
        """

    def encode_media(self, pcm: bytes) -> Message:
        """Sound for the far end: linear PCM at the leg's rate, any length. Raises ``ValueError`` for half a sample."""

    def encode_mark(self, name: str) -> Message | None:
        """Ask to be told when all sound before this has been played; ``None`` where the wire knows no marks."""

    def encode_clear(self) -> Message | None:
        """Have all sound thrown away that was not played yet; ``None`` where the wire has no word for it."""

    def encode_end(self, reason: str) -> str | bytes | None:
        """Our last word before the socket is closed; ``None`` where closing says it."""
