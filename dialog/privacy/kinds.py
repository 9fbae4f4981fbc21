"""The kinds of personal data that are told apart, what stands for each in a text, and where one was found. Pure.

Refuses: deciding whether anything is personal; that is the detector's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    """A kind of personal data."""

    REGISTRATION = "registration"
    """A number of a person's registration with the state: resident and foreigner registration (KR), social security
    (US)."""
    CARD = "card"
    """A payment card's number (ISO/IEC 7812), its verification code, its expiry beside them."""
    ACCOUNT = "account"
    """A bank account's number, an IBAN (ISO 13616)."""
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    PHONE = "phone"
    """A person's telephone number; numbers that everybody is told (1588-…, 080, 1-800) are none."""
    EMAIL = "email"
    ADDRESS = "address"
    """Where somebody lives or is delivered to, exact enough to find the door."""
    NAME = "name"


HIGH_RISK = frozenset(
    {PersonalKind.REGISTRATION, PersonalKind.CARD, PersonalKind.PASSPORT, PersonalKind.DRIVING_LICENCE}
)
"""Hidden in every text, whoever says it: no house has such numbers of its own to tell."""


@dataclass(frozen=True, slots=True)
class Found:
    """The characters ``start:end`` of a text say something personal of that kind."""

    start: int
    end: int
    kind: PersonalKind


def placeholder(kind: PersonalKind) -> str:
    """What stands for a value of that kind in a text: the same in all languages, so that readers can count on it."""
    return f"[{kind.value.replace('_', ' ')}]"


PLACEHOLDER = re.compile("|".join(re.escape(placeholder(kind)) for kind in PersonalKind))
"""What stands for a value of any kind."""


def replaced(text: str, found: tuple[Found, ...]) -> str:
    """The text with each of ``found`` (in order, apart from one another) replaced by its placeholder."""
    parts: list[str] = []
    done = 0
    for one in found:
        parts += [text[done : one.start], placeholder(one.kind)]
        done = one.end
    return "".join([*parts, text[done:]])
