"""A sentence is backed by its passage or by an action's result, or it is not said. Pure.

Four checks, the same for whoever wrote the sentence: it names a source; the quote stands in the passage; every
number in it stands in the quote (or the result) once both are written alike; and no word that restricts the quote
(not, except, unless, 않, 제외, 단) was lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from dialog.parsers.language import language
from dialog.parsers.tables import Prose
from dialog.reply import Sentence
from knowledge.document import Passage

_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_LEADING_ZEROS = re.compile(r"^0+(?=\d)")


class Flaw(StrEnum):
    """Why a sentence may not be said."""

    NO_SOURCE = "no_source"
    QUOTE_NOT_IN_PASSAGE = "quote_not_in_passage"
    NUMBER_NOT_IN_SOURCE = "number_not_in_source"
    RESTRICTION_LOST = "restriction_lost"


def check(sentence: Sentence, passage: Passage, code: str, *, framing: str = "") -> tuple[Flaw, ...]:
    """What is wrong with a sentence that cites ``passage``; empty when it may be said.

    ``framing`` is text that we put around it by template (the source's title) and that therefore needs no backing.
    Raises ``LanguageNotSpoken``.
    """
    prose = language(code).prose
    citation = sentence.citation
    if citation is None or citation.passage != passage.id:
        return (Flaw.NO_SOURCE,)
    flaws = []
    if not quoted_from(citation.quote, passage):
        flaws.append(Flaw.QUOTE_NOT_IN_PASSAGE)
    allowed = numbers(citation.quote, prose) | numbers(framing, prose)
    if not numbers(sentence.text, prose) <= allowed:
        flaws.append(Flaw.NUMBER_NOT_IN_SOURCE)
    if not restrictions(citation.quote, prose) <= restrictions(sentence.text, prose):
        flaws.append(Flaw.RESTRICTION_LOST)
    return tuple(flaws)


def check_result(text: str, result: Mapping[str, object], code: str, *, also: Iterable[str] = ()) -> tuple[Flaw, ...]:
    """What is wrong with a sentence that tells an action's ``result``: a number that stands in neither it nor
    ``also``."""
    prose = language(code).prose
    known = set().union(*(numbers(piece, prose) for piece in (*_pieces(result), *also)), frozenset())
    told = numbers(_ungrouped(text), prose)
    return () if told <= known | _counts(result) else (Flaw.NUMBER_NOT_IN_SOURCE,)


def quoted_from(quote: str, passage: Passage) -> bool:
    """Whether ``quote`` stands word for word in the passage (or in one of its sentences); only white space may
    differ."""
    wanted = _flat(quote)
    if not wanted:
        return False
    return wanted in _flat(passage.text) or any(wanted in _flat(sentence) for sentence in passage.sentences)


def numbers(text: str, prose: Prose) -> frozenset[str]:
    """The numbers in ``text`` written alike: 3,000 and 3천 are both 3000, 05 is 5, and number words before a unit
    count.

    A number with a scale word counts both as it stands and multiplied, so that either reading finds it.

    """
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        plain = match.group().replace(",", "")
        found.add(_LEADING_ZEROS.sub("", plain))
        scale = next((word for word in prose.scales if text[match.end() :].lstrip().startswith(word)), None)
        if scale is not None and "." not in plain:
            found.discard(_LEADING_ZEROS.sub("", plain))
            found.add(str(int(plain) * prose.scales[scale]))
    return frozenset(found)


def restrictions(text: str, prose: Prose) -> frozenset[str]:
    """The words of ``text`` that negate, limit or except, in lower case."""
    return frozenset(match.group().lower() for match in prose.restricts.finditer(text))


def _pieces(value: object) -> list[str]:
    """All that a result says, flat: its values as text."""
    if isinstance(value, Mapping):
        return [piece for part in value.values() for piece in _pieces(part)]
    if isinstance(value, list | tuple):
        return [piece for part in value for piece in _pieces(part)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _counts(value: object) -> set[str]:
    """Numbers that may be told of lists: how many there are, and how many beside the first."""
    if isinstance(value, Mapping):
        return set().union(*(_counts(part) for part in value.values()), set())
    if isinstance(value, list | tuple):
        return {str(len(value)), str(max(0, len(value) - 1))}
    return set()


def _ungrouped(text: str) -> str:
    """Digits that were set apart to be read one by one, put together again."""
    return re.sub(r"(?<=\d)(?:,? )(?=\d(?:\D|$))", "", re.sub(r"(?<!\d)(\d)((?:,? \d(?!\d))+)", _join, text))


def _join(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match.group())


def _flat(text: str) -> str:
    return _SPACES.sub("", text)
