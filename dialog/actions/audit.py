"""The audit of actions: one line for each move of an intent, each sealed with the line before it. Pure.

Whoever changes, removes or reorders a line breaks the chain from there on; ``infra.hash_chain`` says what that proves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from dialog.actions.action import Failed, Outcome, Succeeded, Unknown
from dialog.actions.intent import Intent
from infra import hash_chain
from infra.hash_chain import START, Head, SealedLine, moment, sealed


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line: its number (from 1), what it says, and the seal over it and the line before."""

    number: int
    at: datetime
    intent: str
    body: Mapping[str, object]
    previous: str
    digest: str

    @property
    def line(self) -> SealedLine:
        """The line of the chain that it is."""
        return SealedLine(self.number, _content(self.at, self.intent, self.body), self.previous, self.digest)


def append(last: AuditEntry | None, at: datetime, intent: str, body: Mapping[str, object]) -> AuditEntry:
    """The line that follows ``last``."""
    line = sealed(START if last is None else Head(last.number, last.digest), _content(at, intent, body))
    return AuditEntry(line.number, at, intent, body, line.previous, line.digest)


def broken_at(entries: Iterable[AuditEntry]) -> int | None:
    """The number of the first line that is not what was written there; None when all are. Starts with line 1."""
    found = hash_chain.broken_at(entry.line for entry in entries)
    return None if found is None else found.number


def _content(at: datetime, intent: str, body: Mapping[str, object]) -> list[object]:
    return [moment(at), intent, dict(body)]


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
