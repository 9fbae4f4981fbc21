"""Where speech may be cut: sentences, clauses short enough to begin speaking at once, and both from a token stream.

Pure. Works on written text (3.5 and "Dr." are no ends) as well as on what ``tts.normalizer`` made of it.

Refuses: grammar. A long sentence without any mark is cut before a conjunction or behind a Korean connective ending if
there is one, else at a blank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

FIRST_WORDS: Final = 12
"""The first clause of a reply has no more words, so that the first sound comes soon."""

MOST_WORDS: Final = 30
MOST_CHARACTERS: Final = 200
"""No clause is longer: it bounds what one run of an engine holds and how long it can go on unheard."""

_ABBREVIATIONS: Final = frozenset(
    "dr mr mrs ms prof rev st ave rd blvd no vs etc approx dept inc ltd co corp ext e.g i.e a.m p.m jan feb mar apr "
    "jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun min max tel fig vol u.s u.k".split()
)
_MARKS: Final = re.compile(r"[.!?…。！？]+[\"'”’)\]]*(?=\s|$)|(?<=[가-힣])[.!?](?=[가-힣])|\s*\n\s*")
_POLITE_END: Final = re.compile(
    r"(?<=[가-힣])(?:[습입합됩립답]니다|[가-힣]니다|세요|[어아여]요|[예에해돼래]요|[까나네군지]요|죠|십시오)(?=\s+\S)"
)
_CLAUSE_MARK: Final = re.compile(r"[,;:、，]+[\"'”’)\]]*(?=\s)|\s[–—-](?=\s)")
_CONJUNCTION: Final = {
    "en": re.compile(
        r"\s(?=(?:and|but|or|because|so|which|that|if|when|while|where|before|after|until|unless)\s)", re.IGNORECASE
    ),
    "ko": re.compile(r"(?<=[가-힣])(?:고|며|면서|면|서|지만|는데|니까|므로|거나|도록|려면|때문에)(?=\s)"),
}
_BLANK: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` is what stands at ``start:end`` of the whole, without blanks around it."""

    text: str
    start: int
    end: int


def sentences(text: str, language: str) -> list[Piece]:
    """The sentences of ``text`` in order. Nothing but blanks is left out."""
    return _cut(text, _ends(text, language))


def clauses(text: str, language: str, first_words: int = FIRST_WORDS) -> list[Piece]:
    """Pieces to speak one after the other: sentences, and parts of those that are too long.

    The first has at most ``first_words`` words, every other at most ``MOST_WORDS``; none has more than
    ``MOST_CHARACTERS`` characters. Nothing but blanks is left out.
    """
    made: list[Piece] = []
    for sentence in sentences(text, language):
        rest = sentence
        while (length := _room(rest.text, language, first_words if not made else MOST_WORDS)) is not None:
            head, tail = _split(text, rest, length)
            made.append(head)
            if tail is None:
                break
            rest = tail
        else:
            made.append(rest)
    return made


class SentenceStream:
    """Turns a stream of text pieces, as a generator emits them, into speakable sentences as early as is safe.

    A sentence is handed out once the next one begins. As long as nothing was handed out, a beginning of more than
    ``FIRST_WORDS`` words is cut like a clause, so that speech can start.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._held = ""
        self._spoken = False

    def feed(self, token: str) -> list[str]:
        """The sentences that ``token`` completes."""
        self._held += token
        made = []
        while (piece := self._next()) is not None:
            made.append(piece)
        return made

    def finish(self) -> list[str]:
        """What is left, cut into sentences; the stream is then ready for another text."""
        made = [
            piece.text for piece in clauses(self._held, self._language, MOST_WORDS if self._spoken else FIRST_WORDS)
        ]
        self._held, self._spoken = "", False
        return made

    def _next(self) -> str | None:
        held = self._held
        for end in _ends(held, self._language):
            if held[:end].strip() and held[end:].strip():
                return self._take(end)
        complete = held[: held.rfind(" ") + 1]
        length = _room(complete, self._language, MOST_WORDS if self._spoken else FIRST_WORDS)
        return None if length is None else self._take(length)

    def _take(self, end: int) -> str:
        piece, self._held = self._held[:end].strip(), self._held[end:].lstrip()
        self._spoken = True
        return piece


def _ends(text: str, language: str) -> list[int]:
    """Where sentences end, in order."""
    ends = [match.end() for match in _MARKS.finditer(text) if _is_end(text, match)]
    if language == "ko":
        ends += [match.end() for match in _POLITE_END.finditer(text)]
    return sorted(set(ends))


def _is_end(text: str, mark: re.Match[str]) -> bool:
    if "\n" in mark.group():
        return True
    follows = text[mark.end() :].lstrip()[:1]
    if follows.islower() and not mark.group().startswith(("!", "?")):
        return False  # an abbreviation that is in no list, or "OK." he said
    if mark.group() != ".":
        return True
    before = text[: mark.start()]
    word = re.split(r"[\s(\"']", before[-20:])[-1]
    if word.lower() in _ABBREVIATIONS or re.fullmatch(r"(?:[A-Z]\.)*[A-Z]", word):
        return False  # "U.S." and initials; "Plan B." at the very end is caught by the end of the text
    # A numbered item at the head of a line: "2. Press the button".
    return not (
        word.isdigit() and len(word) <= 2 and before[: len(before) - len(word)].rpartition("\n")[2].strip() == ""
    )


def _cut(text: str, ends: list[int]) -> list[Piece]:
    pieces = []
    start = 0
    for end in [*ends, len(text)]:
        if (piece := _trimmed(text, start, end)) is not None:
            pieces.append(piece)
        start = end
    return pieces


def _trimmed(text: str, start: int, end: int) -> Piece | None:
    part = text[start:end]
    plain = part.strip()
    if not plain:
        return None
    start += len(part) - len(part.lstrip())
    return Piece(plain, start, start + len(plain))


def _room(text: str, language: str, most_words: int) -> int | None:
    """Where to cut a text that is too long, as the number of characters to take; None if it is short enough."""
    limit = _limit(text, most_words)
    if limit >= len(text.rstrip()):
        return None
    for pattern in (_CLAUSE_MARK, _CONJUNCTION.get(language)):
        if pattern is not None and (
            fits := [m.end() for m in pattern.finditer(text, 0, limit + 1) if m.end() <= limit]
        ):
            best = fits[-1]
            if len(text[:best].split()) >= min(3, most_words):
                return best
    return limit


def _limit(text: str, most_words: int) -> int:
    """The end of the last word that fits."""
    end = 0
    for count, word in enumerate(re.finditer(r"\S+", text), start=1):
        if count > most_words or word.end() > MOST_CHARACTERS:
            break
        end = word.end()
    return end or min(len(text), MOST_CHARACTERS)  # one word longer than all: cut within it


def _split(text: str, piece: Piece, length: int) -> tuple[Piece, Piece | None]:
    head = _trimmed(text, piece.start, piece.start + length)
    tail = _trimmed(text, piece.start + length, piece.end)
    if head is None:  # cannot be: what is cut off begins with a word
        raise ValueError(f"nothing to cut off at {length} of {piece.text!r}")
    return head, tail
