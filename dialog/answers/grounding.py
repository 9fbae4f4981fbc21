"""Which evidence a sentence rests on, and how much of it: word by word, for Korean and English alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialog.answers.evidence import content_words, pairs
from dialog.answers.facts import Fact
from dialog.answers.restrictions import statements
from dialog.parsers.language import language
from dialog.parsers.text import tokens
from knowledge.document import Passage

_SENTENCE_END = re.compile(r"(?<=[가-힣][.!?])\s+|(?<=[.!?。])\s+(?=[A-Z가-힣])")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")
_WORD_END = re.compile(r"[가-힣]*")
_ADDRESS = re.compile(r"[\w.+-]+@\S+|https?://\S+|www\.\S+", re.ASCII)
_MOSTLY = 0.5
_ANOTHER_FORM = 0.7
"""A word of which a source's word has less than this share of character pairs is another word."""
_ENDINGS = re.compile(
    r"(?<=[가-힣])(?:(?:이|하|되|드리|으)?(?:ㅂ니다|시면|시고|며|고|면|니다|세요|십시오)|입니다|이에요|예요|합니다|해요|했습니다|됩니다|돼요|되었습니다"
    r"|습니다|어요|아요|에요|인데|하실|하신|하는|되는)$"
)
"""Endings of Korean predicates, which differ between what is written and what is said politely."""
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_CALLED = re.compile(r"([가-힣]{2,4})\s?(?:님|씨)(?=[의은는이가을를께도,.\s]|$)")
_LEAST_STEM = 2
_REMEMBERED = 16_384
"""Pairs of words whose likeness is kept: a tenant's vocabulary is met over and over. Whole texts are not kept."""
_TURNING = frozenset("un in im non dis 불 미 비 무".split())
_TITLES = frozenset("고객 회원 상담원 상담사 담당자 사장 선생 직원 기사 손".split())
_SMALL_WORDS = frozenset("I Please Yes No Sorry Hello Thank Thanks Otherwise However".split())


@dataclass(frozen=True, slots=True)
class Backing:
    """A numbered piece of evidence that may be cited: a passage that is valid and permitted, or the words in which an
    ``action``'s result is told."""

    number: int
    language: str
    sentences: tuple[str, ...]
    passage: Passage | None = None
    action: str | None = None

    @classmethod
    def of_passage(cls, number: int, passage: Passage) -> Backing:
        """A passage as evidence."""
        return cls(number, passage.document.language, passage.sentences, passage=passage)

    @classmethod
    def of_result(cls, number: int, told: str, code: str, action: str) -> Backing:
        """An action's result as evidence, in the words of the tenant's template."""
        return cls(number, code, split(told), action=action)

    @property
    def text(self) -> str:
        """All of it, without what stands around it."""
        return " ".join(self.sentences)

    @property
    def around(self) -> str:
        """What it is about: the words that stand over a passage."""
        if self.passage is None:
            return ""
        return " ".join((self.passage.document.title, *self.passage.headings, self.passage.question or ""))


@dataclass(frozen=True, slots=True)
class Footing:
    """The ``sentence`` of a ``backing`` that a statement rests on most, the closest ``statement`` of those that it
    joins, the ``context`` without which it is not understood, and the sentence that follows, if there is one."""

    backing: Backing
    sentence: str
    statement: str
    context: str
    following: str | None


def split(text: str) -> tuple[str, ...]:
    """The sentences of a text; "10 a.m. to 8 p.m." ends none."""
    return tuple(_SENTENCE_END.split(text.strip()))


def footing(statement: str, cited: Sequence[Backing], code: str) -> Footing | None:
    """What ``statement`` rests on most, or None where nothing was cited. Raises ``LanguageNotSpoken``."""
    prose = language(code).prose
    words = content_words(statement, prose)
    places = [(backing, index) for backing in cited for index in range(len(backing.sentences))]
    if not places:
        return None
    backing, index = max(places, key=lambda place: support(words, place[0].sentences[place[1]]))
    after = index + 1
    following = backing.sentences[after] if after < len(backing.sentences) else None
    sentence = backing.sentences[index]
    closest = max(statements(sentence, code), key=lambda part: support(words, part))
    leans = index > 0 and prose.leans_back.search(sentence) is not None
    before = backing.sentences[index - 1] if leans else ""
    return Footing(backing, sentence, closest, f"{backing.around} {before}", following)


def support(words: Sequence[str], text: str) -> float:
    """The share (0..1) of ``words`` that ``text`` has; longer words weigh more. 1 where there are no words."""
    total = sum(map(len, words))
    if not total:
        return 1.0
    there = _spoken(text)
    return sum(len(word) * _best(word, there) for word in words) / total


def unsupported(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Those of ``words`` that ``text`` has not, not even in another form."""
    there = _spoken(text)
    return tuple(word for word in words if _best(word, there) < _ANOTHER_FORM)


def foreign(claim: str, text: str, stated: Sequence[Fact], code: str) -> tuple[str, ...]:
    """Names in ``claim`` that ``text`` does not have: capitalized words, Latin words amid Korean, and people who are
    called by name."""
    known = {token.text for token in tokens(text)}
    bare = without_facts(claim, stated)
    if code == "ko":
        latin = [match.group() for match in _LATIN_WORD.finditer(bare)]
        called = [match.group(1) for match in _CALLED.finditer(bare)]
        missing = [name for name in called if name not in _TITLES and name not in text]
    else:
        latin = [m.group() for m in _LATIN_WORD.finditer(bare) if m.group()[0].isupper() and m.start() > 0]
        missing = []
    missing += [word for word in latin if word not in _SMALL_WORDS and not {t.text for t in tokens(word)} <= known]
    return tuple(missing)


def without_facts(claim: str, stated: Sequence[Fact]) -> str:
    """``claim`` with its facts, and what hangs on them, left out: those are compared by themselves."""
    for fact in stated:
        end = _WORD_END.match(claim, fact.end)
        until = fact.end if end is None else end.end()
        claim = claim[: fact.start] + " " * (until - fact.start) + claim[until:]
    return claim


def written_in(text: str, code: str) -> bool:
    """Whether ``text`` looks as if it were in the language ``code``, as far as letters tell."""
    prose = _ADDRESS.sub(" ", text)
    letters = sum(character.isalpha() for character in prose)
    own = len((_HANGUL if code == "ko" else _LATIN).findall(prose))
    return letters > 0 and own / letters >= _MOSTLY


def _spoken(text: str) -> tuple[str, ...]:
    """Every form of every word of a text."""
    return tuple(dict.fromkeys(form for token in tokens(text) for form in _forms(token.text)))


def _best(word: str, there: Sequence[str]) -> float:
    """How much of a word the most similar of other words has, in whichever of their forms."""
    return max((_alike(own, other) for other in there for own in _forms(word)), default=0.0)


@lru_cache(_REMEMBERED)
def _alike(word: str, other: str) -> float:
    if _opposed(word, other):
        return 0.0
    own = pairs(word)
    return len(own & pairs(other)) / len(own)


@lru_cache(_REMEMBERED)
def _forms(word: str) -> tuple[str, ...]:
    """A word as it stands, and without the ending of a Korean predicate where something is left."""
    stem = _ENDINGS.sub("", word)
    return (word, stem) if _LEAST_STEM <= len(stem) < len(word) else (word,)


def _opposed(one: str, other: str) -> bool:
    """Whether one word is the other with a prefix that turns it round: used and unused, 가능 and 불가능."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and long.removesuffix(short) in _TURNING
