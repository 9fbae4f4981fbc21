"""Numbers of payment cards (ISO/IEC 7812-1).

Refuses: the last four digits alone, by which people and houses tell cards apart; and what is written beside the
number, which is ``card_details``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.cues import CODE, OTHER
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.phones import is_public
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate
from infra.telemetry.redaction import passes_luhn

_KIND = PersonalKind.CARD
_ISSUERS = re.compile(r"3[4-7]|3[0689]|[2-6]|9")
"""First digits of card numbers: 2 to 6, American Express, JCB and Diners with 3, domestic Korean cards with 9."""
_DINERS = re.compile(r"3[0689]")
"""Of 14 digits."""
_AMEX = re.compile(r"3[47]")
_GROUPINGS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 3)})
_USUAL = 16
"""Digits; American Express has one less."""
_LONGEST_GROUP = 4
_EXPIRY_AND_CODE = range(3, 9)
"""Digits behind a card's number in the same breath."""
_MASKED = re.compile(r"(?<!\d)\d{4}[\s-]?(?:\d{2,4}[*xX•●]{0,2}|[*xX•●]{4})[\s-]?[*xX•●]{2,4}[\s-]?\d{3,4}(?!\d)")
"""As it stands on receipts, where more than the last four digits are told."""
_PARCEL = 20
"""Digits of a number that words call a parcel's or the like: a card's are fewer."""
_SHORTEST_NAMED = 8
"""Digits that words call a card's number: some were not heard, or come in the next turn."""
_FEW = re.compile(r"끝|뒤|마지막|네\s*자리|last|ending|ends", re.I)
_BEGINNING = range(6, 8)
_FIRST = re.compile(r"앞|처음|\b(?:first|begin|start)", re.I)
"""Digits that a card's number begins with, and words that say so: they tell more than the last four do."""
_AMOUNT = re.compile(r"\s*(?:원|만(?!기|료)|천|won|dollars?|bucks|달러|개|건|장|번째|%|프로|포인트)", re.I)


def cards(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be a card's number."""
    for masked in _MASKED.finditer(reading.text):
        yield Candidate(masked.start(), masked.end(), _KIND, NAMED)
    for run in reading.runs:
        yield from _whole(reading, run)
        yield from _named(reading, run)


def is_card(digits: str) -> bool:
    """Whether digits have the form of a card's number, and the check digit (ISO/IEC 7812-1, annex B) fits."""
    issued = _ISSUERS.match(digits) if len(digits) in (15, 16) else _DINERS.match(digits)
    return len(digits) in (14, 15, 16) and issued is not None and passes_luhn(digits)


def _whole(reading: Reading, run: Run) -> Iterator[Candidate]:
    whole = len(run.digits) == _USUAL or (len(run.digits) == _USUAL - 1 and _AMEX.match(run.digits) is not None)
    for length in (len(run.digits),) if whole else (16, 15, 14, 19, 18, 17, 13):
        for start in range(len(run.digits) - length + 1):
            end = start + length
            digits = run.digits[start:end]
            if not (run.starts_group(start) and run.ends_group(end) and _ISSUERS.match(digits)):
                continue
            surety = _surety(reading, run, start, end)
            if surety:
                yield candidate(run, start, end, _KIND, surety)
                if len(run.digits) - end in _EXPIRY_AND_CODE and not _AMOUNT.match(reading.written.text, run.end):
                    yield candidate(run, end, len(run.digits), _KIND, surety)


def _surety(reading: Reading, run: Run, start: int, end: int) -> int:
    cue = reading.cue(run, start, end)
    named = cue is not None and cue.kind is _KIND
    other = cue is not None and cue.name == OTHER
    valid = passes_luhn(run.digits[start:end])
    grouped = run.groups(start, end) in _GROUPINGS
    if (other or reading.is_called(run)) and len(run.digits) >= _PARCEL:
        return 0
    usual = end - start in (15, 16) or _DINERS.match(run.digits[start:end]) is not None
    if named and (valid or end - start >= 14):
        return FORM
    if valid and grouped:
        return FORM
    if valid and usual and not other:
        behind = cue is not None and end - start == 16 and cue.start > run.begin
        embossed = end - start == 16 and cue is not None and cue.kind is PersonalKind.ACCOUNT  # no account is as long
        return NAMED if cue is None or named or behind or embossed else GUESSED
    if len(run.digits) == _USUAL - 1 and _AMEX.match(run.digits) is not None and not other:
        return NAMED if grouped else GUESSED
    told = len(run.digits) == _USUAL and max(run.groups(0, _USUAL)) <= _LONGEST_GROUP
    told |= run.groups(start, end) == (_USUAL,) and len(run.digits) - end in _EXPIRY_AND_CODE
    return GUESSED if (grouped or told) and end - start == 16 and not other else 0


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    """What words call a card's number, whatever its form."""
    count = len(run.digits)
    cue = reading.cue(run, 0, count)
    if cue is None or cue.kind is not _KIND or cue.name == CODE or cue.end > run.begin:
        return
    text = reading.written.text
    if is_public(run.digits) or _AMOUNT.match(text, run.end) or _FEW.search(text, cue.end, run.begin):
        return
    asked = cue.start == cue.end == 0
    begins = count in _BEGINNING and _FIRST.search(text, cue.start, run.begin) is not None
    if (asked and 3 <= count <= 19) or begins or _SHORTEST_NAMED <= count <= 24:
        yield candidate(run, 0, count, _KIND, NAMED)
