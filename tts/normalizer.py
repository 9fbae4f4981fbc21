"""Written text to spoken text, before any engine sees it: numbers, money, dates, telephone numbers and codes.

Engines read 3시 as 삼시 and 010-1234-5678 as two thousands; so everything that is not a plain word is written out here.
Every piece remembers which characters of the original it says, so that whoever follows the speech can point at
the original text.

Pure. Refuses: markup languages (SSML), pronunciation, and the choice of a voice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tts.errors import LanguageNotSupported
from tts.normalizer_en import ENGLISH
from tts.normalizer_ko import KOREAN
from tts.rules import Rules

LANGUAGES: Final[dict[str, Rules]] = {"ko": KOREAN, "en": ENGLISH}

_CLUSTER: Final = re.compile(r"[\u1100-\u115f][\u1160-\u11a7]*[\u11a8-\u11ff]*|.[\u0300-\u036f]*", re.DOTALL)
_LINE_END: Final = re.compile(r"\s*\n\s*")
_LIST_MARK: Final = re.compile(r"(?:^|(?<=\n))[ \t]*(?:[-*•·▪◦]|#{1,6})[ \t]+")
_EVERYDAY: Final = re.compile(r"[ -~가-힣]*")
_TOKEN: Final = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Span:
    """``spoken[start:end]`` says ``source[source_start:source_end]``."""

    start: int
    end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text to be spoken. ``spans`` are in order and leave no gap, neither in ``text`` nor in the original."""

    text: str
    spans: tuple[Span, ...]

    def source_of(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that ``text[start:end]`` says (whole spans)."""
        touched = [span for span in self.spans if span.start < max(end, start + 1) and span.end > start]
        if not touched:
            return (0, 0)
        return touched[0].source_start, touched[-1].source_end


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    source_end: int


def normalize(text: str, language: str) -> Spoken:
    """``text`` as it is to be spoken in ``language`` (``ko`` or ``en``); no digit is left in it.

    Any text is accepted. What cannot be said (emoji, markup) is left out; a text without a word becomes empty.
    Raises ``LanguageNotSupported``.
    """
    try:
        rules = LANGUAGES[language]
    except KeyError as error:
        raise LanguageNotSupported(f"no rules to read {language!r} aloud; there are: {', '.join(LANGUAGES)}") from error
    folded, ends = _fold(text)
    return _joined(_pieces(folded, ends, rules), len(text))


def _fold(text: str) -> tuple[str, list[int]]:
    """Compatibility forms, odd digits and layout made plain; for each character where its source ends."""
    characters: list[str] = []
    ends: list[int] = []

    def put(plain: str, end: int) -> None:
        for character in plain:
            characters.append(character)
            ends.append(end)

    if _EVERYDAY.fullmatch(text) and not _LIST_MARK.match(text):
        return text, list(range(1, len(text) + 1))
    marks = {match.end() - 1: match.start() for match in _LIST_MARK.finditer(text)}
    dropped = {at for last, first in marks.items() for at in range(first, last + 1)}
    breaks = {match.start(): match.end() for match in _LINE_END.finditer(text)}
    skip_to = 0
    for match in _CLUSTER.finditer(text):
        start, end = match.span()
        if start < skip_to:
            continue
        if start in breaks:
            skip_to = breaks[start]
            spoken_before = "".join(characters[-1:])
            put(" " if spoken_before in ".!?,;: " or not spoken_before or skip_to >= len(text) else ". ", skip_to)
        elif start not in dropped:
            put(_plain(match.group()), end)
    return "".join(characters), ends


def _plain(cluster: str) -> str:
    """One character (with what combines with it) in its everyday form."""
    if len(cluster) == 1:
        if "가" <= cluster <= "힣" or (cluster.isascii() and cluster.isprintable()):
            return cluster
        if (special := _SPECIAL.get(cluster)) is not None:
            return special
    said = ""
    folded = unicodedata.normalize("NFKC", cluster)
    if unicodedata.category(cluster[0]) == "No":  # circled numbers and fractions stand apart from their neighbours
        folded = f" {folded} "
    for character in folded:
        digit = unicodedata.digit(character, None)
        category = unicodedata.category(character)
        if digit is not None:
            said += str(digit)
        elif category in ("Cc", "Cs", "Cf", "Co", "Cn") or category[0] == "Z":
            said += " " if category in ("Cc", "Zs", "Zl", "Zp") else ""
        else:
            said += character
    return said


_SPECIAL: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": "",
    "\u201d": "",
    "\u2026": ".",
    "\u2013": "–",
    "\u2212": "-",
    "\u2010": "-",
    "\u2011": "-",
    "·": ", ",
    "ㆍ": ", ",
    "、": ", ",
    "。": ". ",
    "㈜": "주식회사 ",
    "²": "2",
    "³": "3",
    "№": "No. ",
}


def _pieces(folded: str, ends: list[int], rules: Rules) -> Iterator[_Piece]:
    for spoken, start, end in rules.apply(folded):
        if spoken is None:
            for token in _TOKEN.finditer(folded, start, end):
                plain = " " if token.group().isspace() else token.group()
                yield _Piece(plain, ends[token.end() - 1])
        else:
            yield _Piece(spoken, ends[end - 1])


def _joined(pieces: Iterator[_Piece], length: int) -> Spoken:
    """The pieces as one text, with blanks single and no empty spans."""
    said: list[str] = []
    spans: list[Span] = []
    at = source_at = 0
    for piece in pieces:
        text = piece.text
        if not said or said[-1][-1] == " ":
            text = text.lstrip(" ")
        source_end = max(source_at, piece.source_end)
        if text:
            said.append(text)
            spans.append(Span(at, at + len(text), source_at, source_end))
            at += len(text)
            source_at = source_end
        elif spans:  # nothing to say: it belongs to what came before
            last = spans[-1]
            spans[-1] = Span(last.start, last.end, last.source_start, source_end)
            source_at = source_end
    text = "".join(said).rstrip(" ")
    if not any(letter.isalnum() for letter in text):
        return Spoken("", ())
    while spans and spans[-1].start >= len(text):
        spans.pop()
    if spans:
        last = spans[-1]
        spans[-1] = Span(last.start, len(text), last.source_start, length)
    return Spoken(text, tuple(spans))
