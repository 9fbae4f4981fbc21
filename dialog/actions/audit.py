"""The audit of actions: one line for each move of an intent, each sealed with the line before it. Pure.

Whoever changes, removes or reorders a line breaks the chain from there on, and ``broken_at`` says where. It proves
that the lines are those that were written, in this order; that the latest ones were not cut off is proved only by
somebody who kept the last digest elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from dialog.actions.action import Failed, Outcome, Succeeded, Unknown
from dialog.actions.intent import Intent

GENESIS = "0" * 64
"""What the first line is sealed with."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line: its number (from 1), what it says, and the seal over it and the line before."""

    number: int
    at: datetime
    intent: str
    body: Mapping[str, object]
    previous: str
    digest: str


def append(last: AuditEntry | None, at: datetime, intent: str, body: Mapping[str, object]) -> AuditEntry:
    """The line that follows ``last``."""
    number, previous = (1, GENESIS) if last is None else (last.number + 1, last.digest)
    return AuditEntry(number, at, intent, body, previous, seal(number, at, intent, body, previous))


def seal(number: int, at: datetime, intent: str, body: Mapping[str, object], previous: str) -> str:
    """The SHA-256 over a line and the seal before it; the order of keys does not matter."""
    line = [number, at.astimezone(UTC).isoformat(), intent, dict(body), previous]
    return hashlib.sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()


def broken_at(entries: Iterable[AuditEntry]) -> int | None:
    """The number of the first line that is not what was written there; None when all are. Starts with line 1."""
    previous = GENESIS
    for number, entry in enumerate(entries, start=1):
        right = seal(number, entry.at, entry.intent, entry.body, previous)
        if (entry.number, entry.previous, entry.digest) != (number, previous, right):
            return number
        previous = entry.digest
    return None


def entry_body(intent: Intent) -> dict[str, object]:
    """What a line tells of an intent as it stands now. Arguments and results only as digests: they are about people."""
    body: dict[str, object] = {
        "state": intent.state.value,
        "action": intent.action,
        "digest": intent.digest,
        "call": intent.call_id,
        "turn": intent.turn,
        "release": intent.release,
        "evidence": list(intent.evidence),
        "identity": intent.standing.identity.name.lower(),
        "key": intent.key,
    }
    if intent.parent is not None:
        body["parent"] = intent.parent
    if intent.confirmation is not None:
        confirmation = intent.confirmation
        body["confirmed"] = {
            "turn": confirmation.turn,
            "evidence": confirmation.evidence,
            "at": confirmation.at.isoformat(),
        }
    if intent.outcome is not None:
        body["outcome"] = _outcome(intent.outcome)
    return body


def _outcome(outcome: Outcome) -> dict[str, object]:
    match outcome:
        case Succeeded():
            sealed = orjson.dumps(dict(outcome.result), option=orjson.OPT_SORT_KEYS)
            return {"result": hashlib.sha256(sealed).hexdigest(), "attempts": outcome.attempts}
        case Failed():
            return {"error": outcome.kind.value, "detail": outcome.detail, "attempts": outcome.attempts}
        case Unknown():
            return {"error": "unknown", "detail": outcome.detail, "attempts": outcome.attempts}
