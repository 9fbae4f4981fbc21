"""Telephone numbers, digit by digit, in the forms of the language's country; the beginning of one, too."""

from __future__ import annotations

import re

from dialog.parsers.digits import Digits, read_digits, read_of_length
from dialog.parsers.language import language

_COUNTRY = re.compile(r"\+\s?82[\s-]?0?")


def read_phone(text: str, code: str) -> Digits | None:
    """The telephone number that ``text`` says, with national digits only, or what it says of one; None when it says no
    digits. Raises ``LanguageNotSpoken``."""
    phones = language(code).phones
    national = _COUNTRY.sub("0", text)
    for read in read_of_length(national, code, phones.lengths):
        if phones.valid.fullmatch(read.value):
            shift = len(text) - len(national)
            return Digits(read.value, read.start, read.end + shift, read.confidence, read.corrected)
    return read_digits(text, code, length=phones.lengths[0])


def is_phone(digits: str, code: str) -> bool:
    """Whether these digits are a whole telephone number."""
    return language(code).phones.valid.fullmatch(digits) is not None
