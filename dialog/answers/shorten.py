"""A written sentence as it can be listened to. Pure.

It only takes away what an ear cannot use (markup, addresses of pages, brackets that merely repeat) and never what
restricts the sentence: a bracket with a condition, a negation or a number in it is said, not dropped.
"""

from __future__ import annotations

import re

from dialog.parsers.tables import Prose

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_`#>|]+")
_BULLET = re.compile(r"^\s*(?:[-–•·▪◦*+]|\(?\d{1,2}[.)]|[①-⑳])\s+")
_BRACKET = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]")
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r"\s+([.,;:!?])")
_BARE_COMMA = re.compile(r",\s*(?=[.!?;:,]|$)")
_DANGLING = re.compile(r"[\s,;:·]+([.!?])?$")
_EMPTY_PAIR = re.compile(r"[(\[（]\s*[)\]）]|[\"“”]\s*[\"“”]")


def for_the_ear(sentence: str, prose: Prose) -> str:
    """``sentence`` without what cannot be listened to; empty when nothing is left of it."""
    text = _LINK.sub(r"\1", sentence)
    text = _URL.sub("", text)
    text = _BULLET.sub("", text)
    text = _BRACKET.sub(lambda match: _bracket(match.group(1), prose), text)
    text = _EMPTY_PAIR.sub("", _MARKS.sub(" ", text))
    text = _BARE_COMMA.sub("", _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text))).strip()
    return _DANGLING.sub(lambda match: match.group(1) or "", text).strip()


def length(text: str, prose: Prose) -> int:
    """How long ``text`` is for the ear, in the language's unit (syllables or words)."""
    return len(prose.unit.findall(text))


def ended(text: str) -> str:
    """``text`` with a full stop if it ends without any mark."""
    return text if not text or text[-1] in ".!?…。" else f"{text}."


def _bracket(inside: str, prose: Prose) -> str:
    """What stands in brackets: said when it restricts or counts, else dropped."""
    kept = inside.strip()
    if prose.restricts.search(kept) or any(character.isdigit() for character in kept):
        return f", {kept}," if not _URL.search(kept) else ""
    return ""
