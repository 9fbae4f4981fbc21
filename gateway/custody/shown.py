"""Holds, receipts and classes of data as pages show them, and as programs read them. Pure.

A receipt stays what was given, word for word; beside it stands what a page needs to tell it in another language: where
each of its counts was, and which of the known sentences each of its lines is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gateway.custody.erasure import ELSEWHERE, STANDS, is_genuine
from gateway.custody.hold import Hold
from gateway.custody.retention import DataClass, Retention

STANDS_NAMES = ("contact", "figures", "audit")
"""What the lines of ``STANDS`` are about, for texts in other languages."""

ELSEWHERE_NAMES = ("exports", "knowledge", "backups")
"""The same of ``ELSEWHERE``."""


KINDS = (
    "keys",
    "recordings",
    "events",
    "numbers",
    "handoffs",
    "actions",
    "callbacks",
    "floor",
    "memories",
    "due_calls",
    "opt_outs",
)
"""What a receipt counts, in the order in which it is told; kinds of other versions come behind."""


class Where(StrEnum):
    """Where something of a contact was."""

    KEYS = "keys"
    RECORDINGS = "recordings"
    DATABASE = "database"


def shown_hold(hold: Hold, reasons: Mapping[str, str]) -> dict[str, Any]:
    """A hold; ``reasons`` are why holds were released."""
    return {
        "hold": hold.hold,
        "contact": hold.contact,
        "why": hold.why,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
        "released_by": hold.released_by,
        "released_at": hold.released_at,
        "released_why": reasons.get(hold.hold),
        "stands": hold.stands,
    }


def outlined_receipt(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt in a list: who asked, when, and how much went."""
    told = ("erasure", "contact", "asked_by", "why", "begun_at", "done_at")
    return {**{name: receipt[name] for name in told}, "gone": sum(receipt["gone"].values())}


def shown_receipt(receipt: Mapping[str, Any], audited: str | None) -> dict[str, Any]:
    """A whole receipt. ``audited`` is the digest that the audit has of it, if it has one."""
    return {
        "receipt": dict(receipt),
        "reached": [
            {"where": _where(name).value, "what": name, "count": receipt["gone"][name]}
            for name in sorted(receipt["gone"], key=_order)
        ],
        "stands": _named(receipt["stands"], STANDS, STANDS_NAMES),
        "elsewhere": _named(receipt["elsewhere"], ELSEWHERE, ELSEWHERE_NAMES),
        "genuine": is_genuine(receipt),
        "audited": None if audited is None else audited == receipt["digest"],
    }


def shown_class(
    what: DataClass, retention: Retention, now: datetime, ended: Sequence[datetime] | None, most: int
) -> dict[str, Any]:
    """A class with its days and what of it is due: ``ended`` is when contacts ended whose days are over soon, the
    earliest first, or None where nobody could count them in time; more than ``most`` of them are not counted."""
    before = retention.ended_before(what, now)
    days = None if before is None else (now - before).days
    return {
        "class": what.value,
        "days": days,
        "due": None if ended is None else min(len(ended), most),
        "more": ended is not None and len(ended) > most,
        "next": ended[0] + timedelta(days=days) if days is not None and ended else None,
    }


def _order(name: str) -> tuple[int, str]:
    return (KINDS.index(name) if name in KINDS else len(KINDS), name)


def _where(name: str) -> Where:
    match name:
        case "keys":
            return Where.KEYS
        case "recordings":
            return Where.RECORDINGS
        case _:
            return Where.DATABASE


def _named(lines: Sequence[str], known: Sequence[str], names: Sequence[str]) -> list[dict[str, str | None]]:
    """Lines with the name of what they are about; of what an older version said otherwise there is none."""
    about = dict(zip(known, names, strict=True))
    return [{"name": about.get(line), "text": line} for line in lines]
