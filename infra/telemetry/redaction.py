"""What must not be read in a log: secrets by the name of their field, and personal data by its looks.

Pure functions over strings and plain data. They err on the side of hiding: a long number that is no telephone number
may be hidden as well. Times, ids and numbers of the program itself are kept, since a log without them is of no use.

Refuses: being the redaction of transcripts and records, which follows the tenant's policy and knows languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|authorization|api_?key|private_?key|credential|cookie|signature$|^pin$", re.I
)

_URL_PASSWORD = re.compile(r"(?P<before>\w://[^\s:/@]*:)[^\s@]+(?=@)")
_BEARER = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+[\w.~+/=-]{6,}", re.I)
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SIGN = r"(?:[ .()-]|%2[089DEde])"
"""What stands between digits; in an address signs are percent-encoded (RFC 3986, section 2.1)."""
# Bounded by ASCII alone, because Korean particles follow numbers without a space; atomic, so that no part is taken.
_DIGITS = re.compile(
    r"(?:(?<![A-Za-z0-9_.:-])|(?<=%[0-9A-Fa-f]{2}))"
    rf"(?>(?:[+(]|%2[8Bb])?\d(?:{_SIGN}{{0,2}}\d){{5,}})(?![A-Za-z0-9_:]|[.-][A-Za-z0-9_])"
)
_DECIMAL = re.compile(r"\d{1,6}\.\d+|(?:\d{1,3}\.){3}\d{1,3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2})?")
_RESIDENT = re.compile(r"\d{6}-?[1-8]\d{6}")
_PHONE = re.compile(r"\+\d[\d .()-]{7,}|\(?0\d{1,2}[\d .()-]{6,}|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}|1\d{3}-\d{4}")

LONGEST_DIGITS = 6
"""A longer run of digits, spaces or dashes between them included, is nobody's business unless it is a date."""

DEEPEST = 6
"""How deep into nested data we look; what lies deeper is not logged at all."""


def redact_text(text: str) -> str:
    """The text with passwords in URLs, bearer tokens, e-mail addresses and long numbers replaced by their kind."""
    text = _URL_PASSWORD.sub(r"\g<before>[secret]", text)
    text = _BEARER.sub(r"\g<scheme> [secret]", text)
    text = _EMAIL.sub("[email]", text)
    return _DIGITS.sub(_name_digits, text)


def redact(value: Any, depth: int = 0, text: Callable[[str], str] = redact_text) -> Any:
    """The same for plain data: strings, and mappings and sequences of such. Values under a secret's name are hidden.

    ``text`` is what is done to each string.
    """
    if isinstance(value, str):
        return text(value)
    if depth >= DEEPEST and isinstance(value, Mapping | list | tuple):
        return "[deep]"
    if isinstance(value, Mapping):
        return {key: _redact_field(str(key), item, depth, text) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item, depth + 1, text) for item in value]
    if isinstance(value, Exception):
        return text(f"{type(value).__name__}: {value}")
    return value


def passes_luhn(digits: str) -> bool:
    """Whether the check digit of a payment card's number fits (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _redact_field(name: str, value: Any, depth: int, text: Callable[[str], str]) -> Any:
    if SECRET_NAMES.search(name) and value is not None:
        return "[secret]"
    return redact(value, depth + 1, text)


def _name_digits(found: re.Match[str]) -> str:
    text = unquote(found.group())
    digits = re.sub(r"\D", "", text)
    if _DATE.fullmatch(text) or _DECIMAL.fullmatch(text):
        return found.group()
    if 13 <= len(digits) <= 19 and passes_luhn(digits):
        return "[card]"
    if _RESIDENT.fullmatch(text):
        return "[resident number]"
    if _PHONE.fullmatch(text):
        return "[phone]"
    return "[number]" if len(digits) > LONGEST_DIGITS else found.group()
