"""When, within a call, something was said that is nobody's business: words' times for what was found in a text.

A number may be told in two stretches with a pause between them. So each stretch is read together with the one before,
and what is found across both is silent in both.

Pure. Refuses: finding what is personal (``dialog.privacy``), and silencing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from dialog.privacy.detector import find
from dialog.privacy.kinds import Found
from gateway.session.tracks import Span
from stt.transcript import Transcript, Word

MARGIN = 0.2
"""Seconds before and after a word that go with it: recognizers place words about as exactly."""

GOES_ON_WITHIN = 15.0
"""Seconds between two stretches of which the second may be the rest of the first."""


class Silencing:
    """One caller's: remembers the stretch before."""

    def __init__(self) -> None:
        self._before: tuple[str, tuple[Word, ...]] = ("", ())

    def heard(self, transcript: Transcript, stretch: Span, found: Sequence[Found] = ()) -> tuple[Span, ...]:
        """What is to be silent, now that this was recognized somewhere in ``stretch``: media times, in order, apart
        from one another. ``found`` is what else is known to be personal in its text. All of the stretch is silent
        where nobody knows when the words were said."""
        text, words = transcript.text, transcript.words
        if not words:
            return (stretch,) if found or find(text, transcript.language, guess=False) else ()
        spans = when(text, words, found)
        before, earlier = self._before
        if not (earlier and words[0].start - earlier[-1].end <= GOES_ON_WITHIN):
            before, earlier = "", ()
        joined = f"{before} {text}" if before else text
        spans += when(joined, (*earlier, *words), find(joined, transcript.language, guess=False))
        self._before = (text, words)
        return _joined(spans)


def when(text: str, words: Sequence[Word], found: Iterable[Found]) -> list[Span]:
    """When that was said which was ``found`` in ``text``, of which there are words. Where text and words are not the
    same letters (a recognizer may write numbers otherwise than it hears them), a word more on each side."""
    ends = list(accumulate(_letters(word.text) for word in words))
    total, exact = _letters(text), _letters(text) == ends[-1]
    spans = []
    for one in found:
        first, last = _letters(text[: one.start]), _letters(text[: one.end])
        if exact:
            begin, end = _word_of(ends, first), _word_of(ends, max(first, last - 1))
        else:
            scale = ends[-1] / max(total, 1)
            begin = max(0, _word_of(ends, int(first * scale)) - 1)
            end = min(len(words) - 1, _word_of(ends, int(last * scale)) + 1)
        spans.append((max(0.0, words[begin].start - MARGIN), words[end].end + MARGIN))
    return spans


def _letters(text: str) -> int:
    return sum(not letter.isspace() for letter in text)


def _word_of(ends: Sequence[int], letter: int) -> int:
    """The word that holds a letter, by where words end; the last one for whatever lies behind it."""
    return next((number for number, end in enumerate(ends) if letter < end), len(ends) - 1)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
