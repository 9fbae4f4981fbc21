"""Number words to digits, in both languages, so that "thirty days" finds "30 days" and "삼만 원" finds "30,000원".

Recognizers write numbers as words, documents as digits. Both sides of retrieval go through here, so a doubtful reading
harms little as long as it is always the same; it must only never take apart a word that is no number.

Refuses: being what a caller meant (the dialog has parsers for amounts, dates and order numbers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_ONES: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
}
_TENS: Final = {
    word: value * 10
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_ORDINALS: Final = {
    **{
        word: value
        for value, word in enumerate(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
            " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
            start=1,
        )
    },
    "thirtieth": 30,
}


def english(words: Sequence[str]) -> list[str]:
    """Lower-case words with every run of number words replaced by digits ("two hundred and fifty" -> "250").

    Ordinals become "1st", "22nd"; pairs of tens become years ("twenty twenty six" -> "2026"); "three point five"
    becomes "3.5".
    """
    out: list[str] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and (words[end] in _ONES or words[end] in _TENS or words[end] in _SCALES):
            end += 1
            if end + 1 < len(words) and words[end] == "and" and words[end - 1] in _SCALES and _small(words[end + 1]):
                end += 1
        if end < len(words) and words[end] in _ORDINALS and (end == at or words[end - 1] in _TENS):
            tens = _TENS.get(words[end - 1], 0) if end > at else 0
            out += _cardinals(words[at : end - 1]) if end > at else []
            out.append(_ordinal(tens + _ORDINALS[words[end]]))
            at = end + 1
        elif end > at:
            out += _decimal(_cardinals(words[at:end]), words, end)
            at = end + (2 if _has_decimals(words, end) else 0)
        else:
            out.append(words[at])
            at += 1
    return out


def _small(word: str) -> bool:
    return word in _ONES or word in _TENS


def _has_decimals(words: Sequence[str], end: int) -> bool:
    return end + 1 < len(words) and words[end] == "point" and _ONES.get(words[end + 1], 10) < 10


def _decimal(numbers: list[str], words: Sequence[str], end: int) -> list[str]:
    if _has_decimals(words, end):
        numbers[-1] += f".{_ONES[words[end + 1]]}"
    return numbers


def _ordinal(value: int) -> str:
    suffix = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def _cardinals(words: Sequence[str]) -> list[str]:
    """The numbers in a run of number words; neighbours that do not build on each other stay apart."""
    groups: list[int] = []
    total, current, last = 0, 0, 0
    started = False
    for word in words:
        if word == "and":
            continue
        if word in _SCALES:
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0
        else:
            value = _ONES.get(word, _TENS.get(word, 0))
            builds = (
                not started
                or last in (100, 1_000, 1_000_000, 1_000_000_000)
                or (20 <= last <= 90 and last % 10 == 0 and 0 < value < 10)
            )
            if not builds:
                groups.append(total + current)
                total, current = 0, 0
            current += value
        last = _SCALES.get(word, _ONES.get(word, _TENS.get(word, 0)))
        started = True
    if started:
        groups.append(total + current)
    return list(_years(groups))


def _years(groups: Sequence[int]) -> Iterator[str]:
    at = 0
    while at < len(groups):
        pair = groups[at : at + 2]
        if len(pair) == 2 and pair[0] in (19, 20) and 10 <= pair[1] <= 99:
            yield f"{pair[0]}{pair[1]}"
            at += 2
        else:
            yield str(groups[at])
            at += 1


_DIGIT: Final = {c: i for i, c in enumerate("영일이삼사오육칠팔구")} | {"공": 0, "륙": 6, "유": 6}
_SMALL_SCALE: Final = {"십": 10, "백": 100, "천": 1_000}
_BIG_SCALE: Final = {"만": 10_000, "억": 100_000_000}
_NATIVE: Final = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7,
    "여덟": 8, "아홉": 9,
}  # fmt: skip
_NATIVE_TENS: Final = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip

_UNITS: Final = (
    "원|개월|달러|일|년|월|주일|주|퍼센트|프로|층|호|번|회|분|초|시|킬로|그램|미터|센티|리터|점|인분"
    "|평|박|세|명|건|권|장|%"
)
_SURE_UNITS: Final = "개월|퍼센트|프로|주일|달러|킬로|그램|미터|센티|리터|인분|년|층"
"""Units behind which even a single syllable is a number: "삼개월", but not "이번" (this time) or "사회" (society)."""

_SPAN: Final = re.compile(r"일\s?(?:이내|안에|내에|동안|간|후|뒤|전|차|까지)")

_MIXED: Final = re.compile(
    r"\d+(?:\.\d+)?\s?[천백십만억](?:\s?\d+(?:\.\d+)?\s?[천백십만억]?)*(?=\s?(?:" + _UNITS + r"|[^가-힣]|$))"
)
_SINO: Final = re.compile(rf"(?<![가-힣])(?:[일이삼사오육륙칠팔구십백천만억영공]\s?){{1,12}}?(?=(?:{_UNITS}))")
_COUNTED: Final = re.compile(
    r"(?<![가-힣])(?:(?P<tens>" + "|".join(_NATIVE_TENS) + r")\s?)?(?P<ones>" + "|".join(_NATIVE) + r")?\s?"
    r"(?=(?:개|시간|시|달|명|번|장|살|가지|군데|켤레|병|잔|권|통|건|마리|차례|벌|대|사람)(?!월))"
)
_WORDS: Final = {
    "하루": "1일",
    "이틀": "2일",
    "사흘": "3일",
    "나흘": "4일",
    "닷새": "5일",
    "열흘": "10일",
    "보름": "15일",
}
_DAYS: Final = re.compile(r"(?<![가-힣])(?:" + "|".join(_WORDS) + r")(?!\s?종일)")
_COMMA: Final = re.compile(r"(?<=\d),(?=\d{3})")


def korean(text: str) -> str:
    """Text with Korean number words before a unit, and digits mixed with 만 or 천, written as plain digits."""
    text = _COMMA.sub("", text)
    text = _MIXED.sub(_from_mixed, text)
    text = _SINO.sub(_from_sino, text)
    text = _COUNTED.sub(_from_native, text)
    return _DAYS.sub(lambda found: _WORDS[found[0]], text)


def _from_mixed(found: re.Match[str]) -> str:
    total, section = 0.0, 0.0
    for number, scale in re.findall(r"(\d+(?:\.\d+)?)?\s?([천백십만억]?)", found[0]):
        if not number and not scale:
            continue
        value = float(number) if number else 0.0
        if scale in _BIG_SCALE:
            total += (section + value or 1) * _BIG_SCALE[scale]
            section = 0.0
        elif scale:
            section += (value or 1) * _SMALL_SCALE[scale]
        else:
            section += value
    result = total + section
    return str(int(result)) if result == int(result) else str(result)


def _from_sino(found: re.Match[str]) -> str:
    word = found[0].replace(" ", "")
    after = found.string[found.end() :]
    sure = re.match(_SURE_UNITS, after)
    amount = word in "십백천만" and after.startswith("원")
    days = after.startswith("일") and (word in "삼육칠팔구십" or bool(_SPAN.match(after)))
    if len(word) == 1 and not (sure or amount or days):
        return found[0]
    if len(word) > 1 and all(sign in _DIGIT for sign in word):
        return "".join(str(_DIGIT[sign]) for sign in word)
    value = _sino_value(word)
    return found[0] if value is None else str(value)


def _sino_value(word: str) -> int | None:
    total, section, digit = 0, 0, None
    for sign in word:
        if sign in _DIGIT:
            if digit is not None:
                return None
            digit = _DIGIT[sign]
        elif sign in _SMALL_SCALE:
            section += (1 if digit is None else digit) * _SMALL_SCALE[sign]
            digit = None
        else:
            total += (section + (digit or 0) or 1) * _BIG_SCALE[sign]
            section, digit = 0, None
    return total + section + (digit or 0)


def _from_native(found: re.Match[str]) -> str:
    value = _NATIVE_TENS.get(found["tens"] or "", 0) + _NATIVE.get(found["ones"] or "", 0)
    return str(value) if value else found[0]
