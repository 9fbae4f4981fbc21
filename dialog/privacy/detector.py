"""Finds personal data in what is said or written, in Korean and English, and hides it. Pure and deterministic.

Numbers are found whether they are typed, recognized as digits or said in words, with spaces, signs and particles of any
kind between and behind them; a check digit makes a find surer and never clears what looks like one. Each kind has a
module that yields candidates; of those that overlap, the surer stays, then the longer.

Refuses: deciding what is hidden from whom; and remembering, which is ``confided``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dialog.privacy.accounts import accounts
from dialog.privacy.addresses import addresses
from dialog.privacy.card_details import card_details
from dialog.privacy.cards import cards
from dialog.privacy.documents import documents
from dialog.privacy.emails import emails
from dialog.privacy.ibans import ibans
from dialog.privacy.interrupted import interrupted
from dialog.privacy.kinds import PLACEHOLDER, Found, PersonalKind, replaced
from dialog.privacy.names import names
from dialog.privacy.phones import phones
from dialog.privacy.reading import SHORTEST, Candidate, Reading, read
from dialog.privacy.registration import registrations
from dialog.privacy.unexplained import completed

__all__ = ["Found", "find", "left_out", "redact", "without"]

_WINDOW = 1_500
"""Characters that are searched at once."""
_OVERLAP = 200
"""Characters that two windows share: longer than whatever is looked for, with its cue."""

_NUMBERS: tuple[Callable[[Reading], Iterator[Candidate]], ...] = (
    registrations,
    cards,
    card_details,
    documents,
    phones,
    accounts,
    ibans,
    interrupted,
)
_PLACES: tuple[Callable[[Reading], Iterator[Candidate]], ...] = (addresses,)
_WORDS: tuple[Callable[[Reading], Iterator[Candidate]], ...] = (emails, names)


def find(text: str, language: str, *, asked: PersonalKind | None = None, guess: bool = True) -> tuple[Found, ...]:
    """Everything personal in ``text``, in its order, apart from one another.

    ``language`` is the one that the text is believed to be in (numbers are read in all); ``asked`` is the kind that its
    speaker had just been asked for, where one was. ``guess`` takes long numbers for personal that nothing explains: in
    a caller's free words they are; in what systems and houses write they may be anything.
    """
    if len(text) > _WINDOW:
        return _in_windows(text, language, asked, guess=guess)
    reading = read(text, language, asked)
    found: list[Candidate] = []
    digits = sum(len(run.digits) for run in reading.runs)
    for family in (*(_NUMBERS if digits >= SHORTEST else ()), *(_PLACES if digits else ()), *_WORDS):
        found += family(reading)
    apart = _apart(found) if found else ()
    return completed(reading, apart) if guess and digits >= SHORTEST else apart


def _in_windows(text: str, language: str, asked: PersonalKind | None, *, guess: bool) -> tuple[Found, ...]:
    """The same for a long text, piece by piece, so that its length costs no more than its length."""
    found: list[Found] = []
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        for one in find(text[start : start + _WINDOW], language, asked=asked if start == 0 else None, guess=guess):
            moved = Found(start + one.start, start + one.end, one.kind)
            if not found or moved.start >= found[-1].end:
                found.append(moved)
            elif moved.end > found[-1].end:  # the window before had cut it off
                found[-1] = Found(found[-1].start, moved.end, moved.kind)
    return tuple(found)


def redact(text: str, language: str) -> str:
    """``text`` with everything personal replaced by its kind's placeholder."""
    return replaced(text, find(text, language, guess=False))


def redact_any(text: str) -> str:
    """``text``, in whichever language it is, with everything personal replaced by its kind's placeholder."""
    return redact(redact(text, "ko"), "en")


def without(text: str, language: str) -> str:
    """``text`` with everything personal left out: what may be searched for, where a placeholder would be one word more
    to look for."""
    return left_out(text, find(text, language))


def left_out(text: str, found: Sequence[Found]) -> str:
    """``text`` without each of ``found`` (in order, apart from one another), and without what stands for such a value
    already."""
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(text)]
    kept = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    plain = PLACEHOLDER.sub("", kept)
    return text if plain == text else " ".join(plain.split())


def _apart(candidates: list[Candidate]) -> tuple[Found, ...]:
    """The surest of those that overlap, the longest of those as sure: what may be a digit or a particle goes too."""
    candidates.sort(key=lambda one: (-one.surety, one.start - one.end, one.start))
    taken: list[Candidate] = []
    for one in candidates:
        if all(one.end <= other.start or other.end <= one.start for other in taken):
            taken.append(one)
    return tuple(Found(one.start, one.end, one.kind) for one in sorted(taken, key=lambda one: one.start))
