"""Words beside a number that say what it is, and words that say that it is nobody's secret. Pure.

The nearest cue counts: in "카드 말고 주문번호 4111…" the number is the order's. A question that was asked is a cue
before whatever answers it.

Refuses: finding numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.privacy.cue_words import CUES, DIGIT
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.written import DOUBTFUL, Written

BEFORE = 32
"""Characters between a cue and the number behind it."""
AFTER = 14
"""Characters between a number and the cue behind it ("… 국민은행이요", "… is my cell")."""

_KINDS = {kind.value: kind for kind in PersonalKind} | {"code": PersonalKind.CARD}
_ANY = re.compile(
    # Words of the Latin alphabet are looked for where words begin: everything else would be tried for nothing. They end
    # before particles too (SSN은).
    r"(?:(?=[가-힣])|(?<![a-z])(?=[a-z]))(?:"
    + "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in CUES.items()).replace(r"\b", r"(?a:\b)")
    + ")",
    re.I,
)
_ANOTHER = re.compile(
    r"(?:[,;.?!]|(?a:\b)(?:and|but)(?a:\b)|하고|이?고요?\s)(?!\s*(?:and\s+)?(?:that|this|it|which|[이그](?:게|건|것))(?![a-z]))",
    re.I,
)
"""Between a number and a word behind it that is said of something else."""
_SENTENCE = re.compile(r"(?<=[.?!。])\s+")
_BY_KEYS = re.compile(
    r"(\b(?:enter|key|keyed|type|press|dial)\b[^.?!]*?)\s(?:on|with|using|into)\s(?:your|the)\s(?:tele)?phone\b",
    re.I,
)
"""How something may be told, which says nothing of what is asked for: "or enter them on your telephone"."""
_ASKS = re.compile(
    r"\?$|말씀|알려|불러|입력|눌러|남겨|어떻게 되|무엇|뭐"
    r"|\b(?:what|which|tell|give|say|enter|key|type|provide|may i have|could you)\b",
    re.I,
)
_IN_WORDS = {
    PersonalKind.EMAIL: re.compile(r"이메일|메일\s*주소|e-?mail", re.I),
    PersonalKind.ADDRESS: re.compile(r"주소|배송지|\baddress", re.I),
    PersonalKind.NAME: re.compile(r"성함|이름|성명|예금주|\bname\b", re.I),
}

CODE = "code"
OTHER = "other"
UNKNOWN = "unknown"
"""A word that we do not know, right before a number that it calls its own: whatever that is, it is not what was named
before."""
_THING = "thing"
"""What only a number right behind it is said of."""
_PART = "part"
"""A part of what was named before; else of a registration number, of which everybody knows two."""
_GENERIC = re.compile(r"code|digits?|세\s?자리|기[간한]|만기", re.I)
"""Words that a card's code or expiry date is called by only where a card is spoken of."""
_LEADS = re.compile(rf"(?:\s*번호|\s+number)?(?:\s+is|['’]s|:|은|는|\.)?\s*{DIGIT}", re.I)
_MONTH_AND_YEAR = re.compile(
    rf"[은이는가]?\s*(?:0?[1-9]|1[0-2])\s*(?:월\s*(?:에\s*)?|에\s*|/\s*|슬래시\s*){DIGIT}\s?{DIGIT}[{DOUBTFUL}]?(?!\s*[{DOUBTFUL}\d일])"
)
"""In this order only cards say it."""
_SEVEN = re.compile(rf"[^\d{DOUBTFUL}]{{0,10}}(?:[\d{DOUBTFUL}][ -]?){{7}}(?![\d{DOUBTFUL}])")
"""As many digits as a registration number has behind its sign; those of a telephone number are four."""
_SIX_IN_FRONT = re.compile(rf"앞[^\d{DOUBTFUL}]{{0,12}}\d{{2}}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?![\d{DOUBTFUL}])")
"""A date of birth, which is the other part of such a number."""
_NUMBER = "number"
"""A number that is called nothing else is somebody's telephone number."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says what numbers beside it are: a kind's value, ``code`` (beside a card) or ``other``: nothing
    personal. It stands at ``start:end`` of the written text."""

    name: str
    start: int
    end: int
    announces: bool = False
    """Whether "is", or what else leads to a number, stands behind it: the next number is meant, not the one before."""

    @property
    def kind(self) -> PersonalKind | None:
        """The kind of personal data that it announces."""
        return _KINDS.get(self.name)


def cues(text: Written, asked: PersonalKind | None = None) -> tuple[Cue, ...]:
    """All cues of a text in their order; what was ``asked`` comes before all."""
    found = [Cue(asked.value, 0, 0)] if asked is not None else []
    for match in _ANY.finditer(text.text):
        name = match.lastgroup or OTHER
        before = found[-1] if found else None
        if name == _NUMBER:  # of what was named before, if anything was: 신용카드로 할게요 그 번호가
            name = PersonalKind.PHONE.value if before is None else before.name
        elif name == _PART:
            named = before is not None and before.kind is not None and before.kind not in _IN_WORDS
            registered = _SEVEN.match(text.text, match.end()) or _SIX_IN_FRONT.search(text.text)
            of_a_phone = match.group().startswith("뒷번호") and registered is None
            alone = PersonalKind.PHONE if of_a_phone else PersonalKind.REGISTRATION
            name = before.name if before is not None and named else alone.value
        elif _GENERIC.fullmatch(match.group()) and not _is_a_cards(text, match.end(), before):
            continue
        elif match.group().startswith("뒷면") and before is not None and before.kind not in (None, PersonalKind.CARD):
            continue  # of a bankbook
        leads = name == _THING or _LEADS.match(text.text, match.end()) is not None
        found.append(Cue(OTHER if name == _THING else name, match.start(), match.end(), leads))
    return tuple(found)


def _is_a_cards(text: Written, behind: int, before: Cue | None) -> bool:
    """Whether a card is spoken of where a word stands that other things have as well."""
    spoken_of = before is not None and before.kind is PersonalKind.CARD
    return spoken_of or _MONTH_AND_YEAR.match(text.text, behind) is not None


def asked_for(text: str) -> str | None:
    """What the last sentence of a text asks for, as a cue's name: the one kind of personal data that it names, or
    ``other`` if it asks for something else, or leaves open which of both; None if it asks for nothing of the sort."""
    sentence = _BY_KEYS.sub(r"\1", _SENTENCE.split(text.strip())[-1])
    if not _ASKS.search(sentence):
        return None
    words = next((kind.value for kind, pattern in _IN_WORDS.items() if pattern.search(sentence)), None)
    if words is not None:
        return words
    named = {OTHER if cue.kind is None else cue.kind.value for cue in cues(Written(sentence))}
    if len(named) > 1:
        return OTHER
    return named.pop() if named else None


def last_before(among: Sequence[Cue], start: int) -> Cue | None:
    """The last cue before a place."""
    place = bisect_right(among, start, key=lambda cue: cue.end)
    return among[place - 1] if place else None


def right_behind(text: str, among: Sequence[Cue], end: int) -> Cue | None:
    """The first cue behind a number that ends there, where it is near and announces no other; one that says that a
    number is nobody's says it in the same breath."""
    place = bisect_left(among, end, key=lambda cue: cue.start)
    if place == len(among) or among[place].announces or among[place].start - end > AFTER:
        return None
    found = among[place]
    return None if found.kind is None and _ANOTHER.search(text, end, found.start) else found
