"""Local agreement: of a turn that is heard again and again as it grows, only what was heard twice alike is confirmed.

What two hypotheses in a row have in common from the left, once case and punctuation are set aside, is confirmed: it is
never taken back, and the decoder gets it as the beginning of every later hypothesis (LocalAgreement-2: Liu et al.,
"Low-Latency Sequence-to-Sequence Speech Recognition and Translation by Partial Hypothesis Selection", 2020; Macháček et
al., "Turning Whisper into Real-Time Transcription System", 2023).

Refuses: sound, time, and confirming punctuation at the end, which the next word usually changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenWord:
    """A word as the decoder wrote it, with the blank before it, and its tokens. Punctuation is a word of its own."""

    text: str
    tokens: tuple[int, ...]


def normal(word: TokenWord) -> str:
    """What two hearings of one word have in common: its letters and digits without case. Empty for punctuation."""
    return "".join(character for character in word.text.casefold() if character.isalnum())


def text_of(words: Iterable[TokenWord]) -> str:
    """The text as it is shown."""
    return "".join(word.text for word in words).strip()


def agreed(before: Sequence[TokenWord], now: Sequence[TokenWord]) -> int:
    """How many words of ``now`` are confirmed by the hypothesis before it, counted from the left."""
    mine = [(index, letters) for index, word in enumerate(now) if (letters := normal(word))]
    theirs = [letters for word in before if (letters := normal(word))]
    count = 0
    for (index, letters), other in zip(mine, theirs, strict=False):
        if letters != other:
            break
        count = index + 1
    return count


class LocalAgreement:
    """The hypotheses of one turn, in order."""

    def __init__(self) -> None:
        self.confirmed: tuple[TokenWord, ...] = ()
        self.tail: tuple[TokenWord, ...] = ()
        """What the last hypothesis has beyond it, which may still change."""

    @property
    def prefix(self) -> tuple[int, ...]:
        """The tokens with which every later hypothesis begins."""
        return tuple(token for word in self.confirmed for token in word.tokens)

    @property
    def text(self) -> str:
        """All that was heard so far."""
        return text_of((*self.confirmed, *self.tail))

    @property
    def stable(self) -> int:
        """How many leading characters of ``text`` will not change."""
        return len(text_of(self.confirmed))

    def hear(self, words: Sequence[TokenWord]) -> None:
        """The next hypothesis: what follows the words that were confirmed when it was made."""
        count = agreed(self.tail, words)
        self.confirmed += tuple(words[:count])
        self.tail = tuple(words[count:])
