"""Whether a sentence says yes or no to a question, where that is certain. Pure.

A wrong "yes" is worse than none, so one is said only when the sentence has all that the question names, hardly anything
that it does not name, and no condition. Everything else is left to the sentence itself, which the caller hears anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialog.answers.asking import Form, forms
from dialog.answers.evidence import content_words, pairs_of
from dialog.parsers.language import language

_MORE = 2
"""Content words that a sentence may have beyond the question's: what is done, and to what."""
_SAME = 0.99


@dataclass(frozen=True, slots=True)
class _Polarity:
    """How a language denies and conditions, and says yes and no before a sentence."""

    denies: re.Pattern[str]
    affirms: re.Pattern[str]
    conditions: re.Pattern[str]
    said: re.Pattern[str]
    yes: str
    no: str


_POLARITIES: Mapping[str, _Polarity] = {
    "ko": _Polarity(
        denies=re.compile(r"수 없|않습|않아|안 [가-힣]|못 ?[가-힣]|없습니다|없어요|불가|아닙니다"),
        affirms=re.compile(r"(?:수 있습니다|됩니다|가능합니다|있습니다|무료입니다|드립니다|받습니다)\.?$"),
        conditions=re.compile(
            r"만(?: |$)|경우|면 |이상|이하|미만|초과|이내|까지|전까지|동안|제외|단,|다만|한해|한하|부터|때는|때만"
            r"|안에|\d"
        ),
        said=re.compile(r"^(?:네|예|아니요|아니오)\b"),
        yes="네, ",
        no="아니요, ",
    ),
    "en": _Polarity(
        denies=re.compile(r"\b(?:not|no|cannot|never|none|neither)\b|n['’]t\b", re.IGNORECASE),
        affirms=re.compile(r"\b(?:is|are|can|may|have|has|do|does|accept|offer|deliver|take)\b", re.IGNORECASE),
        conditions=re.compile(
            r"\b(?:if|unless|only|except|excluding|when|once|while|until|till|within|before|after|from|for"
            r"|at least|at most"
            r"|up to|more|less|during|without|because|some|most|other)\b|\d",
            re.IGNORECASE,
        ),
        said=re.compile(r"^(?:yes|no)\b", re.IGNORECASE),
        yes="Yes. ",
        no="No. ",
    ),
}


def decided(asked: str, sentence: str, code: str) -> str:
    """A yes or no as it is said before ``sentence``, or nothing where it is not certain.

    Raises ``LanguageNotSpoken``.
    """
    prose, polarity = language(code).prose, _POLARITIES[code]
    if forms(asked, code) != {Form.DECISION} or polarity.said.search(sentence):
        return ""
    if polarity.conditions.search(sentence) or polarity.denies.search(asked):
        return ""
    wanted, there = content_words(asked, prose), content_words(sentence, prose)
    pairs = {pair for word in there for pair in pairs_of(word)}
    if not wanted or len(there) > len(wanted) + _MORE:
        return ""
    if any(len(pairs_of(word) & pairs) < _SAME * len(pairs_of(word)) for word in wanted):
        return ""
    denials = len(polarity.denies.findall(sentence))
    if denials == 1:
        return polarity.no
    return polarity.yes if not denials and polarity.affirms.search(sentence) else ""
