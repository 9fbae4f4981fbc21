"""What of a caller's turn is a secret: to be written down nowhere, and told to no model. Pure.

Who answers one question about themselves may answer the next one along with it. So a turn that was given in confidence
is one secret, with all numbers in it; only the value that was asked for, where that is none itself, is not.
"""

from __future__ import annotations

import re

from dialog.parsers.digits import read_digits
from dialog.parsers.text import tokens
from dialog.reply import Entry

_TYPED = re.compile(r"\d+")


def secrets(entry: Entry | None, text: str, keys: str, code: str) -> tuple[str, ...]:
    """The secrets in a turn (what was said, what was keyed) that answers ``entry``; none where it gave nothing but the
    value that was asked for. Raises ``LanguageNotSpoken``."""
    if entry is None or not entry.secret:
        return ()
    open_length = entry.open_length
    said = read_digits(text, code, length=open_length)
    rest = text
    if said is not None and len(said.value) == open_length:
        rest = f"{text[: said.start]} {text[said.end :]}"
    pressed = keys.rsplit("*", 1)[-1].rstrip(entry.terminators)
    found = [keys, pressed] if len(pressed) != open_length else []
    if tokens(rest):
        beside = read_digits(rest, code)
        found += [text, *_TYPED.findall(rest), beside.value if beside is not None else ""]
    return tuple(dict.fromkeys(secret for secret in found if secret))
