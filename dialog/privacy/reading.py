"""A text as the search for personal data sees it: its written form, its runs of digits, its cues. Pure.

Refuses: looking for anything; each kind has a module of its own for that.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from dialog.privacy.cues import BEFORE, UNKNOWN, Cue, cues, last_before, right_behind
from dialog.privacy.digit_runs import Run, runs
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.written import Written, narrow, written

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
_SUM = re.compile(
    r"(?<![\d,.-])(?:[1-9]\d{0,2},\d{3}|[1-9],\d{3},\d{3})(?:\.\d{1,2})?(?![\d-]|[,.]\d|\s[A-Z][a-z]+\s[A-Z])"
)
"""An amount by its comma: no number is parted so that is told to anybody, but that of a house (1,204 Oak Street)."""
_DOCUMENT = re.compile(r"[A-F]\d{11,}", re.I)
_DOCUMENT_NAMED = re.compile(r"passport|licen[cs]e|여권|면허", re.I)
_IBAN = re.compile(r"[A-F]{2}\d{13,}")
_PAUSES = re.compile(
    r"\b(?:hold|hang)\s+on|\bbear\s+with|\bwith\s+me\b|\b(?:one|a|1)\s+(?:sec|second|moment|minute)|\blet\s+me|\bgive\s+me|\bwait\b|\bready\b"
    r"|\byou\s+(?:got|get|there|still|writing)|\bgot\s+(?:it|that)|\bsorry\b|\bglasses|\bto\s+(?:read|see)\b|\bat\s+the\s+door|\bringing|\bbarking"
    r"|\bcrying|\bsquint|\btiny\b|\bblurry|잠깐|잠시|가만|안경|글씨|적으|받아|뭐더라|보이",
    re.I,
)
"""What is said of the telling itself, or of what interrupts it."""
_A_NUMBER = 4
"""Digits of one that a word may have been said of: fewer are an amount or a count."""
_ALIKE = 7
"""Digits of two numbers of the same length that are rather of the same kind."""
_SEPARATES = re.compile(
    r"\b(?:how|what|when|why|do|did|does|can|will|for|to|in|at|from|by|with|was|were|are|of|than|or|r|per|have|has|had|paid|bought"
    r"|says|yesterday|today|months?|weeks?|years?|got\s+\w+ed|went)\b|(?:에서|까지|부터|하고|이랑|인데|는데|지만|으로)\s|^\s?(?:이|가|은|는|을|를|로|건|번)\s",
    re.I,
)
"""Behind these another number begins, as far as nothing says that it is the same."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` is the original, in ASCII where it was full-width, ``language`` the one it is believed to be in,
    ``asked`` the kind that was asked for."""

    text: str
    language: str
    written: Written
    runs: tuple[Run, ...]
    cues: tuple[Cue, ...]
    asked: PersonalKind | None = None

    def cue(self, run: Run, start: int, end: int) -> Cue | None:
        """The cue that belongs to the digits ``start:end`` of a run: the nearest, else the last one before them, where
        no other number stands between, or one of the same length, which is told instead of it or as well."""
        begin = run.places[start]
        before = self.before(begin, len(run.digits))
        distance = 0 if before is None or before.end == 0 else begin - before.end
        found = before if distance <= BEFORE else None
        if found is None:
            found = right_behind(self.written.text, self.cues, run.places[end - 1] + 1)
        if found is None and before is not None and not start:
            number = self._between(before, begin)
            if (number is None and distance <= FAR) or (number is not None and _alike(number, len(run.digits))):
                found = before
        return None if found is not None and found.name == UNKNOWN else found

    def is_called(self, run: Run) -> bool:
        """Whether a word that we do not know calls a number its own."""
        cue = self.before(run.begin, len(run.digits))
        return cue is not None and cue.name == UNKNOWN

    def before(self, begin: int, count: int) -> Cue | None:
        """The last cue before a number of so many digits that begins there. One that says that a number is nobody's
        says it of one: a number that a sentence goes on to is another, unless it is as long."""
        cue = last_before(self.cues, begin)
        if cue is None or cue.end == 0 or cue.kind is not None:
            return cue
        number = self._between(cue, begin)
        if number is None or len(number.digits) < _A_NUMBER or _alike(number, count):
            return cue
        return None if cue.name == UNKNOWN or separates(self.written.text, number.end, begin) else cue

    def _between(self, cue: Cue, begin: int) -> Run | None:
        """The last number between a cue and a place."""
        at = bisect_left(self.runs, begin, key=lambda other: other.begin)
        return self.runs[at - 1] if at and self.runs[at - 1].begin >= cue.end else None

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


def separates(text: str, start: int, end: int) -> bool:
    """Whether what stands there between two numbers parts them, rather than being said while the caller pauses."""
    gap = text[start:end]
    return _SEPARATES.search(gap) is not None and _PAUSES.search(gap) is None


def _alike(run: Run, count: int) -> bool:
    """Whether a number has as many digits, and enough of them to tell."""
    return len(run.digits) == count >= _ALIKE


def read(text: str, language: str, asked: PersonalKind | None = None) -> Reading:
    """Make a text ready to be searched. ``asked`` is the kind that the caller was asked for."""
    text = narrow(text)
    as_written = written(_without_identifiers(text))
    found = tuple(runs(as_written))
    numbers = sum(len(run.digits) for run in found) >= SHORTEST
    return Reading(text, language, as_written, found, cues(as_written, asked) if numbers else (), asked)


def _without_identifiers(text: str) -> str:
    """``text`` with a sign for each character of what identifies something in a program, and of amounts: their digits
    are nobody's."""
    if "," in text:
        text = _SUM.sub(lambda found: "_" * len(found.group()), text)
    return _IDENTIFIER.sub(lambda found: _blanked(found, text), text)


def _blanked(found: re.Match[str], text: str) -> str:
    document = _DOCUMENT.fullmatch(found.group()) and _DOCUMENT_NAMED.search(text)
    return found.group() if document or _IBAN.fullmatch(found.group()) else "_" * len(found.group())


def candidate(run: Run, start: int, end: int, kind: PersonalKind, surety: int) -> Candidate:
    """The digits ``start:end`` of a run as a candidate; where the caller corrected himself, all that he said of it."""
    if run.corrected is not None:
        start, end = 0, len(run.digits) if start < run.corrected else end
    elif start and run.digits.startswith(run.digits[:start], start):
        start = 0  # begun, and begun again: 공일공, 네, 공일공 …
    return Candidate(run.starts[start], run.ends[end - 1], kind, surety)
