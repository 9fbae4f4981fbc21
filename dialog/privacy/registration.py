"""Numbers of a person's registration: resident and foreigner registration numbers (KR), social security numbers (US).

A Korean number is six digits of a birth date, and seven of which the first tells sex, century and citizenship. Its
last digit was a check digit until October 2020; numbers given out since bear none, so that a check digit that fits
makes a find sure and one that does not fit clears nobody.

Refuses: saying whose number it is, or whether it was ever given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.corrections import TAKES_BACK
from dialog.privacy.cues import OTHER
from dialog.privacy.digit_runs import Run
from dialog.privacy.innocent import is_amount
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.parts import PART
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate

_KIND = PersonalKind.REGISTRATION
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MASKED = re.compile(r"(?<!\d)\d{6}[\s-]{0,3}\d{1,3}[*xX●○•]{4,6}")
"""As it stands on documents: birth date and sex are told all the same."""
_SEX = re.compile(
    r"(?:뒷|뒤)\s?(?:자리|번호)?[가-힣\s]{0,6}(?:첫\s?(?:째|번째)?\s?(?:자리|숫자|글자)?|시작)[가는은이]?\s*(?P<digit>\d)(?!\d)"
    r"|(?:뒷|뒤)에?\s?(?:자리|번호|부분)?[가는은이]?\s+(?:[가-힣]{1,3}\s)?(?P<lead>\d)(?:번?으로|로)\s?시작"
    r"|\b(?:back|second|last)\s+(?:part|half|seven|bit)\s+(?:starts|begins)\s+with\s+(?:an?\s+)?(?P<start>\d)(?!\s?\d)"
    r"|\b(?:first|seventh)\s+(?:digit|number)\s+(?:(?:of|on|in)\s+the\s+(?:back|second)(?:\s+(?:part|half))?\s+)?is\s+(?:an?\s+)?(?P<number>\d)(?!\s?\d)",
    re.I,
)
"""The digit behind the sign, which is told with the birth date."""
_BORN = re.compile(
    r"(?:\d{2,4}|[공영일이삼사오육칠팔구십천백]{2,7})\s?년\s?(?:생\s?)?(?:\d{1,2}|[일이삼사오유육칠팔구시십]{1,2})\s?월\s?"
    r"(?:\d{1,2}|[일이삼사오육칠팔구십]{1,3})\s?일(?:생)?(?P<gap>[^\d]{0,16})$"
)
"""The birth date of a Korean number said as one, before the rest, or taken back."""
_RIGHT_BEHIND = re.compile(r"[\s,-]*(?:다시|에|의|하이픈|그리고|에다가?|이고)?[\s,-]*")
_BEFORE_BIRTH = 40
_RIGHT_BEFORE = 4
"""Characters between a word for something else and the number that it is said of: 법인등록번호는 …"""
_WITH_SEX = re.compile(r"(?<![\d-])\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?-\s?[1-8](?![\d-])")
"""The front of it with the digit that tells the sex."""
_ONE_BY_ONE = 9
"""Groups of digits: so many are digits said singly or by twos, and tell nothing of the number's parts."""
_PARTED = (3, 2, 4)
"""How a social security number is parted."""
_SOCIAL = re.compile(r"social|ssn|s\s+s\s+n", re.I)
_PARTS = (6, 7)
"""Digits before the sign in a resident's number, and behind it."""
_SHORTEST_PART = 5
"""Digits of a part that was asked for or named (앞자리, 뒷자리), one misheard."""


def registrations(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be such a number."""
    for part in (*_MASKED.finditer(reading.text), *_WITH_SEX.finditer(reading.text)):
        yield Candidate(part.start(), part.end(), _KIND, NAMED)
    if not reading.text.isascii():
        yield from _born(reading)
    if any(cue.kind is _KIND for cue in reading.cues):
        for sex in _SEX.finditer(reading.written.text):
            yield Candidate(*reading.written.original(*sex.span(sex.lastgroup or 0)), _KIND, FORM)
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


def _born(reading: Reading) -> Iterator[Candidate]:
    """Numbers of which the birth date is said as a date."""
    for run in reading.runs:
        born = _BORN.search(reading.text[max(0, run.starts[0] - _BEFORE_BIRTH) : run.starts[0]])
        if born is None:
            continue
        rest = len(run.digits) == _PARTS[1] and _RIGHT_BEHIND.fullmatch(born["gap"]) is not None
        if rest or (is_resident(run.digits) and TAKES_BACK.search(born["gap"])):
            yield Candidate(max(0, run.starts[0] - _BEFORE_BIRTH) + born.start(), run.ends[-1], _KIND, FORM)


def _korean(reading: Reading, run: Run) -> Iterator[Candidate]:
    for start in range(len(run.digits) - 12):
        end = start + 13
        if not (run.starts_group(start) and run.ends_group(end) and is_birth_date(run.digits[start:end])):
            continue
        cue = reading.cue(run, start, end)
        parted = start + 6 in run.cuts
        fits = fits_check_digit(run.digits[start:end])
        if cue is not None and cue.name == OTHER and (not parted or 0 <= run.begin - cue.end <= _RIGHT_BEFORE):
            continue
        if cue is not None and cue.kind not in (None, _KIND) and run.groups(start, end) != (6, 7):
            continue
        named = cue is not None and cue.kind is _KIND
        groups = run.groups(start, end)
        singly = len(groups) >= _ONE_BY_ONE
        if singly and reading.language == "en" and not fits:
            singly = parted = reading.pauses(run, start, end)[0] == _PARTS[0]
        if not (named or parted or len(groups) == 1 or singly):
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
    alone = all(other.begin == run.begin for other in reading.runs)
    cue = reading.cue(run, 0, len(run.digits)) or (reading.cues[-1] if alone and reading.cues else None)
    text = reading.written.text
    if cue is not None and cue.kind is _KIND and _SOCIAL.match(text, cue.start) and PART.search(text):
        yield candidate(run, 0, len(run.digits), _KIND, NAMED)


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    """What words call such a number, though digits are missing or too many: a part of it, or one that was misheard."""
    cue = reading.cue(run, 0, len(run.digits))
    named = cue is not None and cue.kind is _KIND
    if len(run.digits) not in _PARTS and is_amount(reading.written.text, run.end):
        return
    if cue is not None and named and (cue.end <= run.begin or len(run.digits) in _PARTS) and len(run.digits) <= 15:
        yield candidate(run, 0, len(run.digits), _KIND, NAMED)
