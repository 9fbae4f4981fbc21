"""Telephone numbers of people, in the forms of Korea, North America and the world (E.164).

Numbers that everybody is told (1588-…, 080, 1-800) are the house's and stay readable.

Refuses: asking whether a number is in service.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from dialog.privacy.cues import OTHER
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate

_KIND = PersonalKind.PHONE
_MOBILE = re.compile(r"010\d{8}|01[16789]\d{7,8}")
_FIXED = re.compile(r"02\d{7,8}|0(?:3[1-3]|4[1-4]|5[1-5]|6[1-4])\d{7,8}|0(?:70|50\d)\d{7,8}")
_KOREAN_WORLDWIDE = re.compile(r"820?(?:1[016789]|2|[3-6][1-5]|70)\d{7,8}")
_BRITISH = re.compile(r"07\d{9}|0[123]\d{8,9}")
_AMERICAN = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}")
PUBLIC = re.compile(r"1?8(?:00|33|44|55|66|77|88)\d{7}|1[568]\d{6}|080\d{7}")
"""Numbers that everybody is told."""
_SIGN = re.compile(r"(?:[+＋(]|\bplus\s+|플러스\s*)$", re.I)
_PLUS = re.compile(r"(?:[+＋]|\bplus\s+|플러스\s*)$", re.I)
_ABROAD = re.compile(r"00[1-9]\d{8,13}|01182\d{8,10}")
"""With what is dialed before a country's number instead of a plus."""
_LONGEST_COUNTRY = 5
"""Digits of that, and of the country's number."""
_LENGTHS = (16, 15, 14, 13, 12, 11, 10, 9)
_MOBILE_GROUPS = frozenset({(3, 4, 4), (3, 3, 4), (3, 8), (3, 7), (7, 4), (6, 4)})
"""How a mobile number is parted that stands among other digits; alone it may be parted in any way."""
_WHOLE_MOBILE = 11
"""Digits of one as all are now: typed so, no word beside it makes it anything else."""
_LONGEST = 20
"""Digits that words call a telephone number, a group said twice and all."""
_LOCAL = frozenset({(4, 4), (3, 4), (8,), (7,)})


def phones(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be a person's telephone number."""
    for run in reading.runs:
        if len(run.digits) < 7:
            continue
        for length in _LENGTHS:
            for start in range(len(run.digits) - length + 1):
                end = start + length
                if run.starts_group(start) and run.ends_group(end):
                    surety = _surety(reading, run, start, end)
                    if surety:
                        yield _with_plus(reading, run, candidate(run, start, end, _KIND, surety))
        yield from _named(reading, run)


def is_public(digits: str) -> bool:
    """Whether digits are a number that everybody is told."""
    return PUBLIC.fullmatch(digits) is not None


def is_american(digits: str) -> bool:
    """Whether digits are a person's number in North America, with its area."""
    return _AMERICAN.fullmatch(digits) is not None and not is_public(digits)


def is_fixed(digits: str) -> bool:
    """Whether digits are a Korean number that is no mobile's, with its area."""
    return _FIXED.fullmatch(digits) is not None


def is_parted(digits: str, cuts: Collection[int]) -> bool:
    """Whether a North American number is told with area, exchange and line apart."""
    country = len(digits) - 10
    return country + 3 in cuts and country + 6 in cuts


def is_mobile(digits: str) -> bool:
    """Whether digits are a Korean mobile number, all of it."""
    return _MOBILE.fullmatch(digits) is not None


def _surety(reading: Reading, run: Run, start: int, end: int) -> int:
    digits = run.digits[start:end]
    cue = reading.cue(run, start, end)
    named = cue is not None and cue.kind is _KIND
    other = (cue is not None and not named) or reading.is_called(run)
    ours = cue is not None and cue.name == OTHER
    before, behind = reading.beside(run, start, end)
    if len(digits) < len(run.digits) and ("-" in (before, behind) or reading.beside(run, 0, 1)[0].isalpha()):
        return 0  # a part of something longer
    glued = before.isascii() and before.isalpha() and not run.cuts
    if glued or is_public(digits):
        return 0
    if _ABROAD.fullmatch(digits) and len(digits) == len(run.digits) and run.groups(start, end)[0] <= _LONGEST_COUNTRY:
        return 0 if other else FORM
    groups = run.groups(start, end)
    if _MOBILE.fullmatch(digits) and (len(digits) == len(run.digits) or len(groups) == 1 or groups in _MOBILE_GROUPS):
        parted = len(groups) > 1
        typed = not parted and len(digits) == _WHOLE_MOBILE and not reading.is_spoken(run)
        return FORM if named or (parted and not ours) else NAMED if parted or typed or not other else 0
    if len(digits) >= 9 and _PLUS.search(reading.text, max(0, run.starts[start] - 8), run.starts[start]):
        return FORM
    if _KOREAN_WORLDWIDE.fullmatch(digits) and (named or (start == 0 and 2 in run.cuts)):
        return FORM
    return _fixed(reading, run, start, end, named=named, other=other)


def _fixed(reading: Reading, run: Run, start: int, end: int, *, named: bool, other: bool) -> int:
    digits = run.digits[start:end]
    groups = run.groups(start, end)
    if is_fixed(digits):
        usual = groups[0] in (2, 3, 4) and groups[-1] == 4
        return NAMED if named or (usual and not other) else 0 if other else GUESSED
    if _AMERICAN.fullmatch(digits):
        parted = groups in ((3, 3, 4), (1, 3, 3, 4))
        whole = len(digits) == len(run.digits)
        if (named and (whole or parted or len(groups) == 1)) or (
            (parted or reading.pauses(run, start, end) == (3, 3, 4)) and not other
        ):
            return NAMED
        told = len(groups) == 1 or is_parted(digits, {cut - start for cut in run.cuts})
        return GUESSED if reading.language == "en" and not other and told else 0
    if reading.language == "en" and not other and _BRITISH.fullmatch(digits) and len(groups) in (2, 3):
        return GUESSED
    return NAMED if named and digits[0] == "0" and len(digits) in (10, 11) else 0


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    """What words call a telephone number: without its area, or misheard."""
    count = len(run.digits)
    cue = reading.cue(run, 0, count)
    if cue is None or cue.kind is not _KIND or not 7 <= count <= _LONGEST or is_public(run.digits):
        return
    if count >= 9 or run.groups(0, count) in _LOCAL or len(run.cuts) >= count - 2:
        yield candidate(run, 0, count, _KIND, GUESSED)


def _with_plus(reading: Reading, run: Run, found: Candidate) -> Candidate:
    """The sign before a number with its country is part of it."""
    sign = _SIGN.search(reading.text, max(0, found.start - 8), found.start)
    return found if sign is None else replace(found, start=sign.start())
