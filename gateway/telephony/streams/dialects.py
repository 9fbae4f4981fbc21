"""The dialects of the media stream: one protocol, spoken by carrier after carrier with other names for the same things.

All of them send JSON text over a WebSocket: a start that says whose call it is, numbered chunks of sound in base64,
keys, marks that come back, a stop; and all take sound, marks and a clear. What differs is the table at the end of this
module, taken from the carriers' public documentation (``docs/carriers/`` says for each what was run). A further carrier
is a further row.

Refuses: reading and writing (``messages.py``), and what comes before the socket: webhooks, signatures
(``carriers.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.telephony.streams.encodings import L16_LITTLE, PCMA, PCMU, Encoding

TELEPHONE: Final = frozenset({8000})


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What the fields of messages are called."""

    stream: str
    call: str
    account: str
    sequence: str
    format: str
    rate: str
    parameters: str


@dataclass(frozen=True, slots=True)
class EventNames:
    """What those events are called whose names differ; ``cleared`` is empty where a clear is not confirmed."""

    play: str = "media"
    mark: str = "mark"
    marked: str = "mark"
    clear: str = "clear"
    cleared: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one carrier speaks.

    ``encodings`` are those of the caller's sound that are taken, by the carrier's words in lower case, the usual one
    first, at one of ``rates``; ``played`` is the encoding of ours where the carrier has another for that way.
    """

    name: str
    fields: FieldNames
    encodings: Mapping[str, Encoding]
    rates: frozenset[int] = TELEPHONE
    played: Encoding | None = None
    events: EventNames = EventNames()
    greets: bool = True
    """Whether a ``connected`` comes before the start."""
    in_order: bool = True
    """Whether messages come in the order of their numbers."""
    in_envelope: bool = True
    """Whether the start names its stream outside ``start`` as well."""
    in_start: bool = True
    """Whether the start names its stream within ``start``."""
    written_parameters: bool = False
    """Whether the start's parameters are one text, and stand beside ``start``."""
    says_numbers: bool = False
    """Whether the start says who calls whom."""
    addressed: bool = True
    """Whether what we say names the stream."""
    textual: bool = True
    """Whether numbers are written as strings; both are read."""
    tracked: bool = True
    """Whether sound says of which track it is."""
    flat_marks: bool = False
    """Whether a mark's name stands beside its event, and not within ``mark``."""
    marks_survive_clear: bool = True
    """Whether marks whose sound was cleared come back at once."""

    @property
    def encoding(self) -> str:
        """The carrier's word for its usual encoding."""
        return next(iter(self.encodings))

    @property
    def heard(self) -> Encoding:
        """How the caller's sound usually comes."""
        return self.encodings[self.encoding]

    def sent(self, heard: Encoding) -> Encoding:
        """How ours goes where the caller's comes like that."""
        return heard if self.played is None else self.played


_CAMEL: Final = FieldNames(
    stream="streamSid",
    call="callSid",
    account="accountSid",
    sequence="sequenceNumber",
    format="mediaFormat",
    rate="sampleRate",
    parameters="customParameters",
)
_SNAKE: Final = FieldNames(
    stream="stream_sid",
    call="call_sid",
    account="account_sid",
    sequence="sequence_number",
    format="media_format",
    rate="sample_rate",
    parameters="custom_parameters",
)

TWILIO: Final = Dialect(name="twilio", fields=_CAMEL, encodings=MappingProxyType({"audio/x-mulaw": PCMU}))

SIGNALWIRE: Final = Dialect(name="signalwire", fields=_CAMEL, encodings=MappingProxyType({"audio/x-mulaw": PCMU}))

TELNYX: Final = Dialect(
    name="telnyx",
    fields=FieldNames(
        stream="stream_id",
        call="call_control_id",
        account="user_id",
        sequence="sequence_number",
        format="media_format",
        rate="sample_rate",
        parameters="custom_parameters",
    ),
    encodings=MappingProxyType({"pcmu": PCMU, "audio/x-mulaw": PCMU, "pcma": PCMA}),
    played=PCMU,
    in_order=False,
    in_start=False,
    says_numbers=True,
    addressed=False,
)

PLIVO: Final = Dialect(
    name="plivo",
    fields=FieldNames(
        stream="streamId",
        call="callId",
        account="accountId",
        sequence="sequenceNumber",
        format="mediaFormat",
        rate="sampleRate",
        parameters="extra_headers",
    ),
    encodings=MappingProxyType({"audio/x-mulaw": PCMU}),
    events=EventNames(
        play="playAudio", mark="checkpoint", marked="playedStream", clear="clearAudio", cleared="clearedAudio"
    ),
    greets=False,
    in_envelope=False,
    written_parameters=True,
    textual=False,
    flat_marks=True,
    marks_survive_clear=False,
)

EXOTEL: Final = Dialect(
    name="exotel",
    fields=_SNAKE,
    encodings=MappingProxyType(
        {
            "audio/x-raw": L16_LITTLE,
            "raw/slin": L16_LITTLE,
            "slin": L16_LITTLE,
            "base64": L16_LITTLE,
            "audio/l16": L16_LITTLE,
            "audio/x-mulaw": PCMU,
        }
    ),
    rates=frozenset({8000, 16000, 24000}),
    says_numbers=True,
    tracked=False,
    marks_survive_clear=False,
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {dialect.name: dialect for dialect in (TWILIO, SIGNALWIRE, TELNYX, PLIVO, EXOTEL)}
)
