"""What pages are told of past calls: the ledger's records and events, with whatever leads to a person masked.

Refuses: values unmasked. Who must see one asks for it with a reason (``gateway.access.reveals``).
"""

from __future__ import annotations

from typing import Any

from gateway.access.identity import Identity
from gateway.access.masking import masked, masked_number, masked_text
from gateway.analytics.search import FoundCall
from gateway.session.ledger_json import event_json, record_json
from gateway.session.numbers import customers_field
from gateway.session.records import ContactEvent, EventKind


def queues_of(who: Identity) -> tuple[str, ...] | None:
    """The queues whose calls somebody may see; None: every call, also those that nobody handed over."""
    return who.queues or None


def shown_call(found: FoundCall) -> dict[str, Any]:
    """A call in a list, and above its replay."""
    record, outline = found.record, found.outline
    customers = customers_field(record.direction)
    number = getattr(record, customers)
    return {
        **record_json(record),
        customers: None if number is None else masked_number(number),
        "seconds": (record.ended_at - record.started_at).total_seconds() if record.ended_at else None,
        "turns": outline.turns,
        "opening": None if outline.opening is None else masked_text(outline.opening),
        "confidence": outline.confidence,
        "queue": outline.queue,
        "reason": outline.reason,
        "agents": list(outline.agents),
        "disposition": outline.disposition,
        "recorded": outline.recorded,
    }


def shown_event(event: ContactEvent) -> dict[str, Any]:
    """An event of the replay. Of recognized words only the times are told: their text is the transcript's."""
    payload = masked(event.payload)
    match event.kind:
        case EventKind.CALL_OFFERED:
            customers = customers_field(str(event.payload.get("direction")))
            number = event.payload.get(customers)
            payload = {**event.payload, customers: None if number is None else masked_number(number)}
        case EventKind.TRANSCRIPT_FINAL:
            payload["words"] = [
                {"start": word.get("start"), "end": word.get("end")} for word in payload.get("words", ())
            ]
        case EventKind.RECORDING_STORED:
            payload.pop("path", None)
    return {**event_json(event), "payload": payload}
