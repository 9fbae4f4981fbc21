"""Numbers of bank accounts: those that words beside them call so, and IBANs (ISO 13616), which show it themselves.

Korean accounts have no form and no check digit in common, so that without a bank or a word for an account beside it a
number is none.

Refuses: telling banks apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.phones import is_mobile
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate

_KIND = PersonalKind.ACCOUNT
_SHORTEST, _LONGEST = 8, 17
_CARD = 16
"""No account is told in as many digits as a card."""
_SHORTEST_CODE = 6
"""A sort code (UK)."""
_SHORTEST_ASKED = 4
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}(?![A-Za-z0-9])")
_SHORTEST_IBAN = 15
_SPELLED_IBAN = re.compile(
    r"\b[A-Za-z][\s,]+[A-Za-z][\s,]+(?:\d[\s,]*){2}(?:(?:[A-Za-z]\b|\d)[\s,]*){9,28}[A-Za-z\d]\b"
)
_AMOUNT = re.compile(r"\s*(?:원|만(?!기|료)|won|dollars?|bucks|달러)", re.I)


def accounts(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be an account's number."""
    for run in reading.runs:
        if len(run.digits) >= _SHORTEST_ASKED:
            yield from _named(reading, run)
    yield from _spelled_ibans(reading)
    yield from _ibans(reading.text)


def is_iban(value: str) -> bool:
    """Whether the check digits of an IBAN fit (ISO 7064, mod 97-10)."""
    if len(value) < _SHORTEST_IBAN:
        return False
    return int("".join(str(int(character, 36)) for character in value[4:] + value[:4])) % 97 == 1


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    first = next((cut for cut in sorted(run.cuts) if _is_phone(run, cut)), 0)
    count = len(run.digits) - first
    cue = reading.cue(run, first, len(run.digits))
    if cue is None or cue.kind is not _KIND or count > _LONGEST + 4:
        return
    if _AMOUNT.match(reading.written.text, run.end):
        return
    asked = cue.start == cue.end == 0
    code = "code" in reading.written.text[cue.start : cue.end].lower() and count >= _SHORTEST_CODE
    if count >= _SHORTEST or asked or code:
        longer = count == _CARD and not asked
        yield candidate(run, first, len(run.digits), _KIND, GUESSED if longer else NAMED)


def _is_phone(run: Run, end: int) -> bool:
    """Whether a run begins with a telephone number, as it is usually parted."""
    return is_mobile(run.digits[:end]) and run.groups(0, end) in ((3, 4, 4), (3, 3, 4))


def _spelled_ibans(reading: Reading) -> Iterator[Candidate]:
    """An IBAN that is said letter by letter."""
    for cue in reading.cues:
        if cue.kind is _KIND and (found := _SPELLED_IBAN.search(reading.written.text, cue.end, cue.end + 140)):
            yield Candidate(*reading.written.original(*found.span()), _KIND, FORM)


def _ibans(text: str) -> Iterator[Candidate]:
    for found in _IBAN.finditer(text):
        value = re.sub(r"[ -]", "", found.group())
        if is_iban(value):
            yield Candidate(found.start(), found.end(), _KIND, FORM)
        elif "iban" in text[: found.start()].lower():
            yield Candidate(found.start(), found.end(), _KIND, NAMED)
