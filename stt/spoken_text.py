"""Written English to the words that a caller would say: what a language model of speech is made from.

"Returns: 3-5 days, $4.50" becomes "returns" and "three to five days four dollars and fifty cents". Approximate on
purpose: it serves statistics, not reading aloud.

Refuses: other languages (a sentence in another script is left out); anything that is spoken to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_MONEY: Final = {"$": ("dollars", "cents"), "₩": ("won", ""), "€": ("euros", "cents"), "£": ("pounds", "pence")}
_UNITS: Final = {
    "%": "percent", "kg": "kilograms", "km": "kilometers", "cm": "centimeters", "mm": "millimeters", "krw": "won",
    "usd": "dollars", "hrs": "hours", "min": "minutes", "mins": "minutes", "gb": "gigabytes", "mb": "megabytes",
}  # fmt: skip
_LONGEST_CARDINAL: Final = 10**10
_PHONE_LIKE: Final = 6
"""Digits without a comma from which on a number is read digit by digit."""

_NOT_SPOKEN: Final = re.compile(r"```.*?```|<[^>]+>|https?://\S+|\S+@\S+\.\S+|!\[[^\]]*\]\([^)]*\)", re.DOTALL)
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ENDS: Final = re.compile(r"[.!?;:](?=\s|$)|[\n|•·–—()\[\]{}\"“”]+|,\s")
_QUESTION: Final = re.compile(r"\?")
_TOKEN: Final = re.compile(
    r"(?P<money>[$₩€£])?\s?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<suffix>st|nd|rd|th|%)?(?![\d])"
    r"|(?P<word>[A-Za-z](?:[A-Za-z'’.-]*[A-Za-z])?)"
    r"|(?P<sign>[&+@/-])"
)
_TIME: Final = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_RANGE: Final = re.compile(r"(?<=\d)\s?[-–~]\s?(?=[$₩€£]?\d)")
_CODE: Final = re.compile(r"\b\d{2,4}(?:-\d{3,4}){1,2}\b")
_FOREIGN: Final = re.compile(r"[^\x00-\u024f\u2000-\u20ff]")


def sentences(text: str, known: Collection[str] = ()) -> Iterator[list[str]]:
    """The sentences of a text as lists of lower-case words, in order.

    ``known`` are the words of a dictionary: of a hyphenated or all-capital word that it lacks, the parts or the letters
    are given instead. A line with letters of another script is left out.
    """
    plain = _LINK.sub(r"\1", _NOT_SPOKEN.sub(" ", text))
    plain = _CODE.sub(lambda code: " ".join(digits(code[0])), plain)
    plain = _RANGE.sub(" to ", plain)  # before the times, whose digits it looks for
    plain = _TIME.sub(lambda time: clock(int(time[1]), int(time[2])), plain)
    for part in _ENDS.split(_QUESTION.sub(".\n", plain)):
        if part and not _FOREIGN.search(part):
            words = [word for match in _TOKEN.finditer(part) for word in _spoken(match, known)]
            if words:
                yield words


def cardinal(number: int) -> list[str]:
    """1234 to "one thousand two hundred thirty four". Numbers over ten thousand million are read digit by digit."""
    if number >= _LONGEST_CARDINAL:
        return digits(str(number))
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10], *([_ONES[number % 10]] if number % 10 else [])]
    scale, name = next((scale, name) for scale, name in _SCALES if number >= scale)
    rest = number % scale
    return [*cardinal(number // scale), name, *(cardinal(rest) if rest else [])]


def ordinal(number: int) -> list[str]:
    """21 to "twenty first"."""
    *before, last = cardinal(number)
    if last in _ORDINALS:
        return [*before, _ORDINALS[last]]
    return [*before, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def digits(text: str) -> list[str]:
    """The digits in a text, one by one."""
    return [_ONES[int(digit)] for digit in text if digit.isdecimal() and digit.isascii()]


def clock(hour: int, minute: int) -> str:
    """9:05 to "nine oh five"; of 24 hours the second twelve are said as of twelve."""
    hour = hour - 12 if 12 < hour <= 24 else hour
    if minute == 0:
        return f"{' '.join(cardinal(hour))} o'clock"
    return " ".join([*cardinal(hour), *(["oh"] if minute < 10 else []), *cardinal(minute)])


def _spoken(match: re.Match[str], known: Collection[str]) -> list[str]:
    if match["number"]:
        return _number(match["number"], match["money"], match["suffix"])
    if match["sign"]:
        return {"&": ["and"], "+": ["plus"], "@": ["at"]}.get(match["sign"], [])
    return _word(match["word"].replace("’", "'"), known)


def _number(text: str, money: str | None, suffix: str | None) -> list[str]:
    whole, _, fraction = text.rstrip(",").partition(".")
    value = int(whole.replace(",", ""))
    if suffix in ("st", "nd", "rd", "th"):
        return ordinal(value)
    if money:
        unit, part = _MONEY[money]
        cents = ["and", *cardinal(int(fraction[:2].ljust(2, "0"))), part] if part and fraction.strip("0") else []
        return [*cardinal(value), unit, *cents]
    said = cardinal(value)
    if "," not in whole and (len(whole) >= _PHONE_LIKE or (whole.startswith("0") and len(whole) > 1)):
        said = digits(whole)
    elif "," not in whole and len(whole) == 4 and 1900 <= value < 2100 and value % 100:
        said = [*cardinal(value // 100), *(["oh"] if value % 100 < 10 else []), *cardinal(value % 100)]
    if fraction:
        said = [*said, "point", *digits(fraction)]
    return [*said, "percent"] if suffix == "%" else said


def _word(text: str, known: Collection[str]) -> list[str]:
    lower = text.lower()
    if lower in _UNITS:
        return [_UNITS[lower]]
    if lower in known:
        return [lower]
    if "-" in lower or "." in lower:
        return [word for part in re.split(r"[-.]+", text) if part for word in _word(part, known)]
    if known and text.isupper() and 1 < len(text) <= 5:
        return list(lower)
    if lower.endswith("'s") and lower[:-2] in known:
        return [lower[:-2]]
    return [lower.strip("'")]
