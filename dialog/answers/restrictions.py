"""What makes a sentence say less, or the opposite: negation, exception, limit, condition. Pure.

Each kind has many forms ("이상", ``at least``, ``or more``) that stand for one another; a sentence that lost a kind
says something else. A condition is not a word but what it says, so its own words have to survive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialog.errors import LanguageNotSpoken


class Restriction(StrEnum):
    """Ways to say less."""

    NEGATION = "negation"
    EXCEPTION = "exception"
    ONLY = "only"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    UNDER = "under"
    OVER = "over"
    EXTRA = "extra"
    DONE = "done"
    """It has happened: what is only planned is not."""


_TELLING = frozenset({Restriction.EXTRA, Restriction.DONE})
"""Kinds whose words also say what it is about."""


@dataclass(frozen=True, slots=True)
class RestrictionTable:
    """One language's forms. ``connective`` opens a sentence and means something for the one before it, or as an answer,
    but nothing within it; each of ``conditions`` has the condition's words in its group."""

    kinds: Mapping[Restriction, re.Pattern[str]]
    apart: bool
    """Whether its forms are words of their own, rather than parts of words."""
    connective: re.Pattern[str]
    joins: re.Pattern[str]
    """Where a sentence goes on with another statement, for which the restrictions of the first do not hold."""
    conditions: tuple[re.Pattern[str], ...]


RESTRICTION_TABLES: dict[str, RestrictionTable] = {
    "ko": RestrictionTable(
        kinds={
            Restriction.NEGATION: re.compile(
                r"않|없|못|불가|아니|아닌|아닙|금지|거절|\b안\s?(?:되|됩|돼|해|하|합)|쉽니다|쉬"
            ),
            Restriction.EXCEPTION: re.compile(r"제외|외에는|빼고|예외|이외"),
            Restriction.ONLY: re.compile(
                r"한해|한하여|한정|오직|(?:에|에서|께|로)만\b|(?<!하지)(?<!다)(?<![일이삼사오육칠팔구십백천])(?<=[가-힣])만(?=\s)"
            ),
            Restriction.AT_LEAST: re.compile(r"이상|최소|적어도"),
            Restriction.AT_MOST: re.compile(r"이하|이내|까지|최대|안에|내에"),
            Restriction.UNDER: re.compile(r"미만"),
            Restriction.OVER: re.compile(r"초과|넘"),
            Restriction.EXTRA: re.compile(r"추가|별도"),
            Restriction.DONE: re.compile(r"(?:했|됐|되었|하였|왔|갔|보냈|받았|마쳤)(?:습니다|어요|다|음)"),
        },
        apart=False,
        connective=re.compile(r"^(?:(?:단|다만|그러나|하지만|그런데)[,\s]+|(?:네|예|아니요|아니오|아닙니다),\s+)"),
        joins=re.compile(r";\s*|(?<=[가-힣])(?:(?<!하)고|이며|며)[,\s]+"),
        conditions=(
            re.compile(r"(?:^|[,.]\s*)([^,.]+?)\s?(?:경우|때)(?:에만|에는|에|는)?(?=[\s,])"),
            re.compile(r"(?:^|[,.]\s*)([^,.]+?)(?:으시면|시면|으면|하면|되면|이면|라면)(?=[\s,])"),
        ),
    ),
    "en": RestrictionTable(
        kinds={
            Restriction.NEGATION: re.compile(
                r"\b(?:not|no|never|none|nor|neither|without|cannot|closed|unable|isnt|dont|cant)\b|n['’]t\b",
                re.IGNORECASE,
            ),
            Restriction.EXCEPTION: re.compile(
                r"\b(?:except|excluding|excludes?|excluded|other than|apart from|unless)\b", re.IGNORECASE
            ),
            Restriction.ONLY: re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE),
            Restriction.AT_LEAST: re.compile(
                r"\b(?:at least|minimum|or more|or over|or above|and above|from\b.{1,20}\bupwards)\b", re.IGNORECASE
            ),
            Restriction.AT_MOST: re.compile(
                r"\b(?:at most|maximum|up to|within|or less|no more than|not more than|until)\b", re.IGNORECASE
            ),
            Restriction.UNDER: re.compile(r"\b(?:less than|under|below|fewer than)\b", re.IGNORECASE),
            Restriction.OVER: re.compile(r"\b(?:more than|over|above|exceeding|exceeds?)\b", re.IGNORECASE),
            Restriction.EXTRA: re.compile(r"\b(?:extra|additional|surcharge)\b", re.IGNORECASE),
            Restriction.DONE: re.compile(
                r"(?<!\bis )(?<!\bare )(?<!\bbe )\b(?:arrived|delivered|shipped|sent|cancell?ed|refunded|paid)\b",
                re.IGNORECASE,
            ),
        },
        apart=True,
        connective=re.compile(r"^(?:(?:however|but|yet|though)[,\s]+|(?:yes|no),\s+)", re.IGNORECASE),
        joins=re.compile(r";\s*|,\s+so\s+|,?\s+and\s+(?=is|are|can|costs?|will|does|has)"),
        conditions=(
            re.compile(
                r"\b(?:if|unless|provided(?: that)?|as long as|in case|when)\s+([^,.;]+)(?=[,.;]|$)", re.IGNORECASE
            ),
            re.compile(r"\bfor (orders [^,.;]+)(?=[,.;]|$)", re.IGNORECASE),
        ),
    ),
}


def restriction_kinds(text: str, code: str) -> frozenset[Restriction]:
    """The ways in which ``text`` restricts. Raises ``LanguageNotSpoken``."""
    table = _table(code)
    own = table.connective.sub("", text)
    found = {kind for kind, forms in table.kinds.items() if forms.search(own)}
    for bound in (Restriction.AT_LEAST, Restriction.AT_MOST):  # "or over", "no more than": other kinds' words in them
        if bound in found:
            rest = table.kinds[bound].sub(" ", own)
            found = {bound} | {kind for kind in found if table.kinds[kind].search(rest)}
    return frozenset(found)


def without_restrictions(text: str, code: str) -> str:
    """``text`` without words that only restrict: those are compared by what they do. Raises ``LanguageNotSpoken``."""
    table = _table(code)
    for kind, forms in table.kinds.items() if table.apart else ():
        if kind not in _TELLING:
            text = forms.sub(" ", text)
    return text


def statements(text: str, code: str) -> tuple[str, ...]:
    """The statements that ``text`` joins. Raises ``LanguageNotSpoken``."""
    return tuple(part for part in _table(code).joins.split(text) if part.strip()) or (text,)


def conditions(text: str, code: str) -> tuple[str, ...]:
    """The words of each condition under which ``text`` holds. Raises ``LanguageNotSpoken``."""
    table = _table(code)
    own = table.connective.sub("", text)
    return tuple(match.group(1).strip() for form in table.conditions for match in form.finditer(own))


def _table(code: str) -> RestrictionTable:
    try:
        return RESTRICTION_TABLES[code]
    except KeyError:
        raise LanguageNotSpoken(f"nobody knows what restricts a sentence in {code!r}") from None
