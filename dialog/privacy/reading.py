"""A text as the search for personal data sees it: its written form, its runs of digits, its cues. Pure.

Refuses: looking for anything; each kind has a module of its own for that.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from dialog.privacy.cues import Cue, cues, nearest
from dialog.privacy.digit_runs import Run, runs
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.written import Written, written

_BESIDE = 6
"""Words that may stand beside an answer that is a number ("okay, …")."""

FAR = 72
"""Characters between a cue and the number behind it that is the next one."""

SHORTEST = 2
"""Digits of the shortest number that is looked for, a card's year of expiry."""

FORM = 3
"""How sure a find is: the number shows by itself what it is."""
NAMED = 2
"""Its form fits, and words beside it say what it is."""
GUESSED = 1
"""It looks like one, and nothing speaks against it."""


_IDENTIFIER = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{12,})(?![0-9A-Za-z])", re.I
)
"""What programs are identified by: UUIDs (RFC 9562), and hexadecimal numbers in which letters are."""
_DOCUMENT = re.compile(r"[A-F]\d{11,}", re.I)
_DOCUMENT_NAMED = re.compile(r"passport|licen[cs]e|여권|면허", re.I)
_IBAN = re.compile(r"[A-F]{2}\d{13,}")


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` is the original, ``language`` the one it is believed to be in, ``asked`` the kind that was asked for."""

    text: str
    language: str
    written: Written
    runs: tuple[Run, ...]
    cues: tuple[Cue, ...]
    asked: PersonalKind | None = None

    def cue(self, run: Run, start: int, end: int) -> Cue | None:
        """The cue that belongs to the digits ``start:end`` of a run: the nearest, else the last one before them, where
        no other number stands between."""
        found = nearest(self.cues, run.places[start], run.places[end - 1] + 1)
        if found is not None or start:
            return found
        place = bisect_right(self.cues, run.begin, key=lambda cue: cue.end)
        if not place or run.begin - self.cues[place - 1].end > FAR:
            return None
        earlier = bisect_left(self.runs, run.begin, key=lambda other: other.begin)
        apart = not earlier or self.runs[earlier - 1].begin < self.cues[place - 1].end
        return self.cues[place - 1] if apart else None

    def beside(self, run: Run, start: int, end: int) -> tuple[str, str]:
        """The characters of the written text right before and right behind those digits; a space at its ends."""
        before, behind = run.places[start] - 1, run.places[end - 1] + 1
        text = self.written.text
        return (text[before] if before >= 0 else " "), (text[behind] if behind < len(text) else " ")

    def pauses(self, run: Run, start: int, end: int) -> tuple[int, ...]:
        """How long the stretches between two places are that the speaker parted by more than a space."""
        text = self.written.text
        gaps = {at: text[run.places[at - 1] + 1 : run.places[at]] for at in run.cuts if start < at < end}
        cuts = [at for at, gap in gaps.items() if gap.strip() and gap != "."]
        return tuple(after - before for before, after in pairwise([start, *sorted(cuts), end]))

    def is_spoken(self, run: Run) -> bool:
        """Whether its digits are said in words."""
        return all(not self.text[start : start + 1].isdigit() for start in run.starts)

    def is_all(self, run: Run) -> bool:
        """Whether nothing else is said in the text but a word or two."""
        rest = f"{self.written.text[: run.begin]} {self.written.text[run.end :]}"
        return len(rest.split()) <= _BESIDE


@dataclass(frozen=True, slots=True)
class Piece:
    """Digits ``first:last`` of a run, and the kind as which they have been taken; None: as nothing yet."""

    run: Run
    first: int
    last: int
    taken: PersonalKind | None

    @property
    def digits(self) -> str:
        """The digits."""
        return self.run.digits[self.first : self.last]

    @property
    def begin(self) -> int:
        """Where the first stands in the written text."""
        return self.run.places[self.first]

    @property
    def end(self) -> int:
        """Where the written text goes on behind the last."""
        return self.run.places[self.last - 1] + 1

    @property
    def start(self) -> int:
        """Where the original begins to say them."""
        return self.run.starts[self.first]

    @property
    def stop(self) -> int:
        """Where the original has said them."""
        return self.run.ends[self.last - 1]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The characters ``start:end`` of the original may be of that kind, so surely."""

    start: int
    end: int
    kind: PersonalKind
    surety: int


def read(text: str, language: str, asked: PersonalKind | None = None) -> Reading:
    """Make a text ready to be searched. ``asked`` is the kind that the caller was asked for."""
    as_written = written(_without_identifiers(text))
    found = tuple(runs(as_written))
    numbers = sum(len(run.digits) for run in found) >= SHORTEST
    return Reading(text, language, as_written, found, cues(as_written, asked) if numbers else (), asked)


def _without_identifiers(text: str) -> str:
    """``text`` with a sign for each character of what identifies something in a program: its digits are nobody's."""
    return _IDENTIFIER.sub(lambda found: _blanked(found, text), text)


def _blanked(found: re.Match[str], text: str) -> str:
    document = _DOCUMENT.fullmatch(found.group()) and _DOCUMENT_NAMED.search(text)
    return found.group() if document or _IBAN.fullmatch(found.group()) else "_" * len(found.group())


def candidate(run: Run, start: int, end: int, kind: PersonalKind, surety: int) -> Candidate:
    """The digits ``start:end`` of a run as a candidate; where the caller corrected himself, all that he said of it."""
    if run.corrected is not None:
        start, end = (start, len(run.digits)) if start < run.corrected else (0, end)
    elif start and run.digits.startswith(run.digits[:start], start):
        start = 0  # begun, and begun again: 공일공, 네, 공일공 …
    return Candidate(run.starts[start], run.ends[end - 1], kind, surety)
