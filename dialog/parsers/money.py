"""Amounts of money as callers say them: 삼만 오천 원, "thirty five dollars and fifty cents", ₩35,000."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from dialog.parsers.language import language
from dialog.parsers.numbers import LONGEST_TEXT, alone, cardinal, followed_by, number_pattern
from dialog.parsers.spoken import AMBIGUOUS, LIKELY, SURE, Spoken
from dialog.parsers.text import lowered

_LEAST_WON = 10
"""Fewer won than this are no money: 사원 is an employee."""
_WHOLE = frozenset({"KRW", "JPY"})
"""Currencies without a smaller coin."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in units of its currency (ISO 4217)."""

    amount: Decimal
    currency: str


def read_money(text: str, code: str, *, currency: str | None = None) -> Spoken[Money] | None:
    """The amount that ``text`` names, or None. Raises ``LanguageNotSpoken``.

    ``currency`` says that an amount in it was asked for: then a number by itself is one, and other currencies are not
    taken. Of several amounts the last one counts, but is not sure.
    """
    found = [*_in_words(text, code), *_signed(text, code)]
    fitting = [money for money in found if currency is None or money.value.currency == currency]
    if fitting:
        last = max(fitting, key=lambda money: money.start)
        several = len({money.value for money in fitting}) > 1
        return Spoken(last.value, last.start, last.end, AMBIGUOUS if several else last.confidence)
    bare = alone(text, code) if currency is not None and not found else None
    if bare is None or currency is None or bare[0] <= 0:
        return None
    return Spoken(Money(bare[0], currency), bare[1], bare[2], LIKELY)


def _in_words(text: str, code: str) -> list[Spoken[Money]]:
    amounts = language(code).amounts
    found = []
    for currency, unit in amounts.currencies.items():
        for value, match in followed_by(text, code, unit):
            if currency == "KRW" and value < _LEAST_WON:
                continue
            coins, end = _hundredths(text, code, match.end()) if currency not in _WHOLE else (Decimal(0), match.end())
            found.append(Spoken(Money(value + coins, currency), match.start(), end, SURE))
    return found


def _hundredths(text: str, code: str, start: int) -> tuple[Decimal, int]:
    """The smaller coins right after an amount, as a part of it, and where they end."""
    unit = language(code).amounts.hundredths
    pattern = re.compile(rf"\s*(?:and\s+)?(?P<number>{number_pattern(code)})\s*{unit}")
    match = pattern.match(lowered(text[:LONGEST_TEXT]), start)
    value = None if match is None else cardinal(match["number"], code)
    if match is None or value is None or value >= 100:
        return Decimal(0), start
    return value / 100, match.end()


def _signed(text: str, code: str) -> list[Spoken[Money]]:
    said = lowered(text[:LONGEST_TEXT])
    found = []
    for currency, sign in language(code).amounts.signs.items():
        for match in re.finditer(rf"{sign}\s*(?P<number>{number_pattern(code)})", said):
            value = cardinal(match["number"], code)
            if value is not None:
                found.append(Spoken(Money(value, currency), match.start(), match.end(), SURE))
    return found
