"""What is really asked: the caller's words without hesitations and without the story around them, together with what
they lean on. Pure.

"그럼 주말에는요?" asks nothing by itself; it is searched for with the question before it, less what it puts something
else in the place of. "제가 지난주에 산 …인데요, … 궁금해서요" tells a story; searched for is the clause that asks.

Refuses: knowing what was found (searching and reading weigh the words themselves).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dialog.answers.asking import Form, forms
from dialog.answers.evidence import content_words, stem
from dialog.parsers.language import language
from dialog.parsers.text import tokens

_DETAIL = 2
"""An answer to our asking back with at most this many content words only adds to the question."""
_TOPICAL = 2
"""A clause with fewer content words than this needs the one before it."""
_COMPOUND = 3
"""Syllables from which two words with the same end are taken for kinds of the same thing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The ``words`` to search for, and the ``topic`` that a follow-up will lean on."""

    words: str
    topic: str

    @property
    def follows(self) -> bool:
        """Whether it leans on what was asked before."""
        return self.words != self.topic


@dataclass(frozen=True, slots=True)
class _Leaning:
    """How a language leans on what was said, and tells stories.

    ``fragment`` is a question without a predicate, ``pointer`` one that points back, ``days`` are names that take each
    other's place; a story has at least ``long`` words, its clauses end with ``clause_end`` or begin with
    ``clause_start``, and ``told`` says whose and since when, which no document knows.
    """

    fragment: re.Pattern[str]
    pointer: re.Pattern[str]
    days: re.Pattern[str]
    long: int
    clause_end: re.Pattern[str]
    clause_start: re.Pattern[str]
    told: re.Pattern[str]
    wants: re.Pattern[str]
    """What says that something is wanted, between what and how."""
    own: re.Pattern[str]
    """What the caller bought, its name being the group ``thing``."""
    product: str
    """What stands for it where no document names it."""


_NEVER = re.compile(r"(?!)")

_LEANING: Mapping[str, _Leaning] = {
    "ko": _Leaning(
        fragment=re.compile(r"^(?:\S+ ){0,3}\S*[가-힣](?:은|는|엔|도|이면|라면)(?:요|여)?$"),
        pointer=re.compile(
            r"^(?:그건|그거|그것|그게|그때|그날|그렇게|그 |거기|그곳|그쪽|이건|이거|둘|나머지)|(?:^| )(?:그거"
            r"|거기|그곳)"
        ),
        days=re.compile(r"평일|주말|[월화수목금토일]요일|공휴일|휴일|명절|설날|추석"),
        long=7,
        clause_end=re.compile(r"(?:[는은인던한건]데|거든|[어아해려라]서|니까|지만|[고구]요|려고요|다가)(?:요|여)?$"),
        clause_start=_NEVER,
        told=re.compile(
            r"(?:제가|저는|저희가|내가|나는|우리가|저희는) |(?:지지난|지난|저번|이번)\s?(?:주|달|번|해)(?:에|말에)? "
            r"|(?:어제|그저께|엊그제|아까|방금|얼마 전에|작년에|며칠 전에) "
            r"|[일이삼사오육한두세네\d]+\s?(?:일|주|주일|달|개월) 전에 "
        ),
        wants=re.compile(r"(?:하)?(?:려고 하는데|려는데|고 싶은데|려고 해요|고 싶어요)(?:요)?(?= |$)"),
        own=re.compile(
            r"(?<!\S)(?:산|샀던|구매한|구매했던|구입한|구입했던|주문한|주문했던|시킨)"
            r" (?P<thing>(?!상품|제품|물건|것|거|걸|게|건|지|뒤|후|다음|사람"
            r"|날)[가-힣A-Za-z]{2,}?)[을를이가은는도]?(?= |$)"
        ),
        product="",
    ),
    "en": _Leaning(
        fragment=re.compile(
            r"^(?:(?:on|in|at|to|for|from|with|by|during|after|before|through) (?:\S+ ?){1,4}|(?:the|your"
            r"|its) \S+(?: \S+)?)$"
        ),
        pointer=re.compile(
            r"^(?!.*\b(?:is|are) there\b)(?!.*\bis (?:it|that) (?:possible|true|ok|okay)\b)(?:\S+ ){1,6}(?:it"
            r"|that|this|they|them|those"
            r"|these|there|one|ones)(?: \S+){0,3}$"
        ),
        days=re.compile(r"weekdays?|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|holidays?"),
        long=14,
        clause_end=_NEVER,
        clause_start=re.compile(
            r"\b(?:(?:and |so |but )*(?:i was wondering|i am wondering|im wondering|i'm wondering|i (?:want"
            r"|wanted|need) to know"
            r"|i(?:'d| would|d) like to know|(?:can|could|would) you (?:please )?tell me|my question is"
            r"|do you know|what i want to know is)"
            r"|so|because|but)\b"
        ),
        told=re.compile(
            r"\b(?:last (?:week|month|year|\w+day)|yesterday|the other day|this morning"
            r"|(?:a|two|three|few) (?:days?|weeks?|months?) ago)\b"
        ),
        wants=_NEVER,
        own=re.compile(
            r"\b(?:the|a|an|my|this|that) (?P<thing>(?!product|item|order|thing)[a-z]+(?: [a-z]+)?)"
            r" (?:that |which )?i (?:have |just )*(?:bought|ordered|purchased|got)\b"
        ),
        product="the product",
    ),
}


def resolve(text: str, code: str, *, before: str = "", clarifies: str = "") -> Asked:
    """What is asked by ``text`` after ``before`` was asked; ``clarifies`` is the question that we asked back about.

    Raises ``LanguageNotSpoken``.
    """
    own = _without_story(_without_hesitation(text, code), code)
    own = " ".join(_LEANING[code].wants.sub("", own).split())
    if clarifies and len(content_words(own, language(code).prose)) <= _DETAIL:
        return Asked(f"{clarifies} {own}", clarifies)
    if before and leans_back(own, code):
        kept = _kept(before, own, code)
        return Asked(f"{kept} {own}" if kept else own, before)
    return Asked(own, own)


def without_unknown(asked: str, code: str, known: Iterable[str]) -> str:
    """``asked`` without the name of what the caller says to have bought, unless one of the texts that are ``known``
    names it: no document tells how a fan is returned, but one tells it of cosmetics.

    Raises ``LanguageNotSpoken``.
    """
    prose, leaning = language(code).prose, _LEANING[code]

    def called(match: re.Match[str]) -> str:
        names = {stem(token.text, prose) for token in tokens(match["thing"])}
        named = any(name in text.lower() for name in names for text in known)
        return match.group() if named else leaning.product

    return " ".join(leaning.own.sub(called, asked).split())


def leans_back(text: str, code: str) -> bool:
    """Whether ``text`` follows up on what was asked before: it says so, points back, or asks without a predicate or a
    topic of its own."""
    table, leaning = language(code), _LEANING[code]
    words = tokens(text)
    if not words or len(words) > table.following.longest:
        return False
    flat = " ".join(word.text for word in words)
    if table.following.opener.search(flat) or leaning.fragment.search(flat):
        return True
    topical = content_words(text, table.prose)
    return not topical or (len(topical) <= _DETAIL and leaning.pointer.search(flat) is not None)


def _kept(before: str, own: str, code: str) -> str:
    """What of the question before still counts: all of it where ``own`` has no way of asking, else its topic; without
    what ``own`` puts something else in the place of."""
    prose = language(code).prose
    old = [(token, stem(token.text, prose)) for token in tokens(before)]
    topics = content_words(before, prose)
    replaced = _replaced(topics, content_words(own, prose), _LEANING[code].days)
    asks_itself = bool(forms(own, code) - {Form.DECISION})
    topical = set(topics) if asks_itself else {word for _, word in old}
    return " ".join(before[token.start : token.end] for token, word in old if word in topical and word not in replaced)


def _replaced(old: Sequence[str], new: Sequence[str], days: re.Pattern[str]) -> set[str]:
    """The words of ``old`` that ``new`` has another of the same kind for: a day, another compound with the same end,
    another word before the same one ("credit card", "debit card")."""
    gone: set[str] = set()
    if any(days.fullmatch(word) for word in new):
        gone |= {word for word in old if days.fullmatch(word)}
    heads = {head: first for first, head in pairwise(new)}
    gone |= {first for first, head in pairwise(old) if heads.get(head, first) != first}
    ends = {word[-1] for word in new if len(word) >= _COMPOUND and not word.isascii()}
    gone |= {word for word in old if len(word) >= _COMPOUND and word[-1] in ends and word not in new}
    return gone


def _without_hesitation(text: str, code: str) -> str:
    hesitations = language(code).following.hesitations
    words = tokens(text)
    first = 0
    while first < len(words) and words[first].text in hesitations:
        first += 1
    return text[words[first].start :] if first < len(words) else text


def _without_story(text: str, code: str) -> str:
    """The clause that asks, with the one before it where it has no topic of its own, and without whose and since when;
    short texts stay as they are."""
    leaning, prose = _LEANING[code], language(code).prose
    if len(tokens(text)) < leaning.long:
        return text
    clauses = _clauses(text, leaning)
    asking = [at for at, clause in enumerate(clauses) if forms(clause, code)]
    last = asking[-1] if asking else len(clauses) - 1
    first = last
    while first and len(content_words(" ".join(clauses[first : last + 1]), prose)) < _TOPICAL:
        first -= 1
    kept = " ".join(clauses[first : last + 1])
    bare = " ".join(leaning.told.sub(" ", f"{kept} ").split())
    return bare if content_words(bare, prose) else kept


def _clauses(text: str, leaning: _Leaning) -> list[str]:
    clauses: list[list[str]] = [[]]
    for word in text.split():
        clauses[-1].append(word)
        if leaning.clause_end.search(word.strip(",.?!")):
            clauses.append([])
    parted = [" ".join(clause) for clause in clauses if clause]
    return [piece.strip() for clause in parted for piece in _cut(clause, leaning.clause_start) if piece.strip()]


def _cut(clause: str, start: re.Pattern[str]) -> list[str]:
    """``clause`` cut where a new one begins; what only introduces a question goes with the cut."""
    return start.split(clause)
