"""A call's SIP messages, kept for whoever has to find out why it went as it did: read, cleared of secrets, bounded.

The stack logs each message as ``RX UDP source -> destination``, a line feed, and the message as it was on the wire.
What is a secret is taken out before anything is kept: answers to digest challenges, SRTP keys (RFC 4568), passwords in
URIs, and keys pressed that came by INFO (a card's number is keyed in like that).

Refuses: clocks, files and threads (``trace_log.py``, ``trace_files.py``), and pictures (``trace_ladder.py``).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

MOST_MESSAGES: Final = 64
"""Entries that are kept of a call: its first half and its newest; what lay between is counted."""

MOST_CHARACTERS: Final = 4096
"""Characters that are kept of a message."""

HIDDEN: Final = "(hidden)"

_RECORD: Final = re.compile(r"(RX|TX) (\S+) (\S+) -> (\S+)\n(.+)", re.DOTALL)
_FOLDED: Final = re.compile(r"\r?\n[ \t]+")
_CALL_ID: Final = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_CREDENTIALS: Final = re.compile(
    r"^((?:proxy-)?authorization[ \t]*:[ \t]*)(\w+)([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_SAFE_PARAMETER: Final = re.compile(r'\b(username|realm|uri|algorithm|qop|nc)=("[^"]*"|[^\s,"]+)', re.IGNORECASE)
_SECRETS: Final = (
    re.compile(r"^(a=crypto:.*?\binline:)[^\r\n]*", re.MULTILINE),
    re.compile(r"^(a=(?:ice-pwd|key-mgmt):)[^\r\n]*", re.MULTILINE),
    re.compile(r"^(k=)[^\r\n]*", re.MULTILINE),
    re.compile(r"(\bsips?:[^\s@:;<>?]{1,128}:)[^\s@<>]{1,128}(?=@)", re.IGNORECASE),
)
_DTMF_INFO: Final = re.compile(r"^(?:content-type|c)[ \t]*:[ \t]*application/dtmf", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message: ``at`` in seconds since 1970, ``sent`` by us, from and to the addresses ``host:port``."""

    at: float
    sent: bool
    transport: str
    source: str
    destination: str
    text: str


@dataclass(frozen=True, slots=True)
class TracedNote:
    """What happened beside the messages (media began, a key was pressed; never which one)."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class TracedGap:
    """``missing`` entries that were not kept."""

    missing: int


TraceEntry = TracedMessage | TracedNote | TracedGap


def read_record(record: str, at: float) -> TracedMessage | None:
    """The message in a record of the stack's log; ``None`` where there is none in it (a keep-alive of empty lines)."""
    found = _RECORD.fullmatch(record)
    if found is None or not found[5].strip():
        return None
    way, transport, source, destination, text = found.groups()
    return TracedMessage(at, way == "TX", transport, source, destination, text)


def call_id(text: str) -> str | None:
    """The Call-ID of a message, by its long or its compact name (RFC 3261, 20.8)."""
    found = _CALL_ID.search(_head(text))
    return None if found is None else found[1]


def redacted(text: str) -> str:
    """The message without its secrets, its folded lines joined."""
    head, end, body = _parted(text)
    head = _CREDENTIALS.sub(_without_answer, _FOLDED.sub(" ", head))
    if body and _DTMF_INFO.search(head):
        body = HIDDEN
    whole = head + end + body
    for secret in _SECRETS:
        whole = secret.sub(rf"\g<1>{HIDDEN}", whole)
    return whole


def _without_answer(found: re.Match[str]) -> str:
    """A header with credentials: what they are for, but nothing by which they could be used again."""
    name, scheme, parameters = found.groups()
    kept = _SAFE_PARAMETER.findall(parameters) if scheme.lower() == "digest" else []
    return f"{name}{scheme} {', '.join([*(f'{key}={value}' for key, value in kept), HIDDEN])}"


def _parted(text: str) -> tuple[str, str, str]:
    """Header fields, the empty line, and the body."""
    for end in ("\r\n\r\n", "\n\n"):
        if end in text:
            return text.partition(end)
    return text, "", ""


def _head(text: str) -> str:
    return _parted(text)[0]


class CallTrace:
    """What is kept of one call."""

    def __init__(self) -> None:
        self._first: list[TracedMessage | TracedNote] = []
        self._newest: deque[TracedMessage | TracedNote] = deque(maxlen=MOST_MESSAGES // 2)
        self._missing = 0

    def add(self, entry: TracedMessage | TracedNote) -> None:
        """Keep one more; a message without its secrets, and not all of a long one."""
        if isinstance(entry, TracedMessage):
            entry = replace(entry, text=_shortened(redacted(entry.text)))
        if len(self._first) < MOST_MESSAGES // 2:
            self._first.append(entry)
            return
        self._missing += len(self._newest) == self._newest.maxlen
        self._newest.append(entry)

    def __iter__(self) -> Iterator[TraceEntry]:
        """Its entries, oldest first."""
        yield from self._first
        if self._missing:
            yield TracedGap(self._missing)
        yield from self._newest


def _shortened(text: str) -> str:
    more = len(text) - MOST_CHARACTERS
    return text if more <= 0 else f"{text[:MOST_CHARACTERS]}\r\n… {more} more characters"
