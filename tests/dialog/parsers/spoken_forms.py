"""How people say values, both languages: what the parsers' property tests generate from.

Written from the languages, not from the parsers' tables.
"""

from __future__ import annotations

from datetime import date, time

from hypothesis import settings

UNHURRIED = settings(deadline=None)
"""The first reading compiles a language's patterns, which takes a while on a busy machine."""

SINO = "영일이삼사오육칠팔구"
NATIVE_UNITS = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
MONTHS = "january february march april may june july august september october november december".split()


def korean_number(value: int, gap: str = "") -> str:
    """A number below 10^12 in Sino-Korean; ``gap`` stands between its groups of four."""
    groups = []
    for scale, name in ((100_000_000, "억"), (10_000, "만"), (1, "")):
        part, value = divmod(value, scale)
        if part:
            said = "".join(
                ("" if digit == 1 and place else SINO[digit]) + place
                for digit, place in zip(map(int, f"{part:04d}"), ("천", "백", "십", ""), strict=True)
                if digit
            )
            groups.append(("" if said == "일" and name == "만" else said) + name)
    return gap.join(groups) or "영"


def korean_native(value: int) -> str:
    """A number below 100 as it stands before a counter."""
    tens, units = divmod(value, 10)
    return "스무" if value == 20 else NATIVE_TENS[tens] + NATIVE_UNITS[units]


def english_number(value: int, joiner: str = " ") -> str:
    """A number below 10^9 in words."""
    for scale, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if value >= scale:
            over, rest = divmod(value, scale)
            said = f"{english_number(over)} {name}"
            return said if not rest else f"{said}{' and ' if name == 'hundred' else ' '}{english_number(rest, joiner)}"
    if value < len(UNITS):
        return UNITS[value]
    tens, units = divmod(value, 10)
    return TENS[tens] + (joiner + UNITS[units] if units else "")


def english_ordinal(value: int) -> str:
    """A day of the month as an ordinal in words."""
    if value <= len(ORDINALS):
        return ORDINALS[value - 1]
    if value == 30:
        return "thirtieth"
    return f"{TENS[value // 10]} {ORDINALS[value % 10 - 1]}"


def korean_date(day: date, gap: str = " ") -> str:
    """Month and day; June and October are said irregularly."""
    month = {6: "유", 10: "시"}.get(day.month, korean_number(day.month))
    return f"{month}월{gap}{korean_number(day.day)}일"


def korean_time(at: time, gap: str = " ") -> str:
    """A time with its half of the day."""
    half = "오전" if at.hour < 12 else "오후"
    minutes = "" if not at.minute else f"{gap}{korean_number(at.minute)}분"
    return f"{half}{gap}{korean_native(at.hour % 12 or 12)}{gap}시{minutes}"


def english_time(at: time) -> str:
    """A time with its half of the day."""
    minutes = "" if not at.minute else f" {english_number(at.minute)}" if at.minute > 9 else f" oh {UNITS[at.minute]}"
    return f"{UNITS[at.hour % 12 or 12]}{minutes} {'a.m.' if at.hour < 12 else 'p.m.'}"
