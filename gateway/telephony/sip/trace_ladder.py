"""A call's trace as a ladder: who sent what to whom and when, as a telephony engineer draws it.

One column for us and one for each address that spoke to us. A message is told by what matters of it: its method or
status, what its SDP offers (codecs, direction, encryption), where a REFER leads, why a BYE came; what was sent again is
marked. Where an offer has been answered, a line says which media flow.

Refuses: to be a decoder. Whoever needs all of a message has its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.telephony.sip.trace import TracedGap, TracedMessage, TracedNote, TraceEntry

WIDTH: Final = 44
"""Characters between two columns."""

_TIME: Final = 9
_US: Final = "gateway"
_STATIC: Final = {"0": "PCMU", "3": "GSM", "8": "PCMA", "9": "G722", "18": "G729"}
"""Payload types that need no ``rtpmap`` (RFC 3551, 6)."""

_KEYS: Final = "telephone-event"
_DIRECTIONS: Final = {
    "sendrecv": "both ways",
    "sendonly": "from us only",
    "recvonly": "to us only",
    "inactive": "silent",
}
"""The ways of sound (RFC 8866, 6.7) as they are for who says them."""


@dataclass(frozen=True, slots=True)
class Sdp:
    """What matters of a session description: where the audio goes, as what, which way, encrypted or not."""

    address: str
    port: int
    codecs: tuple[str, ...]
    direction: str
    secure: bool

    @property
    def sound(self) -> tuple[str, ...]:
        """The codecs that carry sound."""
        return tuple(codec for codec in self.codecs if codec != _KEYS)

    def __str__(self) -> str:
        way = "" if self.direction == "sendrecv" else f"{self.direction}: "
        keys = " dtmf" if _KEYS in self.codecs else ""
        return f"{way}{'SRTP ' if self.secure else ''}{' '.join(self.sound) or 'no codec'}{keys}"


def read_sdp(body: str) -> Sdp | None:
    """The first audio stream of a body (RFC 8866); ``None`` where there is none."""
    found = re.search(r"^m=audio (\d+)\S* (\S+)((?: \d+)*)", body, re.MULTILINE)
    if found is None:
        return None
    start = found.end()
    until = body.find("\nm=", start)
    stream = body[start : until if until >= 0 else len(body)]
    connection = re.findall(r"^c=IN IP[46] (\S+)", body[: found.start()] + stream, re.MULTILINE)
    names = dict(re.findall(r"^a=rtpmap:(\d+) ([^/\s]+)", stream, re.MULTILINE))
    codecs = (names.get(number, _STATIC.get(number, f"type {number}")) for number in found[3].split())
    directions = re.findall(rf"^a=({'|'.join(_DIRECTIONS)})\b", body[: found.start()] + stream, re.MULTILINE)
    return Sdp(
        address=connection[-1] if connection else "?",
        port=int(found[1]),
        codecs=tuple(dict.fromkeys(codecs)),
        direction=directions[-1] if directions else "sendrecv",
        secure="SAVP" in found[2],
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A message as far as a ladder tells it."""

    start: str
    headers: dict[str, str]
    body: str

    @property
    def status(self) -> str | None:
        """The status line's number and reason; ``None`` for a request."""
        return self.start.partition(" ")[2] if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """Of the request, or of the one that a response answers."""
        return self.start.split(" ", 1)[0] if self.status is None else self.header("cseq").rpartition(" ")[2]

    def header(self, name: str) -> str:
        """The first header field of this lower-case name; empty where there is none."""
        return self.headers.get(name, "")


_COMPACT: Final = dict(
    pair.split("=")
    for pair in "v=via f=from t=to i=call-id m=contact c=content-type l=content-length r=refer-to".split()
)
"""Compact names of header fields (RFC 3261, 7.3.3; RFC 3515), as far as a ladder tells them."""


def read_message(text: str) -> Message:
    """Take a message apart; whatever is not a header field is passed over."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    start, *lines = head.split("\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers.setdefault(_COMPACT.get(key, key), value.strip())
    return Message(start, headers, body)


def told(message: Message) -> str:
    """A message in some words."""
    sdp = read_sdp(message.body)
    words = message.status or message.method
    if message.status is not None:
        words += f" ({message.method})" if message.method != "INVITE" else ""
    details = [str(sdp)] if sdp is not None else []
    match message.method:
        case "INVITE" if message.status is None and ";tag=" in message.header("to"):
            words = "re-INVITE"
        case "REFER" if message.status is None:
            replaces = " with Replaces" if "replaces=" in message.header("refer-to").lower() else ""
            details.append(f"to {message.header('refer-to').strip('<>').partition('?')[0]}{replaces}")
        case "NOTIFY" if message.status is None and message.body.startswith("SIP/2.0 "):
            details.append(message.body.splitlines()[0].removeprefix("SIP/2.0 "))
        case "INFO" if message.status is None:
            details.append(message.header("content-type"))
        case _:
            pass
    if (reason := message.header("reason")) and message.status is None:
        details.append(reason)
    return f"{words} [{'; '.join(details)}]" if details else words


@dataclass(slots=True)
class _Ladder:
    """The lines as they are drawn."""

    others: list[str]
    begun: float
    lines: list[str] = field(default_factory=list)
    seen: set[tuple[str, str, str, str]] = field(default_factory=set)
    offer: tuple[bool, Sdp] | None = None
    media: str = ""

    def message(self, entry: TracedMessage) -> None:
        message = read_message(entry.text)
        words = told(message)
        key = (entry.source, message.start, message.header("cseq"), message.header("via"))
        if key in self.seen:
            words += " (again)"
        other = self.others.index(entry.destination if entry.sent else entry.source)
        arrow = _arrow(words, rightwards=entry.sent == (other > 0), long=max(other, 1))
        self.lines.append(f"{entry.at - self.begun:>{_TIME}.3f}  {self._rails(other, arrow)}")
        if key not in self.seen:
            self._media(entry, message)
        self.seen.add(key)

    def beside(self, at: float | None, words: str) -> None:
        """A line that is no message."""
        when = " " * _TIME if at is None else f"{at - self.begun:>{_TIME}.3f}"
        self.lines.append(f"{when}  {self._rails(None, '')}  {words}")

    def _rails(self, other: int | None, arrow: str) -> str:
        """The columns of a line, the first of the others left of us and the rest to our right."""
        parts = ["|"]
        for gap in range(len(self.others)):
            if other is None or gap != min(other, 1):
                if other is not None and 1 < gap <= other:
                    continue  # the arrow goes over this column
                parts.append(" " * WIDTH + "|")
            else:
                parts.append(arrow + "|")
        return "".join(parts)

    def _media(self, entry: TracedMessage, message: Message) -> None:
        """An offer and its answer (RFC 3264) say which media flow."""
        sdp = read_sdp(message.body)
        if sdp is None or message.method not in ("INVITE", "ACK", "UPDATE", "PRACK"):
            return
        if self.offer is None or self.offer[0] == entry.sent:
            self.offer = (entry.sent, sdp)
            return
        ours, theirs = (sdp, self.offer[1]) if entry.sent else (self.offer[1], sdp)
        self.offer = None
        kind = "SRTP" if ours.secure and theirs.secure else "RTP"
        ends = f"{theirs.address}:{theirs.port} and us at {ours.address}:{ours.port}"
        media = f"{kind} {' '.join(sdp.sound[:1]) or 'without a codec'} between {ends}, {_DIRECTIONS[ours.direction]}"
        if media != self.media:
            self.media = media
            self.beside(None, media)


def _arrow(words: str, *, rightwards: bool, long: int) -> str:
    """The words on an arrow that goes over ``long`` gaps between columns."""
    wide = long * WIDTH + long - 1
    shown = words if len(words) <= wide - 6 else f"{words[: wide - 7]}…"
    line = f" {shown} ".center(wide - 1, "-")
    return f"{line}>" if rightwards else f"<{line}"


def draw(entries: Iterable[TraceEntry]) -> str:
    """The ladder of a trace, one line for each message, note and gap; empty for an empty one."""
    entries = list(entries)
    timed = [entry for entry in entries if not isinstance(entry, TracedGap)]
    messages = [entry for entry in timed if isinstance(entry, TracedMessage)]
    if not messages:
        return ""
    others = list(dict.fromkeys(entry.destination if entry.sent else entry.source for entry in messages))
    ladder = _Ladder(others, timed[0].at)
    us = sorted({entry.source if entry.sent else entry.destination for entry in messages})
    names = [others[0], f"{_US} {' '.join(us)}", *others[1:]]
    for entry in entries:
        match entry:
            case TracedMessage():
                ladder.message(entry)
            case TracedNote():
                ladder.beside(entry.at, entry.text)
            case TracedGap():
                ladder.beside(None, f"… {entry.missing} entries were not kept …")
    heading = " " * (_TIME + 2) + "".join(f"{name:<{WIDTH + 1}}" for name in names).rstrip()
    return "\n".join([heading, *ladder.lines])
