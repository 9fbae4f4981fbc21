"""The dialects of raw streams: a socket with a text message that says whose call it is, and then bare sound.

Sound is linear PCM, 16 bits, little-endian, mono, in binary messages from the far end; what differs is the table at the
end of this module. A further platform is a further row.

====================  ===========================================================================================
vonage                Vonage's Voice API: each binary message for it has to be exactly 20 ms
jambonz               jambonz' ``listen`` with ``bidirectionalAudio.streaming``
freeswitch-fork       FreeSWITCH's mod_audio_fork as drachtio has it: sound for the caller is a file for each piece,
                      played by the dial plan's application
freeswitch-streaming  mod_audio_fork as jambonz builds it, with ``bidirectionalAudio_stream_enabled``: as jambonz
freeswitch-stream     FreeSWITCH's mod_audio_stream, whose playback (from 1.0.3) takes base64 in JSON
====================  ===========================================================================================

Sources: Vonage's guide to WebSockets; ``lib/tasks/listen.js`` of jambonz' feature server; ``mod_audio_fork`` in its
freeswitch-modules; the README of mod_audio_stream. ``docs/raw-streams.md`` says what of it was run.

Refuses: reading and writing (``codec.py``), and secrets (``door.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from gateway.telephony.playout import Pace

PREFIX: Final = "/telephony"


class Sound(Enum):
    """How sound for the far end is written."""

    FRAMES = auto()
    """Binary messages of exactly 20 ms."""
    BINARY = auto()
    """Binary messages of any length."""
    PLAY_AUDIO = auto()
    """mod_audio_fork's ``playAudio``, base64 in JSON."""
    STREAM_AUDIO = auto()
    """mod_audio_stream's ``streamAudio``, base64 in JSON."""


class RateIn(Enum):
    """Where the sample rate is said."""

    CONTENT_TYPE = auto()
    """``content-type`` of the opening: ``audio/l16;rate=16000``."""
    SAMPLE_RATE = auto()
    """``sampleRate`` of the opening; 8000 if it says none."""


@dataclass(frozen=True, slots=True)
class Said:
    """A kind of message of the far end's, and where in it what matters is: ``path`` of field names."""

    kind: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to the far end beside sound; ``None`` where it has no word for it."""

    mark: Callable[[str], Mapping[str, Any]] | None = None
    clear: Mapping[str, Any] | None = None
    end: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one platform speaks.

    ``opens`` is the kind of the first message, empty where that is metadata of any form. ``names`` are the opening's
    own names for ``call``, ``from`` and ``to``. Where the platform tells no ``marked``, sound is let go at ``pace``.
    """

    name: str
    path: str
    subprotocol: str | None
    opens: str
    rate_in: RateIn
    sound: Sound
    key: Said
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marked: Said | None = None
    cleared: str = ""
    words: Words = field(default_factory=Words)
    pace: Pace | None = None
    uses_minus_one: bool = False
    """Whether a sample of -1 means something else to the far end."""


def _typed(kind: str, **data: Any) -> Mapping[str, Any]:
    return MappingProxyType({"type": kind, "data": data} if data else {"type": kind})


_FORK: Final = Words(clear=_typed("killAudio"), end=_typed("disconnect"))
_STREAMED_FORK: Final = Words(lambda name: _typed("mark", name=name), _typed("killAudio"), _typed("disconnect"))
_FORK_KEY: Final = Said("dtmf", ("dtmf",))

VONAGE: Final = Dialect(
    "vonage",
    path=f"{PREFIX}/vonage/media",
    subprotocol=None,
    opens="websocket:connected",
    rate_in=RateIn.CONTENT_TYPE,
    sound=Sound.FRAMES,
    key=Said("websocket:dtmf", ("digit",)),
    marked=Said("websocket:notify", ("payload", "mark")),
    cleared="websocket:cleared",
    words=Words(
        mark=lambda name: {"action": "notify", "payload": {"mark": name}}, clear=MappingProxyType({"action": "clear"})
    ),
)
JAMBONZ: Final = Dialect(
    "jambonz",
    path=f"{PREFIX}/jambonz/media",
    subprotocol="audio.jambonz.org",
    opens="",
    rate_in=RateIn.SAMPLE_RATE,
    sound=Sound.BINARY,
    key=_FORK_KEY,
    names=MappingProxyType({"callSid": "call"}),
    marked=Said("mark", ("data", "name")),
    words=_STREAMED_FORK,
    uses_minus_one=True,
)
FREESWITCH_FORK: Final = Dialect(
    "freeswitch-fork",
    path=f"{PREFIX}/freeswitch/fork",
    subprotocol="audio.drachtio.org",
    opens="",
    rate_in=RateIn.SAMPLE_RATE,
    sound=Sound.PLAY_AUDIO,
    key=_FORK_KEY,
    names=MappingProxyType({"callid": "call", "uuid": "call"}),
    words=_FORK,
    pace=Pace(piece=0.2, lead=0.4),
)
FREESWITCH_STREAMING: Final = Dialect(
    "freeswitch-streaming",
    path=f"{PREFIX}/freeswitch/streaming",
    subprotocol="audio.drachtio.org",
    opens="",
    rate_in=RateIn.SAMPLE_RATE,
    sound=Sound.BINARY,
    key=_FORK_KEY,
    names=FREESWITCH_FORK.names,
    marked=Said("mark", ("data", "name")),
    words=_STREAMED_FORK,
    uses_minus_one=True,
)
FREESWITCH_STREAM: Final = Dialect(
    "freeswitch-stream",
    path=f"{PREFIX}/freeswitch/stream",
    subprotocol=None,
    opens="",
    rate_in=RateIn.SAMPLE_RATE,
    sound=Sound.STREAM_AUDIO,
    key=_FORK_KEY,
    names=FREESWITCH_FORK.names,
    pace=Pace(piece=0.1, lead=0.2),
)

DIALECTS: Final = (VONAGE, JAMBONZ, FREESWITCH_FORK, FREESWITCH_STREAMING, FREESWITCH_STREAM)
