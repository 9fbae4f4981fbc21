"""Records and events of the ledger as the JSON that everybody outside gets: one form for programs, pages and feeds.

Refuses: hiding anything. Who shows it to people masks it (``gateway.access.masking``).
"""

from __future__ import annotations

from typing import Any

from gateway.session.records import CallRecord, ContactEvent


def event_json(event: ContactEvent) -> dict[str, Any]:
    """A contact event: ``call``, ``seq``, ``at`` (ISO 8601), ``kind``, ``payload``."""
    return {
        "call": event.call_id,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "payload": event.payload,
    }


def record_json(record: CallRecord) -> dict[str, Any]:
    """A call's record, without the node that holds it; times are ISO 8601, and ``ended_at`` is null while it lasts."""
    return {
        "call": record.call_id,
        "line": record.line,
        "language": record.language,
        "direction": record.direction,
        "channel": record.channel,
        "caller": record.caller,
        "called": record.called,
        "started_at": record.started_at.isoformat(),
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "end_reason": record.end_reason,
    }
