"""Numbers of bank accounts that words beside them call so.

Korean accounts have no form and no check digit in common, so that without a bank or a word for an account beside it a
number is none.

Refuses: telling banks apart; and IBANs, which show themselves what they are (``ibans``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dialog.privacy.digit_runs import Run
from dialog.privacy.innocent import is_amount
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.phones import is_mobile
from dialog.privacy.reading import GUESSED, NAMED, Candidate, Reading, candidate

_KIND = PersonalKind.ACCOUNT
_SHORTEST, _LONGEST = 8, 17
_CARD = 16
"""No account is told in as many digits as a card."""
_SHORTEST_CODE = 6
"""A sort code (UK)."""
_SHORTEST_ASKED = 4
_BEFORE = 4
"""Characters of letters before the digits, with what stands before those."""
_LETTERS = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}-?$")
"""Right before the digits of some brokers' accounts."""


def accounts(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be an account's number."""
    for run in reading.runs:
        if len(run.digits) >= _SHORTEST_ASKED:
            yield from _named(reading, run)


def _named(reading: Reading, run: Run) -> Iterator[Candidate]:
    first = next((cut for cut in sorted(run.cuts) if _is_phone(run, cut)), 0)
    count = len(run.digits) - first
    cue = reading.cue(run, first, len(run.digits))
    if cue is None or cue.kind is not _KIND or count > _LONGEST + 4:
        return
    if is_amount(reading.written.text, run.end):
        return
    asked = cue.start == cue.end == 0
    code = "code" in reading.written.text[cue.start : cue.end].lower() and count >= _SHORTEST_CODE
    if count >= _SHORTEST or asked or code:
        longer = count == _CARD and not asked
        number = candidate(run, first, len(run.digits), _KIND, GUESSED if longer else NAMED)
        letters = _LETTERS.search(reading.text, max(0, number.start - _BEFORE), number.start)
        yield number if letters is None else replace(number, start=letters.start())


def _is_phone(run: Run, end: int) -> bool:
    """Whether a run begins with a telephone number, as it is usually parted."""
    return is_mobile(run.digits[:end]) and run.groups(0, end) in ((3, 4, 4), (3, 3, 4))
