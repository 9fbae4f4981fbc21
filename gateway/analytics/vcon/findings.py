"""What a call came to, as a vCon's analysis and attachments: transcript, summary, answers' making, consent. Pure.

Every answer of the bot stands with its decision, confidence, sources, release and model; every consent with its
purpose, time and words, as the lawful basis extension (draft-howe-vcon-lawful-basis) has it. Bodies are JSON, not JSON
in a string.

Refuses: to judge what makes processing lawful. It tells what was asked and answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.analytics.vcon.dialogs import Utterance, indices
from gateway.analytics.vcon.parties import BOT, CUSTOMER
from gateway.session.records import CallRecord, ContactEvent, EventKind

VENDOR = "AICC"

_ANSWER = ("turn", "reply", "decision", "confidence", "citations", "signals", "release", "model")
"""What is told of how an answer was made; its words stand in the transcript, as far as they were heard."""

_GRANTS = {
    EventKind.CONSENT_GIVEN: True,
    EventKind.CONSENT_ASSUMED: True,
    EventKind.CONSENT_DECLINED: False,
}

_JUDGEMENTS = (EventKind.QUALITY_SCORED, EventKind.QUALITY_OVERRIDDEN, EventKind.QUALITY_APPEALED)

_DEEDS = (EventKind.ACTION_SUCCEEDED, EventKind.ACTION_FAILED, EventKind.ACTION_UNKNOWN, EventKind.ACTION_RECONCILED)


def analyses_of(
    record: CallRecord,
    events: Sequence[ContactEvent],
    said: Sequence[Utterance],
    conversation: Sequence[int],
    *,
    recorded: bool,
) -> list[dict[str, Any]]:
    """The analysis array. A transcript stands beside a recording only: else the dialogs are the words themselves."""
    found: list[tuple[str, str, object]] = []
    if recorded and said:
        found.append(("transcript", "transcript-1", {"turns": [_spoken(one) for one in said]}))
    summary = _summary(events)
    if summary is not None:
        found.append(("summary", "summary-1", summary))
    answers = [_picked(event.payload, _ANSWER) for event in events if event.kind == EventKind.REPLY_DECIDED]
    if answers:
        found.append(("report", "answers-1", {"answers": answers}))
    judged = [{"event": event.kind, **event.payload} for event in events if event.kind in _JUDGEMENTS]
    if judged:
        found.append(("report", "quality-1", {"judgements": judged}))
    found.append(("report", "outcome-1", _outcome(record, events)))
    return [
        {
            "type": kind,
            "dialog": indices(conversation),
            "mediatype": "application/json",
            "vendor": VENDOR,
            "product": "contact-center",
            "schema": schema,
            "encoding": "json",
            "body": body,
        }
        for kind, schema, body in found
    ]


def attachments_of(events: Sequence[ContactEvent], conversation: Sequence[int]) -> list[dict[str, Any]]:
    """The attachments array: what the caller was told of the machine, and what they agreed to."""
    found = []
    for event in events:
        if event.kind == EventKind.DISCLOSURE_HEARD:
            told = {**event.payload, "synthetic_speech": True}
            found.append(_attached("ai_disclosure", BOT, event, conversation, told))
        elif event.kind in _GRANTS:
            found.append(_attached("lawful_basis", CUSTOMER, event, conversation, _consent(event, conversation)))
    return found


def _attached(
    purpose: str, party: int, event: ContactEvent, conversation: Sequence[int], body: dict[str, Any]
) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "start": event.at.isoformat(),
        "party": party,
        "dialog": conversation[0],
        "mediatype": "application/json",
        "encoding": "json",
        "body": body,
    }


def _consent(event: ContactEvent, conversation: Sequence[int]) -> dict[str, Any]:
    grant: dict[str, Any] = {
        "purpose": str(event.payload.get("purpose", "")),
        "granted": _GRANTS[EventKind(event.kind)],
        "granted_at": event.at.isoformat(),
    }
    if event.kind == EventKind.CONSENT_ASSUMED:
        grant["conditions"] = [f"assumed by the policy {event.payload.get('policy')!r} after an announcement"]
    words = event.payload.get("words")
    proof = {
        "proof_type": "verbal_confirmation",
        "timestamp": event.at.isoformat(),
        "proof_data": {"dialog_reference": conversation[0], "confirmation_text": words},
    }
    return {
        "lawful_basis": "consent",
        "expiration": None,
        "purpose_grants": [grant],
        "proof_mechanisms": [proof] if words else [],
    }


def _spoken(said: Utterance) -> dict[str, Any]:
    return {
        "party": said.party,
        "at": said.at.isoformat(),
        "text": said.text,
        "confidence": said.confidence,
        "language": said.language,
    }


def _summary(events: Sequence[ContactEvent]) -> object:
    """The agent's, else the one that the call was handed over with."""
    summary = None
    for event in events:
        if event.kind in (EventKind.HANDOFF_QUEUED, EventKind.WRAP_UP_DONE) and event.payload.get("summary"):
            summary = event.payload["summary"]
    return summary if summary is None or isinstance(summary, dict) else {"summary": summary}


def _outcome(record: CallRecord, events: Sequence[ContactEvent]) -> dict[str, Any]:
    """How the call ended, what was done in it, and what the customer said of it. What nobody knows is null."""
    names = {
        str(event.payload.get("action")): event.payload.get("name")
        for event in events
        if event.kind == EventKind.ACTION_PROPOSED
    }
    deeds = [
        {"name": event.payload.get("name") or names.get(str(event.payload.get("action"))), "became": event.kind}
        for event in events
        if event.kind in _DEEDS
    ]
    return {
        "end_reason": record.end_reason,
        "disposition": _latest(events, EventKind.WRAP_UP_DONE, "disposition"),
        "escalation": _latest(events, EventKind.ESCALATION_DECIDED, "reason"),
        "score": _latest(events, EventKind.SURVEY_ANSWERED, "score"),
        "actions": deeds,
    }


def _latest(events: Sequence[ContactEvent], kind: EventKind, key: str) -> object:
    return next((event.payload.get(key) for event in reversed(events) if event.kind == kind), None)


def _picked(payload: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: payload[key] for key in keys if key in payload}
