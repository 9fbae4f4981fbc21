"""Words as search sees them: analyzers, BM25 weights, and what of a question counts.

English: stems without stop words, and runs of four letters with the spaces taken out for questions that were misheard
("nor man castre"). Korean: content morphemes by Kiwi, and beside them bigrams of characters with the
spaces taken out, because recognizers and callers disagree about spaces and Kiwi about names. Numbers are digits on both
sides.

The document's side carries BM25's saturation and length, the index multiplies with the inverse document frequency, so
nothing has to be rewritten when documents come and go. Terms are hashed to 32 bits: with fifty thousand terms less than
one pair collides.

Refuses: loading Kiwi (1.5 s, 0.5 GB) before a Korean text is seen; models; indexes.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Final, Protocol

from knowledge import numerals
from knowledge.errors import KnowledgeError

VERSION: Final = 2
"""Raise it when the same text would give other terms: everything is then ingested anew."""

SATURATION: Final = 1.2
LENGTH: Final = 0.75
"""BM25's k1 and b."""
TYPICAL: Final = {"en": 120.0, "ko": 200.0, "characters": 400.0, "letters": 500.0}
"""BM25's average length in terms, fixed so that weights never depend on the other documents. Too short a figure costs
recall (0.82 -> 0.78 on SQuAD at half the real length), too long a one nothing."""
JOINED_WEIGHT: Final = 0.6
"""What "check out" as "checkout" counts in a question: recognizers split compounds."""

RUN: Final = 4
"""Letters of English that are compared at once."""
PAIR_WEIGHTS: Final = (0.1, 0.6, 1.0)
"""What a pair of a question's characters counts with none, one and both of them in a content morpheme."""

_SIGN: Final = re.compile(r"[^0-9a-z가-힣]")
_ENGLISH_WORD: Final = re.compile(r"\d+(?:\.\d+)+|[a-z0-9가-힣]+(?:'[a-z]+)?")
_COMPOUND: Final = re.compile(r"\b([a-z]+)-([a-z]+)\b")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3})")
_SIGNS: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": " "})
_MONEY: Final = (
    (re.compile(r"\$\s?(\d+(?:\.\d+)?)"), r"\1 dollars"),
    (re.compile(r"₩\s?(\d+)"), r"\1 won"),
    (re.compile(r"€\s?(\d+(?:\.\d+)?)"), r"\1 euros"),
    (re.compile(r"(\d)\s?%"), r"\1 percent"),
    (re.compile(r"\b([ap])\.\s?m\.?(?=\W|$)"), r"\1m"),
    (re.compile(r"&"), " and "),
)
_STOP: Final = frozenset(
    "a an the of to in on at by for with from as is are was were be been being am do does did doing done have has had"
    " having will would shall should can could may might must i me my mine we us our ours you your yours he him his she"
    " her hers it its they them their this that these those there here what which who whom whose when where why how and"
    " or but if then than so not no nor too very just about into over under between during before after above below up"
    " down out off again further once all any both each few more most other some such only own same t s d ll m re ve"
    " don dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt im id ill ive youre youve theres"
    " thats whats hows wheres whos lets now please um uh er hmm okay ok yeah yes hi hello hey thanks thank want know"
    " tell like need get got".split()
)
_KEPT_SYMBOLS: Final = frozenset({"SL", "SN", "SH"})
_EMPTY_KOREAN: Final = frozenset(
    "하/V 되/V 있/V 없/V 이/V 아니/V 싶/V 주/V 보/V 알/V 말/V 그렇/V 이렇/V 어떻/V 같/V 것/N 거/N 수/N 데/N 때/N"
    " 등/N 점/N 무엇/N 뭐/N 누구/N 어디/N 언제/N 얼마/N 저/N 나/N 우리/N 제/N 그/M 이/M 저/M 어떤/M 무슨/M 몇/M 좀/M"
    " 혹시/M 그럼/M 그런데/M 그리고/M 왜/M 어떻게/M 안녕/N 궁금/N 궁금/X"
    " 문의/N 질문/N 경우/N 얼마나/M 잘/M 더/M".split()
)


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: sorted distinct 32-bit indices and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a question. ``content`` tells it from words that ask or point; ``joined`` is a guess at a compound;
    ``weight`` is what it counts; ``tag`` is its part of speech by Kiwi (Korean only)."""

    text: str
    content: bool = True
    joined: bool = False
    weight: float = field(default=1.0, compare=False)
    tag: str = field(default="", compare=False)
    index: int = field(init=False, compare=False)
    """Its place in a sparse vector."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", hashed(self.text))


@dataclass(frozen=True, slots=True)
class Asked:
    """The distinct terms of a question; its pairs of characters with what each counts (Korean only); its runs of
    letters (English only)."""

    terms: tuple[Term, ...]
    pairs: Mapping[str, float] = field(default_factory=dict)
    runs: Mapping[str, float] = field(default_factory=dict)


class Analyzer(Protocol):
    """Turns text of one language into terms."""

    language: str

    def terms(self, text: str) -> list[str]:
        """The terms of a document's text, in order, with repetitions."""
        ...

    def question(self, text: str) -> Asked:
        """What a question is looked up by."""
        ...


class EnglishAnalyzer:
    """Stems of content words."""

    language = "en"

    def terms(self, text: str) -> list[str]:
        """Stems without stop words; both halves and the whole of a hyphenated word."""
        flat = _plain_english(text)
        joined = [_stem(left + right) for left, right in _COMPOUND.findall(flat)]
        return [_stem(word) for word in _words(flat) if word not in _STOP] + joined

    def question(self, text: str) -> Asked:
        """Stems, and neighbours written together at a lower weight."""
        words = _words(_plain_english(text))
        found = {word: Term(word) for word in (_stem(word) for word in words if word not in _STOP)}
        for left, right in pairwise(words):
            if _may_join(left, right):
                whole = _stem(left + right)
                found.setdefault(whole, Term(whole, content=False, joined=True, weight=JOINED_WEIGHT))
        return Asked(tuple(found.values()), runs=dict.fromkeys(letter_runs(text), 1.0))


class KoreanAnalyzer:
    """Content morphemes by Kiwi."""

    language = "ko"

    def terms(self, text: str) -> list[str]:
        """Nouns, verbs, modifiers, roots, foreign words and numbers, without their endings and particles."""
        return [token.form.lower() for token in _kiwi().tokenize(_plain_korean(text)) if _kept(token.tag)]

    def question(self, text: str) -> Asked:
        """The same; words that only ask or carry another ("어떻게", "하다") are no content, and neither is their tail.

        Pairs of characters count by how much of them is content: every question of a list ends in "어떻게 되나요".
        """
        flat = _plain_korean(text)
        found: dict[str, Term] = {}
        marked = [False] * len(flat)
        for token in _kiwi().tokenize(flat):
            if not _kept(token.tag):
                continue
            form = token.form.lower()
            content = f"{form}/{token.tag[0]}" not in _EMPTY_KOREAN and not token.tag.startswith(("VX", "VC", "NP"))
            if form not in found or content:
                found[form] = Term(form, content=content, tag=token.tag)
            if content:
                marked[token.start : token.start + token.len] = [True] * token.len
        return Asked(tuple(found.values()), _weighted_pairs(flat, marked))


def analyzer(language: str) -> Analyzer:
    """The analyzer of a language. Raises ``KnowledgeError`` for one that we do not speak."""
    match language:
        case "en":
            return EnglishAnalyzer()
        case "ko":
            return KoreanAnalyzer()
        case _:
            raise KnowledgeError(f"there is no knowledge in the language {language!r}; use ko or en")


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring characters of Korean text, without spaces and signs."""
    flat = squeezed(text)
    return [flat[at : at + 2] for at in range(len(flat) - 1)] if len(flat) > 1 else [flat] * bool(flat)


def letter_runs(text: str) -> list[str]:
    """Runs of neighbouring letters of English text, without stop words, spaces and signs."""
    flat = "".join(word for word in _words(_plain_english(text)) if word not in _STOP)
    return [flat[at : at + RUN] for at in range(len(flat) - RUN + 1)]


def document_characters(text: str, language: str) -> Sparse:
    """A document's pairs of characters (Korean) or runs of letters (English)."""
    if language == "ko":
        return weighted(bigrams(text), TYPICAL["characters"])
    return weighted(letter_runs(text), TYPICAL["letters"])


def weighted(terms: Iterable[str], typical: float) -> Sparse:
    """A document's terms with BM25's saturation and length, to be multiplied with the index's document frequencies."""
    counts = Counter(terms)
    penalty = SATURATION * (1 - LENGTH + LENGTH * counts.total() / typical)
    return sparse({hashed(term): count * (SATURATION + 1) / (count + penalty) for term, count in counts.items()})


def asked_terms(asked: Asked) -> Sparse:
    """A question's terms as a vector."""
    return sparse({term.index: term.weight for term in asked.terms})


def asked_characters(asked: Asked) -> Sparse:
    """A question's pairs of characters, or runs of letters, as a vector."""
    return sparse({hashed(run): weight for run, weight in (asked.pairs or asked.runs).items()})


def summed(now: Asked, earlier: Iterable[tuple[Asked, float]]) -> Asked:
    """A question together with earlier ones that count a share each. What stands in several counts for all of them."""
    terms = {term.text: term for term in now.terms}
    pairs, runs = dict(now.pairs), dict(now.runs)
    for asked, share in earlier:
        for term in asked.terms:
            known = terms.get(term.text)
            weight = term.weight * share + (known.weight if known else 0.0)
            terms[term.text] = replace(known or term, weight=weight)
        for total, part in ((pairs, asked.pairs), (runs, asked.runs)):
            for key, weight in part.items():
                total[key] = total.get(key, 0.0) + weight * share
    return Asked(tuple(terms.values()), pairs, runs)


def inverse(count: int, passages: int) -> float:
    """The inverse document frequency that Qdrant's IDF modifier uses."""
    return math.log((passages - count + 0.5) / (count + 0.5) + 1.0)


def sparse(weights: Mapping[int, float]) -> Sparse:
    """A sparse vector from index -> weight."""
    ordered = sorted(weights.items())
    return Sparse(tuple(index for index, _ in ordered), tuple(weight for _, weight in ordered))


def hashed(term: str) -> int:
    """A term's index: stable over machines and versions."""
    return zlib.crc32(term.encode())


def _plain_english(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).lower().translate(_SIGNS)
    flat = _THOUSANDS.sub("", flat)
    for pattern, replacement in _MONEY:
        flat = pattern.sub(replacement, flat)
    return flat


def _words(flat: str) -> list[str]:
    words = [word.removesuffix("'s").replace("'", "") for word in _ENGLISH_WORD.findall(flat)]
    return numerals.english([word for word in words if word])


def _may_join(left: str, right: str) -> bool:
    """Whether two words may be one that was split: "wi fi", "log in"; not "how do"."""
    return left.isalpha() and right.isalpha() and len(left) + len(right) > 3 and not {left, right} <= _STOP


def _kept(tag: str) -> bool:
    """Whether morphemes with this tag of Kiwi's are terms."""
    return (tag[0] in "NVMX" and not tag.startswith(("XS", "XP"))) or tag in _KEPT_SYMBOLS


def _weighted_pairs(flat: str, marked: Sequence[bool]) -> dict[str, float]:
    signs = [(sign, mark) for sign, mark in zip(flat, marked, strict=True) if not _SIGN.match(sign)]
    if len(signs) == 1:
        return {signs[0][0]: 1.0}
    pairs: dict[str, float] = {}
    for (left, first), (right, second) in pairwise(signs):
        weight = PAIR_WEIGHTS[first + second]
        pairs[left + right] = max(weight, pairs.get(left + right, 0.0))
    return pairs


@lru_cache(maxsize=50_000)
def squeezed(text: str) -> str:
    """Korean text as bigrams see it: lower case, digits for number words, neither spaces nor signs.

    Remembered, because every hit's sentences are looked at again in the next search.
    """
    return _SIGN.sub("", _plain_korean(text))


def _plain_korean(text: str) -> str:
    return numerals.korean(unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    return stem


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)
