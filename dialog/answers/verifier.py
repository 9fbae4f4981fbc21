"""A sentence is backed by its passage or by an action's result, or it is not said. Pure.

An extracted sentence (``check``) names its source, its quote stands in the passage, its facts stand in the quote and no
word that restricts the quote was lost on the way. A composed one (``verify``) has no quote, so more is asked of it:
every fact and every name stands in what it cites once both are written alike; negations, exceptions, limits and
conditions of the sentence that it rests on are neither lost nor added; and its words are the source's.

What cannot be judged is unverified, never safe. It compares words and not meaning: a paraphrase with other words is
refused although it may be true, and a true-sounding sentence that only puts the source's own words together in another
way can pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dialog.answers.evidence import content_words
from dialog.answers.facts import Fact, facts, same
from dialog.answers.grounding import Backing, Footing, footing, foreign, support, unsupported, without_facts, written_in
from dialog.answers.restrictions import conditions, restriction_kinds, statements, without_restrictions
from dialog.errors import LanguageNotSpoken
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
    RESTRICTION_ADDED = "restriction_added"
    FACT_NOT_IN_SOURCE = "fact_not_in_source"
    NAME_NOT_IN_SOURCE = "name_not_in_source"
    NOT_COVERED = "not_covered"
    EXPIRED = "expired"
    TOO_LONG = "too_long"
    LANGUAGE_NOT_VERIFIED = "language_not_verified"


_SAID_BESIDE = frozenset(
    "네 예 안내 고객님 말씀 가능 이용 참고 부탁 감사 죄송 yes please note sure sorry thank there also".split()
)
"""Words that state nothing and need no source."""
LONGEST_CLAIM = 400
"""Characters; nobody listens to a longer sentence, and comparing one would hold up the event loop."""
_CONDITION_KEPT = 0.5
"""The share of a condition's words that must be said, or have been asked about."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found about a composed sentence: its ``flaws``, the share of its words that the sources have, the
    sentences that restrict what it rests on and are ``owed`` with it, and the ``ground`` of its first statement."""

    flaws: tuple[Flaw, ...]
    coverage: float
    owed: tuple[str, ...] = ()
    ground: Footing | None = None

    @property
    def backed(self) -> bool:
        """Whether it may be said."""
        return not self.flaws

    @property
    def judged(self) -> bool:
        """Whether it could be judged at all."""
        return Flaw.LANGUAGE_NOT_VERIFIED not in self.flaws


def verify(
    claim: str, cites: Iterable[int], evidence: Sequence[Backing], code: str, *, today: date, asked: str = ""
) -> Verified:
    """What speaks against a composed sentence that cites pieces of ``evidence`` by number.

    ``evidence`` is what this caller is permitted to hear. ``asked`` are the words of the question: a condition that it
    names need not be said again.
    """
    numbered = {backing.number: backing for backing in evidence}
    numbers_cited = tuple(cites)
    cited = [numbered[number] for number in numbers_cited if number in numbered]
    if not cited or len(cited) < len(numbers_cited):
        return Verified((Flaw.NO_SOURCE,), 0.0)
    if len(claim) > LONGEST_CLAIM:
        return Verified((Flaw.TOO_LONG,), 0.0)
    if any(backing.passage is not None and not backing.passage.document.valid_on(today) for backing in cited):
        return Verified((Flaw.EXPIRED,), 0.0)
    if not written_in(claim, code) or any(backing.language != code for backing in cited):
        return Verified((Flaw.LANGUAGE_NOT_VERIFIED,), 0.0)
    try:
        return _verify(claim, cited, code, today, asked)
    except LanguageNotSpoken:
        return Verified((Flaw.LANGUAGE_NOT_VERIFIED,), 0.0)


def _verify(claim: str, cited: Sequence[Backing], code: str, today: date, asked: str) -> Verified:
    flaws: list[Flaw] = []
    owed: list[str] = []
    coverage = 1.0
    first: Footing | None = None
    for text in statements(claim, code):
        ground = footing(text, cited, code)
        if ground is None:
            return Verified((Flaw.NO_SOURCE,), 0.0)
        first = first or ground
        source = f"{ground.context} {ground.sentence}"
        statement = _statement(text, code, today)
        flaws += _changed(text, ground, code, f"{claim} {asked}")
        flaws += _invented(statement, source, code, today)
        coverage = min(coverage, support(statement.words, source))
        if ground.following is not None and language(code).prose.limits.search(ground.following):
            owed.append(ground.following)
    return Verified(tuple(dict.fromkeys(flaws)), coverage, tuple(dict.fromkeys(owed)), first)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is compared of a statement: its facts, and its words but for those that belong to facts or only restrict."""

    text: str
    stated: tuple[Fact, ...]
    words: tuple[str, ...]


def _statement(text: str, code: str, today: date) -> _Statement:
    stated = facts(text, code, today)
    bare = without_restrictions(without_facts(text, stated), code)
    return _Statement(text, stated, content_words(bare, language(code).prose))


def _invented(statement: _Statement, source: str, code: str, today: date) -> list[Flaw]:
    """What a statement says that its source does not. One that says nothing which could be compared is not covered."""
    flaws = []
    if not _among(statement.stated, facts(source, code, today)):
        flaws.append(Flaw.FACT_NOT_IN_SOURCE)
    if foreign(statement.text, source, statement.stated, code):
        flaws.append(Flaw.NAME_NOT_IN_SOURCE)
    telling = [word for word in statement.words if word not in _SAID_BESIDE]
    if unsupported(telling, source) or not (telling or statement.stated):
        flaws.append(Flaw.NOT_COVERED)
    return flaws


def _among(stated: Iterable[Fact], known: Sequence[Fact]) -> bool:
    """Whether every one of the facts is known."""
    return all(any(same(fact, other) for other in known) for fact in stated)


def _changed(statement: str, ground: Footing, code: str, context: str) -> list[Flaw]:
    """What a statement makes of the restrictions of the one that it rests on. ``context`` is what else was said or
    asked."""
    said, meant = restriction_kinds(statement, code), restriction_kinds(ground.statement, code)
    flaws = []
    if not meant <= said or not _conditions_kept(ground.sentence, code, context):
        flaws.append(Flaw.RESTRICTION_LOST)
    if not said <= meant:
        flaws.append(Flaw.RESTRICTION_ADDED)
    return flaws


def _conditions_kept(sentence: str, code: str, context: str) -> bool:
    """Whether every condition of ``sentence`` is said in ``context``. Its facts are compared by themselves."""
    prose = language(code).prose
    return all(
        support(content_words(without_facts(part, facts(part, code)), prose), context) >= _CONDITION_KEPT
        for part in conditions(sentence, code)
    )


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
    if not _among(facts(sentence.text, code), facts(f"{citation.quote} {framing}", code)):
        flaws.append(Flaw.FACT_NOT_IN_SOURCE)
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
