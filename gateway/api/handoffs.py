"""A hand-over with all its context, for whoever answers a call outside: the id came with the call (in the address, as
User-to-User, as a header), and this is what it stands for.

Reading changes nothing and may be repeated. Refuses: whoever may not read calls; the token guards it like them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, HTTPException

from gateway.session.ledger import Ledger
from gateway.session.records import CallRecord, ContactEvent, EventKind, Handoff

PAGE = 1000
"""Events that are read at a time."""

_SPEAKERS: dict[str, str] = {
    EventKind.CALLER_TURN: "caller",
    EventKind.REPLY_HEARD: "bot",
    EventKind.AGENT_TURN: "agent",
}

_RECORDING: dict[str, str] = {
    EventKind.RECORDING_STARTED: "running",
    EventKind.RECORDING_STOPPED: "stopped",
    EventKind.RECORDING_STORED: "stored",
    EventKind.RECORDING_FAILED: "failed",
}


def handoffs_router(ledger: Ledger, tenants: Sequence[str]) -> APIRouter:
    """``GET /v1/handoffs/{handoff}``, for the hand-overs of these tenants."""
    router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])

    @router.get("/{handoff}")
    async def one(handoff: str) -> dict[str, Any]:
        for tenant in tenants:
            found = await ledger.handoff(tenant, handoff)
            record = None if found is None else await ledger.call(tenant, found.call_id)
            if found is not None and record is not None:
                return handoff_json(found, record, await _events(ledger, tenant, found.call_id))
        raise HTTPException(404, f"there is no hand-over {handoff[:64]}")

    return router


def handoff_json(handoff: Handoff, record: CallRecord, events: Iterable[ContactEvent]) -> dict[str, Any]:
    """What a hand-over stands for: why and for whom, what is known, what was said so far, and where its sound lies."""
    told = list(events)
    recording = next((_RECORDING[event.kind] for event in reversed(told) if event.kind in _RECORDING), "none")
    return {
        "handoff": handoff.handoff_id,
        "state": handoff.state,
        "reason": handoff.reason,
        "queue": handoff.queue,
        "skills": list(handoff.skills),
        "summary": {name: value for name, value in handoff.summary.items() if name != "known"},
        "slots": handoff.summary.get("known", {}),
        "transcript": [_line(event) for event in told if event.kind in _SPEAKERS and event.payload.get("text")],
        "recording": {
            "state": recording,
            "url": f"/v1/tenants/{handoff.tenant}/calls/{handoff.call_id}/recording" if recording == "stored" else None,
        },
        "tenant": handoff.tenant,
        "call": handoff.call_id,
        "caller": record.caller,
        "called": record.called,
        "line": record.line,
        "language": _language(record, told),
        "call_started_at": record.started_at.isoformat(),
        "handed_over_at": handoff.created_at.isoformat(),
        "call_ended_at": None if record.ended_at is None else record.ended_at.isoformat(),
    }


async def _events(ledger: Ledger, tenant: str, call: str) -> list[ContactEvent]:
    events: list[ContactEvent] = []
    while page := await ledger.events(tenant, call, after_seq=events[-1].seq if events else 0, limit=PAGE):
        events += page
    return events


def _line(event: ContactEvent) -> dict[str, Any]:
    return {"at": event.at.isoformat(), "speaker": _SPEAKERS[event.kind], "text": event.payload["text"]}


def _language(record: CallRecord, events: Iterable[ContactEvent]) -> str:
    """In which it goes on: the caller may have changed it."""
    changed = [event.payload["after"] for event in events if event.kind == EventKind.LANGUAGE_CHANGED]
    return str(changed[-1]) if changed else record.language
