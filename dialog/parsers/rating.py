"""How content somebody says they are, from one to five: "four", "five stars", 사점이요, 매우 만족합니다.

Read deterministically. What names two different numbers, or none, is no rating: whoever asked asks again.

Refuses: guessing from the tone of anything else that is said.
"""

from __future__ import annotations

import re

from dialog.parsers.language import language
from dialog.parsers.text import plain, tokens

LOWEST, HIGHEST = 1, 5

LONGEST = 14
"""Words of a turn that can be a rating; a longer one tells a story."""

_Table = tuple[tuple[re.Pattern[str], int], ...]

_SCALE = {
    "en": re.compile(r"\b(?:out of (?:five|5)|(?:from|between) (?:one|1) (?:to|and) (?:five|5))\b"),
    "ko": re.compile(r"(?:오|다섯|5)점만점(?:에서|에|중에|중)?|(?:다섯|5)개중에?"),
}
"""The scale itself, which is no answer."""


def _table(*rows: tuple[str, int]) -> _Table:
    return tuple((re.compile(pattern), score) for pattern, score in rows)


_VERY = r"(?:very|extremely|completely|totally|really|most)"
_FELT: dict[str, _Table] = {
    # In this order: what is found first is taken out, so that "not satisfied" is not found as "satisfied".
    "en": _table(
        (rf"\b{_VERY} (?:dissatisfied|unsatisfied|unhappy)\b|\b(?:terrible|awful|horrible|the worst)\b", 1),
        (r"\b(?:dissatisfied|unsatisfied|unhappy|not (?:very |really )?(?:satisfied|happy|content|good))\b", 2),
        (r"\b(?:bad|poor)\b", 2),
        (rf"\b{_VERY} (?:satisfied|happy|content|good)\b|\b(?:excellent|perfect|the best)\b", 5),
        (r"\b(?:satisfied|happy|content|good)\b", 4),
        (r"\b(?:neutral|average|so so|neither)\b", 3),
    ),
    "ko": _table(
        (r"(?:매우|아주|정말|너무|무척|전혀)(?:불만|만족하지않|만족못|만족스럽지않)[가-힣]*|최악[가-힣]*", 1),
        (r"불만[가-힣]*|만족하지않[가-힣]*|만족못[가-힣]*|만족스럽지않[가-힣]*|별로[가-힣]*", 2),
        (r"(?:매우|아주|정말|무척|대단히|완전)만족[가-힣]*|최고[가-힣]*", 5),
        (r"만족[가-힣]*", 4),
        (r"보통[가-힣]*|그저그래[가-힣]*|그냥그래[가-힣]*|그저그렇[가-힣]*", 3),
    ),
}

_NUMBERS: dict[str, _Table] = {
    "en": _table(
        (r"\b(?:one|1)\b", 1),
        (r"\b(?:two|2)\b", 2),
        (r"\b(?:three|3)\b", 3),
        (r"\b(?:four|4)\b", 4),
        (r"\b(?:five|5)\b", 5),
    ),
    # A syllable alone is a number only where it stands for one: 이 is "this" as well, and 네 is "yes".
    "ko": _table(
        (r"(?:일|하나|한|1)(?:점|개|번)|하나|(?<!\d)1(?!\d)", 1),
        (r"(?:이|둘|두|2)(?:점|개|번)|둘|(?<!\d)2(?!\d)", 2),
        (r"(?:삼|셋|세|3)(?:점|개|번)|셋|(?<!\d)3(?!\d)", 3),
        (r"(?:사|넷|네|4)(?:점|개|번)|넷|(?<!\d)4(?!\d)", 4),
        (r"(?:오|다섯|5)(?:점|개|번)|다섯|(?<!\d)5(?!\d)", 5),
    ),
}

_ALONE = re.compile(r"(?:음|어|저는)*([일이삼사오])(?:이?요|입니다|이에요|예요|할게요|줄게요|드릴게요)?")
_SYLLABLES = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5}


def read_rating(text: str, code: str) -> int | None:
    """The rating in ``LOWEST..HIGHEST`` that ``text`` is; None where it is none. Raises ``LanguageNotSpoken``."""
    form = plain(text, spaced=language(code).phrases.spaced).text
    if not form or len(tokens(text)) > LONGEST:
        return None
    if code == "ko" and (alone := _ALONE.fullmatch(form)) is not None:
        return _SYLLABLES[alone.group(1)]
    said = _SCALE[code].sub(" ", form)
    numbers = {score for pattern, score in _NUMBERS[code] if pattern.search(said)}
    if numbers:
        return numbers.pop() if len(numbers) == 1 else None
    felt = set()
    for pattern, score in _FELT[code]:
        said, found = pattern.subn(" ", said)
        if found:
            felt.add(score)
    return felt.pop() if len(felt) == 1 else None
