"""How the customer feels, as far as their words say so. Pure.

Read from what customers say, never from how they sound, and never of an agent: whoever asks for that is refused. Words
are looked up in a small lexicon of either language; what negates one turns it around ("not happy", 불편하지 않아요).
With no such word there is nothing to say: the label is ``neutral`` where enough was said, else ``unknown``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialog.errors import DialogError, LanguageNotSpoken
from dialog.parsers.text import tokens
from dialog.turn import MASK, Speaker, Utterance

LATEST = 6
"""Utterances of the customer that count; of those the later count more."""
FADES = 0.7
"""What an utterance counts of the one after it."""
DECIDED = 0.5
"""From this weight on it is one or the other."""
NOT_GOOD, NOT_BAD = 0.8, 0.3
"""What words count the other way round: not happy is nearly as much as angry, and not angry hardly happy."""
LEAST_WORDS = 2
"""Fewer words than this say nothing of how somebody feels."""


class SentimentRefused(DialogError):
    """How agents feel is not inferred here: the law forbids it, and so does the house. Ask about the customer."""

    code = "dialog_sentiment_refused"


class Feeling(StrEnum):
    """What can be said."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How the customer feels, and the words of theirs that say so, the latest first."""

    label: Feeling
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """One language's words. ``strong`` ones count twice; a word counts the other way round where ``before`` matches at
    the end of what stands before it, or ``after`` at the beginning of what follows; ``idle`` ones are no feeling."""

    negative: re.Pattern[str]
    positive: re.Pattern[str]
    strong: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    idle: re.Pattern[str]


_NEVER = re.compile(r"(?!)")

_LEXICONS: Mapping[str, _Lexicon] = {
    "ko": _Lexicon(
        negative=re.compile(
            r"짜증|화가?\s?[나났]|열\s?받|답답|불편|불만|실망|최악|엉망|황당|어이\s?없|어이가\s?없|속상|억울|불쾌|지긋지긋"
            r"|너무하|너무한|말이\s?[돼되]|말도\s?안\s?[돼되]|기분\s?(?:이\s?)?(?:나쁘|나빠|상하|상했)|불친절|형편없|한심|환장|미치겠"
            r"|못\s?참|못\s?믿|지쳤|지치네|걱정|곤란|난감|후회|무책임|성의\s?없|도대체|장난(?:하|해|치)|몇\s?번[을이]?나?\s?(?:말|얘기|전화)"
            r"|왜\s?이렇게\s?(?:늦|느|오래|안)|이게\s?뭐"
        ),
        positive=re.compile(
            r"감사|고맙|고마워|좋네|좋아요|좋습니다|좋았|좋겠네|만족|친절하|잘\s?됐|다행|최고|기쁘|기뻐|훌륭|완벽|마음에\s?[들드]"
            r"|도움이?\s?(?:됐|되었|많이)|(?<!불)편[하해]|빠르시|빠르네|반갑"
        ),
        strong=re.compile(r"최악|환장|미치겠|열\s?받|지긋지긋|못\s?참|최고|완벽"),
        before=re.compile(r"(?:^|\s)(?:안|못|별로|전혀|하나도)\s*$"),
        after=re.compile(
            r"^[가-힣]{0,3}(?:\s?건\s?)?(?:지(?:는|도|가)?\s?(?:않|못|마)|진\s?않|\s?(?:없|안\s?(?:하|해|되|돼|났|나|했)|아니|아닌|아녜|아니에))"
        ),
        idle=re.compile(r"감사(?:실|팀|원|관)|답답한\s?건\s?아|안전\s?불감|불편\s?(?:신고|사항\s?접수)|만족도\s?조사"),
    ),
    "en": _Lexicon(
        negative=re.compile(
            r"\b(?:angry|annoy(?:ed|ing)|frustrat(?:ed|ing|ion)|upset|furious|terrible|awful|horrible|worst|unacceptable"
            r"|ridiculous|disappoint(?:ed|ing|ment)|useless|rude|disgust(?:ed|ing)|fed up|sick of|tired of|hate|unhappy"
            r"|outrageous|a joke|pathetic|nonsense|waste of (?:time|money)|bad|poor|worried|mad|ripped off|let down"
            r"|how many times|still (?:not|hasn'?t|haven'?t|waiting)|keep (?:calling|waiting))\b"
        ),
        positive=re.compile(
            r"\b(?:can'?t thank you enough|thanks?|thank you|great|excellent|perfect|wonderful|amazing|lovely|brilliant"
            r"|fantastic|appreciate|happy|satisfied|pleased|glad|helpful|kind of you|good|nice|awesome|relieved|love)\b"
        ),
        strong=re.compile(
            r"\b(?:furious|worst|horrible|unacceptable|outrageous|disgust(?:ed|ing)|hate|amazing|excellent)"
        ),
        before=re.compile(
            r"(?:\bno(?:\s+[a-z']+)?|\b(?:not|never|hardly|without|nothing|(?:is|was|are|do|does|did|ca|could|would|have|has)n'?t)"
            r"(?:\s+[a-z']+){0,3})\s*$"
        ),
        after=_NEVER,
        idle=re.compile(
            r"\b(?:bad (?:line|connection|reception)|(?:line|connection|reception) is (?:very |really )?bad"
            r"|happy to (?:wait|hold)|no problem|no,? thank(?:s| you))\b"
        ),
    ),
}


def sentiment(history: Sequence[Utterance], code: str) -> Sentiment:
    """How the customer feels now, by the latest of what they said in the language ``code``.

    ``history`` holds the customer's utterances and nobody else's: raises ``SentimentRefused`` for one of an agent or
    the bot, ``LanguageNotSpoken`` for a language without a lexicon.
    """
    if any(line.speaker is not Speaker.CALLER for line in history):
        raise SentimentRefused("only what the customer said may be read for how they feel; leave everybody else out")
    lexicon = _LEXICONS.get(code)
    if lexicon is None:
        raise LanguageNotSpoken(f"no words of feeling are known for {code!r}, only for {', '.join(_LEXICONS)}")
    heard = [line.text.lower() for line in history if line.text and MASK not in line.text][-LATEST:]
    balance, why = 0.0, []
    for age, text in enumerate(reversed(heard)):
        for weight, words in _felt(text, lexicon):
            balance += weight * FADES**age
            why.append((weight, words))
    label = _label(balance, sum(len(tokens(text)) for text in heard))
    sign = {Feeling.NEGATIVE: -1.0, Feeling.POSITIVE: 1.0}.get(label, 0.0)
    return Sentiment(label, tuple(dict.fromkeys(words for weight, words in why if weight * sign > 0)))


def _label(balance: float, words: int) -> Feeling:
    if abs(balance) >= DECIDED:
        return Feeling.POSITIVE if balance > 0 else Feeling.NEGATIVE
    return Feeling.NEUTRAL if words >= LEAST_WORDS else Feeling.UNKNOWN


def _felt(text: str, lexicon: _Lexicon) -> Iterable[tuple[float, str]]:
    """Each word of feeling with its weight (below nought: it is bad), and the words that show it."""
    clean = lexicon.idle.sub(lambda found: " " * len(found.group()), text)
    for sign, pattern in ((-1.0, lexicon.negative), (1.0, lexicon.positive)):
        for found in pattern.finditer(clean):
            negated = lexicon.before.search(clean[: found.start()]) or lexicon.after.search(clean[found.end() :])
            weight = 2.0 if lexicon.strong.search(found.group()) else 1.0
            if negated:
                weight = -NOT_GOOD if sign > 0 else -NOT_BAD
            yield weight * sign, found.group()
