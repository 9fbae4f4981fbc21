"""Numbers as words, Korean and English. Pure.

Korean has two sets: Sino-Korean (일 이 삼: dates, money, minutes, floors) and native (한 두 세: hours, things, people).
Which one a text wants is the business of the rules; here is only how each is said.

Refuses: any text around the number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

LARGEST_DIGITS: Final = 16
"""Longer numbers are read digit by digit: nobody follows a spoken quintillion."""

_KO_DIGITS: Final = "영일이삼사오육칠팔구"
_KO_PLACES: Final = ("", "십", "백", "천")
_KO_GROUPS: Final = ("", "만", "억", "조")
_KO_NATIVE_ONES: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_KO_NATIVE_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")

_EN_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_EN_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_GROUPS: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_EN_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def plain(number: str) -> str:
    """The digits of a number as written, without its thousands separators."""
    return number.replace(",", "")


# --- Korean ---


def ko_sino(number: int) -> str:
    """Sino-Korean, grouped by ten thousands: 12345 -> 만 이천삼백사십오. Below 10 to the 16th."""
    if number == 0:
        return "영"
    groups = []
    for index, name in enumerate(_KO_GROUPS):
        part = number // 10 ** (4 * index) % 10000
        if part:
            # One ten-thousand at the head of a number is 만; one hundred million is still 일억.
            leading_man = part == 1 and name == "만" and number < 20000
            groups.append(("" if leading_man else _ko_below_ten_thousand(part)) + name)
    return " ".join(reversed(groups))


def _ko_below_ten_thousand(number: int) -> str:
    said = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            said += ("" if digit == 1 and place else _KO_DIGITS[digit]) + _KO_PLACES[place]
    return said


def ko_native(number: int) -> str:
    """Native Korean before a counter, 1 to 99: 3 -> 세, 20 -> 스무, 21 -> 스물한."""
    if not 1 <= number <= 99:
        raise ValueError(f"native Korean numerals go from 1 to 99, not {number}")
    return "스무" if number == 20 else _KO_NATIVE_TENS[number // 10] + _KO_NATIVE_ONES[number % 10]


def ko_digits(digits: str, zero: str = "공") -> str:
    """Digit by digit, as telephone numbers are read: 010 -> 공일공."""
    return "".join(zero if d == "0" else _KO_DIGITS[int(d)] for d in digits)


def ko_number(number: str) -> str:
    """A number as written (1,299 or 3.14 or 007) in Sino-Korean; with leading zeros or too long, by digits."""
    return _number(number, ko_sino, ko_digits, "점", lambda rest: ko_digits(rest, zero="영"))


# --- English ---


def en_cardinal(number: int) -> str:
    """One, two, three: 1299 -> one thousand two hundred ninety-nine."""
    if number == 0:
        return "zero"
    groups = []
    for index, name in enumerate(_EN_GROUPS):
        part = number // 1000**index % 1000
        if part:
            groups.append(f"{_en_below_thousand(part)} {name}".rstrip())
    return " ".join(reversed(groups))


def _en_below_thousand(number: int) -> str:
    said = []
    if number >= 100:
        said.append(f"{_EN_SMALL[number // 100]} hundred")
    rest = number % 100
    if rest >= 20:
        said.append(_EN_TENS[rest // 10] + (f"-{_EN_SMALL[rest % 10]}" if rest % 10 else ""))
    elif rest:
        said.append(_EN_SMALL[rest])
    return " ".join(said)


def en_ordinal(number: int) -> str:
    """First, second, third: 21 -> twenty-first."""
    cardinal = en_cardinal(number)
    head, separator, last = cardinal.rpartition("-" if "-" in cardinal.rpartition(" ")[2] else " ")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return head + separator + _EN_ORDINALS.get(last, regular)


def en_year(year: int) -> str:
    """A year as it is said: 2026 -> twenty twenty-six, 2005 -> two thousand five, 1905 -> nineteen oh five."""
    century, rest = divmod(year, 100)
    if not 1000 <= year <= 9999 or (century % 10 == 0 and rest < 10):
        return en_cardinal(year)
    if rest == 0:
        return f"{en_cardinal(century)} hundred"
    return f"{en_cardinal(century)} {'oh ' if rest < 10 else ''}{en_cardinal(rest)}"


def en_digits(digits: str) -> str:
    """Digit by digit: 0042 -> zero zero four two."""
    return " ".join(_EN_SMALL[int(d)] for d in digits)


def en_number(number: str) -> str:
    """A number as written (1,299 or 3.14 or 007); with leading zeros or too long, by digits."""
    return _number(number, en_cardinal, en_digits, " point ", en_digits)


def _number(
    number: str,
    cardinal: Callable[[int], str],
    digits: Callable[[str], str],
    point: str,
    decimals: Callable[[str], str],
) -> str:
    whole, dot, rest = plain(number).partition(".")
    if not whole:
        whole = "0"
    said = (
        digits(whole) if len(whole) > LARGEST_DIGITS or (len(whole) > 1 and whole[0] == "0") else cardinal(int(whole))
    )
    return said + point + decimals(rest) if dot and rest else said
