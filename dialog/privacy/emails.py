"""Addresses of electronic mail, as they are written (RFC 5321, the usual forms) and as they are said.

Refuses: asking whether a mailbox exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, Candidate, Reading

_KIND = PersonalKind.EMAIL
# Bounded by ASCII alone: Korean particles follow without a space, and Hangul may stand before.
_WRITTEN = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\s?@\s?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def emails(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that is such an address."""
    text = reading.text
    if "@" in text:
        for found in _WRITTEN.finditer(text):
            yield Candidate(found.start(), found.end(), _KIND, FORM)
