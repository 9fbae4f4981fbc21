"""Numbers of a person's registration: resident and foreigner registration numbers (KR), social security numbers (US).

A Korean number is six digits of a birth date, and seven of which the first tells sex, century and citizenship. Its
last digit was a check digit until October 2020; numbers given out since bear none, so that a check digit that fits
makes a find sure and one that does not fit clears nobody.

Refuses: saying whose number it is, or whether it was ever given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.cues import OTHER
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate

_KIND = PersonalKind.REGISTRATION
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MASKED = re.compile(r"(?<!\d)\d{6}[\s-]{0,3}\d{1,3}[*xX●○•]{4,6}")
"""As it stands on documents: birth date and sex are told all the same."""
_ONE_BY_ONE = 9
"""Groups of digits: so many are digits said singly or by twos, and tell nothing of the number's parts."""
_PARTED = (3, 2, 4)
"""How a social security number is parted."""
_PART_OF_IT = re.compile(r"\b(?:last|first|front|middle|ends?|ending|starts?|begins?)\b", re.I)
_SOCIAL = re.compile(r"social|ssn|s\s+s\s+n", re.I)
_PARTS = (6, 7)
"""Digits before the sign in a resident's number, and behind it."""
_SHORTEST_PART = 5
"""Digits of a part that was asked for or named (앞자리, 뒷자리), one misheard."""


def registrations(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be such a number."""
    for masked in _MASKED.finditer(reading.text):
        yield Candidate(masked.start(), masked.end(), _KIND, NAMED)
    for run in reading.runs:
        if 2 <= len(run.digits) < _SHORTEST_PART:
            yield from _part(reading, run)
        if len(run.digits) >= _SHORTEST_PART:
            yield from _korean(reading, run)
            yield from _social_security(reading, run)
            yield from _named(reading, run)


def fits_check_digit(digits: str) -> bool:
    """Whether the last of 13 digits is the check digit of a resident's (or, plus two, of a foreigner's) number."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    check = (11 - total % 11) % 10
    return int(digits[12]) in (check, (check + 2) % 10)


def is_birth_date(digits: str) -> bool:
    """Whether six digits are year, month and day."""
    month, day = int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def is_resident(digits: str) -> bool:
    """Whether digits have the form of a resident's or a foreigner's number: a birth date, and what tells the sex."""
    return len(digits) == 13 and is_birth_date(digits) and digits[6] != "0" and digits[6] != "9"


def _korean(reading: Reading, run: Run) -> Iterator[Candidate]:
    for start in range(len(run.digits) - 12):
        end = start + 13
        if not (run.starts_group(start) and run.ends_group(end) and is_birth_date(run.digits[start:end])):
            continue
        cue = reading.cue(run, start, end)
        parted = start + 6 in run.cuts
        fits = fits_check_digit(run.digits[start:end])
        if cue is not None and cue.name == OTHER and not parted:
            continue
        if cue is not None and cue.kind not in (None, _KIND) and run.groups(start, end) != (6, 7):
            continue
        named = cue is not None and cue.kind is _KIND
        groups = run.groups(start, end)
        if not (named or parted or len(groups) == 1 or len(groups) >= _ONE_BY_ONE):
            continue
        yield candidate(run, start, end, _KIND, FORM if (fits and parted) or named else NAMED if parted else GUESSED)


def _social_security(reading: Reading, run: Run) -> Iterator[Candidate]:
    for start in range(len(run.digits) - 8):
        end = start + 9
        if not (run.starts_group(start) and run.ends_group(end)) or not _was_assigned(run.digits[start:end]):
            continue
        cue = reading.cue(run, start, end)
        if cue is not None and cue.kind is _KIND:
            yield candidate(run, start, end, _KIND, FORM)
        elif run.groups(start, end) == _PARTED and any(other.kind is _KIND for other in reading.cues):
            yield candidate(run, start, end, _KIND, NAMED)  # "on the policy mine is …, my wife's social is …"
        elif cue is None and reading.language == "en" and run.corrected is None:
            alone = len(run.digits) == 9
            spoken_of = alone and any(other.kind is _KIND for other in reading.cues)
            if spoken_of or _PARTED in (run.groups(start, end), reading.pauses(run, start, end)):
                yield candidate(run, start, end, _KIND, NAMED)


def _was_assigned(digits: str) -> bool:
    """Never assigned: area 000, 666 or 900 to 999, group 00, serial 0000."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _part(reading: Reading, run: Run) -> Iterator[Candidate]:
    """By the last four digits of a social security number people are told apart: they are as good as all of it."""
    cue = reading.cue(run, 0, len(run.digits))
    text = reading.written.text
    if cue is not None and cue.kind is _KIND and _SOCIAL.match(text, cue.start) and _PART_OF_IT.search(text):
        yield candidate(run, 0, len(run.digits), _KIND, NAMED)


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    """What words call such a number, though digits are missing or too many: a part of it, or one that was misheard."""
    cue = reading.cue(run, 0, len(run.digits))
    named = cue is not None and cue.kind is _KIND
    if cue is not None and named and (cue.end <= run.begin or len(run.digits) in _PARTS) and len(run.digits) <= 15:
        yield candidate(run, 0, len(run.digits), _KIND, NAMED)
