"""Telephone numbers and e-mail addresses as pages show them until somebody says why they must see them. Pure.

The shape stays, so that two callers can be told apart and a number that was read out can be recognized by its end.
Refuses: being redaction. What must not be stored at all never gets this far.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EMAIL = re.compile(r"(?P<first>[\w+%-])[\w.+%-]*(?P<host>@[\w-]+(?:\.[\w-]+)+)")

# Bounded by ASCII alone, because Korean particles follow numbers without a space. A number begins with a plus sign or
# a trunk prefix, or has North America's shape; times, ids and order numbers do not.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.:+-])"
    r"(?:\+\d(?:[ .()-]{0,2}\d){7,14}|\(?0\d{1,2}\)?(?:[ .-]?\d){6,9}|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4})"
    r"(?![A-Za-z0-9_]|[.:-][A-Za-z0-9])"
)

_ADDRESSED = re.compile(r"(?<=sip:|ips:|tel:)[+0-9().-]{5,}", re.I)
"""A number in an address of a call: any, for nothing else stands there."""
_ONLY_DIGITS = re.compile(r"[+0-9 ().-]*", re.ASCII)

NUMBERS = frozenset({"caller", "ani", "asserted", "diverted_from"})
"""Fields that hold somebody's number, of whatever shape."""

_SHOWN_FIRST, _SHOWN_LAST = 3, 4


def masked_number(number: str) -> str:
    """``+82 10-1234-5678`` as ``+82 1*-****-5678``; of short ones only the last two digits are left."""
    places = [place for place, character in enumerate(number) if character.isdigit()]
    first, last = (_SHOWN_FIRST, _SHOWN_LAST) if len(places) > _SHOWN_FIRST + _SHOWN_LAST else (0, 2)
    hidden = set(places[first : max(first, len(places) - last)])
    return "".join("*" if place in hidden else character for place, character in enumerate(number))


def masked_email(address: str) -> str:
    """``minji.kim@shop.example`` as ``m***@shop.example``."""
    return _EMAIL.sub(r"\g<first>***\g<host>", address)


def masked_text(text: str) -> str:
    """A text in which every number and address is masked."""
    text = masked_email(text)
    for numbers in (_ADDRESSED, _NUMBER):
        text = numbers.sub(lambda found: masked_number(found.group()), text)
    return text


def masked_caller(caller: str) -> str:
    """Who calls: a number of any shape (carriers leave the plus sign out), or a name or an address in its place."""
    return masked_number(caller) if _ONLY_DIGITS.fullmatch(caller) else masked_text(caller)


def masked(value: Any) -> Any:
    """Plain data in which every string is; names of fields stay as they are, and say what a number is."""
    match value:
        case str():
            return masked_text(value)
        case Mapping():
            return {
                key: masked_caller(item) if key in NUMBERS and isinstance(item, str) else masked(item)
                for key, item in value.items()
            }
        case list() | tuple():
            return [masked(item) for item in value]
        case _:
            return value
