"""How Korean and English write and say numbers, units, times and dates: the tables of ``facts.py``. Data only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactTable:
    """One language's forms. ``units`` maps a unit to its kind and what it counts in that kind's own measure."""

    date: re.Pattern[str]
    months: Mapping[str, int]
    relative: re.Pattern[str]
    days: Mapping[str, int]
    clock: re.Pattern[str]
    afternoon: frozenset[str]
    clock_words: re.Pattern[str]
    noon: Mapping[str, int]
    weekday: re.Pattern[str]
    weekdays: Mapping[str, int]
    words: re.Pattern[str]
    read_words: Callable[[str], int]
    scale: re.Pattern[str]
    read_scale: Callable[[str], int]
    unit: re.Pattern[str]
    units: Mapping[str, tuple[str, float]]
    signs: Mapping[str, str]
    business_days: re.Pattern[str]
    """What, said before a number of days, makes them business days."""
    spans: re.Pattern[str]
    span_words: Mapping[str, tuple[str, float]]


def _alternatives(words: Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


# Korean

_SINO = {"영": 0, "공": 0, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_SMALL = {"십": 10, "백": 100, "천": 1_000}
_LARGE = {"만": 10_000, "억": 100_000_000, "조": 1_000_000_000_000}
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "열한": 11, "열두": 12, "열네": 14, "열다섯": 15, "스무": 20,
    "스물네": 24, "서른": 30,
}  # fmt: skip
_KO_UNITS: dict[str, tuple[str, float]] = {
    "원": ("won", 1), "달러": ("dollar", 1), "%": ("percent", 1), "퍼센트": ("percent", 1), "프로": ("percent", 1),
    "영업일": ("business_day", 1), "일": ("day", 1), "주": ("day", 7), "주일": ("day", 7), "주간": ("day", 7),
    "개월": ("month", 1), "달": ("month", 1), "년": ("month", 12), "년간": ("month", 12), "시간": ("minute", 60),
    "분": ("minute", 1), "초": ("second", 1), "krw": ("won", 1),
}  # fmt: skip
_KO_COUNTED = r"원|달러|퍼센트|프로|영업일|개월|년|분|초|주일?|시간|회|박"
_KO_NATIVE_COUNTED = r"시간|시|달|개|번|명|분|장|가지|살|대|건|주|곳|켤레"
_KO_SPANS: dict[str, tuple[str, float]] = {
    "하루": ("day", 1), "이틀": ("day", 2), "사흘": ("day", 3), "나흘": ("day", 4), "닷새": ("day", 5),
    "열흘": ("day", 10), "보름": ("day", 15), "일주일": ("day", 7),
}  # fmt: skip


def _read_korean(words: str) -> int:
    """A number said in Korean: native, or digits with their places (삼만 오천)."""
    if words in _NATIVE:
        return _NATIVE[words]
    total = group = digit = 0
    for character in words:
        if character in _SINO:
            digit = digit * 10 + _SINO[character]
        elif character in _SMALL:
            group, digit = group + (digit or 1) * _SMALL[character], 0
        elif character in _LARGE:
            total, group, digit = total + (group + digit or 1) * _LARGE[character], 0, 0
    return total + group + digit


def _read_korean_scale(scale: str) -> int:
    factor = 1
    for character in scale:
        factor *= _SMALL.get(character) or _LARGE[character]
    return factor


KOREAN_FACTS = FactTable(
    date=re.compile(
        r"(?<!\d)(?:(?P<year>(?:19|20)\d\d)년\s?)?(?P<number>1[0-2]|0?[1-9])월(?:\s?(?P<day>[0-3]?\d)일)?(?!\d)"
    ),
    months={},
    relative=re.compile(r"오늘|내일|모레|어제|그저께|엊그제"),
    days={"오늘": 0, "내일": 1, "모레": 2, "어제": -1, "그저께": -2, "엊그제": -2},
    clock=re.compile(
        r"(?:(?P<before>오전|오후|아침|저녁|밤|새벽|낮)\s?)?(?<!\d)(?P<hour>[01]?\d|2[0-4])시(?!간)(?:\s?(?P<minute>[0-5]?\d)분)?"
    ),
    afternoon=frozenset({"오후", "저녁", "밤", "낮"}),
    clock_words=re.compile(r"정오|자정"),
    noon={"정오": 12, "자정": 0},
    weekday=re.compile(r"([월화수목금토일])요일"),
    weekdays={day: place for place, day in enumerate("월화수목금토일")},
    words=re.compile(
        rf"(?<![가-힣])(?:[일이삼사오육칠팔구십백천만억]+(?:\s[일이삼사오육칠팔구십백천만억]+)*(?=\s?(?:{_KO_COUNTED}))|[일이삼사오육칠팔구]?십[일이삼사오육칠팔구]?(?=\s?일)"
        rf"|(?:{_alternatives(_NATIVE)})(?=\s?(?:{_KO_NATIVE_COUNTED})))"
    ),
    read_words=_read_korean,
    scale=re.compile(
        r"\s?([십백천]?[만억조]|[십백천])(?=\s?\d|\s?원|\s|[은는이가을를의에도,.)]|$|명|개|점|건|여|포인트)"
    ),
    read_scale=_read_korean_scale,
    unit=re.compile(rf"\s?({_alternatives(_KO_UNITS)})(?!요일|정|반적|부(?!터)|문)", re.IGNORECASE),
    units=_KO_UNITS,
    signs={"₩": "won", "$": "dollar"},
    business_days=re.compile(r"(?:영업일|평일)\s?(?:기준|로)[^.!?]*$"),
    spans=re.compile(_alternatives(_KO_SPANS)),
    span_words=_KO_SPANS,
)

# English

_ONES = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_EN_SCALES = {"hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_EN_WORD = _alternatives({**_ONES, **_TENS, "hundred": 0, "thousand": 0, "million": 0})
_EN_UNITS: dict[str, tuple[str, float]] = {
    "won": ("won", 1), "krw": ("won", 1), "dollar": ("dollar", 1), "dollars": ("dollar", 1), "usd": ("dollar", 1),
    "%": ("percent", 1), "percent": ("percent", 1), "per cent": ("percent", 1),
    "business day": ("business_day", 1), "business days": ("business_day", 1), "working day": ("business_day", 1),
    "working days": ("business_day", 1), "day": ("day", 1), "days": ("day", 1), "week": ("day", 7), "weeks": ("day", 7),
    "month": ("month", 1), "months": ("month", 1), "year": ("month", 12), "years": ("month", 12),
    "hour": ("minute", 60), "hours": ("minute", 60), "minute": ("minute", 1), "minutes": ("minute", 1),
    "second": ("second", 1), "seconds": ("second", 1),
}  # fmt: skip
_EN_MONTHS = "january february march april may june july august september october november december".split()
_EN_MONTH = "|".join([*_EN_MONTHS, *(f"{month[:3]}\\.?" for month in _EN_MONTHS), "sept\\.?"])
_EN_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_EN_DAYS = {"today": 0, "tonight": 0, "the day after tomorrow": 2, "tomorrow": 1, "yesterday": -1}
_EN_SPANS: dict[str, tuple[str, float]] = {
    "a day": ("day", 1), "a week": ("day", 7), "a fortnight": ("day", 14), "a month": ("month", 1),
    "a year": ("month", 12), "an hour": ("minute", 60), "half an hour": ("minute", 30),
}  # fmt: skip


def _read_english(words: str) -> int:
    """A number said in English: three thousand five hundred."""
    total = group = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _EN_SCALES:
            scale = _EN_SCALES[word]
            if scale == 100:
                group = (group or 1) * scale
            else:
                total, group = total + (group or 1) * scale, 0
        elif word != "and":
            group += _ONES.get(word) or _TENS[word]
    return total + group


def _read_english_scale(scale: str) -> int:
    return _EN_SCALES[scale.lower()]


ENGLISH_FACTS = FactTable(
    date=re.compile(
        rf"\b(?P<month>{_EN_MONTH})\s(?:the\s)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?:,?\s(?P<year>20\d\d))?"
        rf"|\b(?:the\s)?(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?\s(?:of\s)?(?P<month2>{_EN_MONTH})\b",
        re.IGNORECASE,
    ),
    months={month[:3]: place for place, month in enumerate(_EN_MONTHS, 1)},
    relative=re.compile(_alternatives(_EN_DAYS), re.IGNORECASE),
    days=_EN_DAYS,
    clock=re.compile(
        r"(?<![\d:])(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s?(?P<after>[ap]\.?\s?m\b\.?|o['’]clock)",
        re.IGNORECASE,
    ),
    afternoon=frozenset({"pm"}),
    clock_words=re.compile(r"\b(?:noon|midday|midnight)\b", re.IGNORECASE),
    noon={"noon": 12, "midday": 12, "midnight": 0},
    weekday=re.compile(rf"\b({'|'.join(_EN_WEEKDAYS)})s?\b", re.IGNORECASE),
    weekdays={day: place for place, day in enumerate(_EN_WEEKDAYS)},
    words=re.compile(
        rf"\b(?:(?:{_EN_WORD})(?:[\s-](?:and\s)?(?:{_EN_WORD}))+|(?!one\b)(?:{_EN_WORD})"
        r"|one(?=[\s-](?:business|working|day|week|month|year|hour|minute|percent|won)))\b",
        re.IGNORECASE,
    ),
    read_words=_read_english,
    scale=re.compile(rf"\s?({_alternatives(_EN_SCALES)})\b", re.IGNORECASE),
    read_scale=_read_english_scale,
    unit=re.compile(rf"[\s-]?({_alternatives(_EN_UNITS)})(?![a-z])", re.IGNORECASE),
    units=_EN_UNITS,
    signs={"₩": "won", "$": "dollar"},
    business_days=re.compile(r"(?!)"),
    spans=re.compile(rf"\b(?:{_alternatives(_EN_SPANS)})\b", re.IGNORECASE),
    span_words=_EN_SPANS,
)

FACT_TABLES: dict[str, FactTable] = {"ko": KOREAN_FACTS, "en": ENGLISH_FACTS}
