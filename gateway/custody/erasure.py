"""What it means that a contact was erased: who wanted it, what went, and the receipt that says so. Pure.

A receipt names no person and repeats nothing of what is gone. Its digest is kept in the audit, so that a receipt that
was changed afterwards can be told from the one that was given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

STANDS = (
    "that there was a contact: when, on which line, in which queue, for how long, how it ended, which agents took part",
    "figures without words: confidence, latencies, outcomes of actions, scores",
    "the audit: who saw, changed or erased something, and when",
)
"""What an erasure leaves, in a receipt's words."""

ELSEWHERE = (
    "exports that were written before: their readers apply the tombstone of the next export",
    "the knowledge index: it holds the enterprise's documents and nothing of callers",
    "backups: what was sealed with the contact's key cannot be read any more; words in the clear go with the backup",
)
"""What lies outside of this erasure, in a receipt's words."""


class AskedBy(StrEnum):
    """On whose word a contact is erased."""

    CALLER = "caller"
    API = "api"
    COMMAND = "command"
    RETENTION = "retention"
    """Nobody's: it was kept for as long as the tenant wants."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure that was begun. ``why`` are the words of whoever asked, and name nobody."""

    tenant: str
    erasure: str
    contact: str
    asked_by: AskedBy
    why: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure came to. ``gone`` counts rows and files by kind; times are in UTC."""

    erasure: Erasure
    done_at: datetime
    gone: Mapping[str, int]

    def plain(self) -> dict[str, object]:
        """The receipt as data, with its digest."""
        told: dict[str, object] = {
            "erasure": self.erasure.erasure,
            "tenant": self.erasure.tenant,
            "contact": self.erasure.contact,
            "asked_by": self.erasure.asked_by.value,
            "why": self.erasure.why,
            "begun_at": self.erasure.begun_at.isoformat(),
            "done_at": self.done_at.isoformat(),
            "gone": dict(self.gone),
            "stands": list(STANDS),
            "elsewhere": list(ELSEWHERE),
        }
        return {**told, "digest": digest(told)}


def digest(told: Mapping[str, object]) -> str:
    """The SHA-256 over a receipt without its own digest, whatever the order of its keys."""
    body = {key: value for key, value in told.items() if key != "digest"}
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def is_genuine(told: Mapping[str, object]) -> bool:
    """Whether a receipt is as it was given, as far as it can tell by itself; the audit has its digest as well."""
    return told.get("digest") == digest(told)
