"""When which words of the original text sound: from an engine's word events, or estimated from the length of the words.

Pure. Marks always point at whole blank-separated words of the original; several of them share one mark where they are
said as one thing ("November 21, 2026").

Refuses: sound. It sees times and characters only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tts.normalizer import Spoken
from tts.speech import SpeechMark

_WORD: Final = re.compile(r"\S+")
_HANGUL: Final = re.compile(r"[가-힣]")
_VOWELS: Final = re.compile(r"[aeiouyAEIOUY]+")
_PAUSES: Final = {",": 1.0, ";": 1.5, ":": 1.0, ".": 2.0, "!": 2.0, "?": 2.0}


@dataclass(frozen=True, slots=True)
class WordStart:
    """The spoken word at character ``position`` of the clause begins ``at`` seconds into the clause."""

    position: int
    at: float


@dataclass(frozen=True, slots=True)
class Group:
    """Words of the original, ``start:end``, whose speech begins at character ``spoken`` of the spoken text."""

    start: int
    end: int
    spoken: int


def groups(source: str, spoken: Spoken) -> tuple[Group, ...]:
    """The words of the original in groups that are said one after the other. Empty if nothing is said."""
    words = [match.span() for match in _WORD.finditer(source)]
    made: list[Group] = []
    for match in _WORD.finditer(spoken.text):
        start, end = spoken.source_of(match.start(), match.end())
        touched = [word for word in words if word[0] < end and word[1] > start]
        if not touched:
            continue
        first, last = touched[0][0], touched[-1][1]
        if made and first < made[-1].end:  # more of the words that are already being said
            made[-1] = Group(made[-1].start, max(made[-1].end, last), made[-1].spoken)
        else:
            made.append(Group(first, last, match.start()))
    # Words that nobody says (an emoji) belong to what is said before them, or first of all.
    return tuple(
        Group(
            group.start if index else (words[0][0] if words else 0),
            made[index + 1].start - _gap(source, made[index + 1].start) if index + 1 < len(made) else words[-1][1],
            group.spoken,
        )
        for index, group in enumerate(made)
    )


def _gap(source: str, start: int) -> int:
    """How many blanks stand before ``start``."""
    return start - len(source[:start].rstrip())


def syllables(word: str) -> int:
    """About how many syllables a word has: one a Hangul block, one a run of Latin vowels, at least one."""
    return max(1, len(_HANGUL.findall(word)) + len(_VOWELS.findall(word)))


def shares(text: str, duration: float) -> list[WordStart]:
    """Where the words of a clause of ``duration`` seconds begin, if every syllable takes as long."""
    words = list(_WORD.finditer(text))
    lengths = [syllables(word.group()) + _PAUSES.get(word.group()[-1], 0.0) for word in words]
    if lengths:  # what comes after the last word is part of the next clause
        lengths[-1] = syllables(words[-1].group())
    starts = []
    at = 0.0
    for word, length in zip(words, lengths, strict=True):
        starts.append(WordStart(word.start(), at))
        at += duration * length / sum(lengths)
    return starts


class Marker:
    """Turns word starts, as the engine reports them, into marks on the original: one for each group, in order.

    Engines swallow events (espeak says "of the" as one word). A group without an event gets a time between its
    neighbours, but never one that lies in sound already handed out.
    """

    def __init__(self, source: str, spoken: Spoken, *, estimated: bool) -> None:
        self._groups = groups(source, spoken)
        self._positions = [group.spoken for group in self._groups]
        self._estimated = estimated
        self._next = 0
        self._last_at = 0.0
        self._handed_out = 0.0
        self._waiting: list[SpeechMark] = []

    def begin(self, position: int, at: float) -> None:
        """The spoken word at ``position`` of the whole spoken text begins ``at`` seconds into the whole speech."""
        group = bisect_right(self._positions, position) - 1
        self._mark_up_to(group + 1, max(at, self._last_at))

    def end(self, position: int, at: float) -> None:
        """All that is said before ``position`` was said by ``at``."""
        group = bisect_right(self._positions, position - 1)
        self._mark_up_to(group, max(at, self._last_at), exclusive=True)

    def take(self, until: float) -> tuple[SpeechMark, ...]:
        """The marks of the sound up to ``until`` seconds, which is about to be handed out."""
        taken = tuple(mark for mark in self._waiting if mark.at < until)
        self._waiting = self._waiting[len(taken) :]
        self._handed_out = until
        return taken

    def _mark_up_to(self, stop: int, at: float, *, exclusive: bool = False) -> None:
        missing = stop - self._next
        if missing <= 0:
            return
        steps = missing + 1 if exclusive else missing
        begin = self._last_at
        for step in range(1, missing + 1):
            group = self._groups[self._next]
            when = max(begin + (at - begin) * step / steps, self._handed_out, self._last_at)
            self._waiting.append(SpeechMark(group.start, group.end, when, self._estimated))
            self._next += 1
            self._last_at = when


def marks_of(source: str, spoken: Spoken, starts: Sequence[WordStart], *, estimated: bool) -> tuple[SpeechMark, ...]:
    """The marks of a whole speech whose word starts are known."""
    marker = Marker(source, spoken, estimated=estimated)
    for start in starts:
        marker.begin(start.position, start.at)
    return marker.take(float("inf"))
