"""Lines that are sealed one with the other, so that whoever changes, removes or moves one is found out. Pure.

Each line bears its number (from 1), the seal of the line before, and its own: a SHA-256 over all of it. There is no
key: who can write everything can seal everything anew. What they cannot do is end in the same seal, so a head (the
number and seal of the latest line) that somebody else has kept shows it, and also that the end was cut off.

Refuses: knowing what lines say, and where they are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import orjson

GENESIS = "0" * 64
"""What the first line is sealed with."""


class Fault(StrEnum):
    """What is wrong with a line."""

    EDITED = "edited"
    """It does not say what was sealed."""
    MISSING = "missing"
    """Another line stands in its place: it was removed, or lines have changed places."""
    UNLINKED = "unlinked"
    """It was sealed with another line before it than the one that stands there."""
    REWRITTEN = "rewritten"
    """It is not the line of the head that was kept: from somewhere before it on everything was sealed anew."""
    CUT_OFF = "cut_off"
    """It is not there, though it was when a head was kept."""


@dataclass(frozen=True, slots=True)
class Head:
    """The number and the seal of a chain's latest line."""

    number: int
    digest: str


START = Head(0, GENESIS)
"""Of a chain without lines."""


@dataclass(frozen=True, slots=True)
class SealedLine:
    """One line: ``content`` is plain data."""

    number: int
    content: Sequence[object]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is not what was written, and how it shows."""

    number: int
    fault: Fault


def moment(at: datetime) -> str:
    """A time as it is sealed: in UTC."""
    return at.astimezone(UTC).isoformat()


def seal(number: int, content: Sequence[object], previous: str) -> str:
    """The seal of a line; the order of keys within does not matter."""
    return hashlib.sha256(orjson.dumps([number, *content, previous], option=orjson.OPT_SORT_KEYS)).hexdigest()


def sealed(head: Head, content: Sequence[object]) -> SealedLine:
    """The line that follows ``head``."""
    number = head.number + 1
    return SealedLine(number, content, head.digest, seal(number, content, head.digest))


class ChainCheck:
    """Reads a chain from its beginning, line by line, and says where it breaks for the first time."""

    def __init__(self, start: Head = START, kept: Iterable[Head] = ()) -> None:
        """``kept`` are heads that the chain had at earlier times."""
        self.head = start
        """The latest line that was right."""
        self._kept = {head.number: head.digest for head in kept if head.number > start.number}

    def take(self, line: SealedLine) -> Break | None:
        """The next line; what is wrong with it, if anything is. After that nothing more can be said of the chain."""
        expected = self.head.number + 1
        if line.number != expected:
            return Break(expected, Fault.MISSING)
        if line.digest != seal(line.number, line.content, line.previous):
            return Break(expected, Fault.EDITED)
        if line.previous != self.head.digest:
            return Break(expected, Fault.UNLINKED)
        if self._kept.get(expected, line.digest) != line.digest:
            return Break(expected, Fault.REWRITTEN)
        self.head = Head(expected, line.digest)
        return None

    def end(self) -> Break | None:
        """There are no more lines: whether there should be."""
        lost = [number for number in self._kept if number > self.head.number]
        return Break(self.head.number + 1, Fault.CUT_OFF) if lost else None


def broken_at(lines: Iterable[SealedLine], *, kept: Iterable[Head] = (), start: Head = START) -> Break | None:
    """The first break of a whole chain; None when there is none."""
    check = ChainCheck(start, kept)
    for line in lines:
        if (found := check.take(line)) is not None:
            return found
    return check.end()
