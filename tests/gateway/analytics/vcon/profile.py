"""What a vCon has to be: our profile of the drafts as a JSON schema, the rules that no schema says, calls to try."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from jsonschema import Draft7Validator, FormatChecker

from gateway.analytics.vcon.dialogs import Sound
from gateway.analytics.vcon.parties import Issuer
from gateway.session.records import CallRecord, ContactEvent

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ISSUER = Issuer("한빛상점", "contact.hanbit.example")
SOUND = Sound(
    "https://contact.hanbit.example/v1/calls/c1/recording",
    "sha512-" + base64.urlsafe_b64encode(hashlib.sha512(b"RIFF").digest()).rstrip(b"=").decode(),
)

_INDEX = {"type": "integer", "minimum": 0}
_INDICES = {"anyOf": [_INDEX, {"type": "array", "items": _INDEX, "minItems": 1}]}
_TIME = {"type": "string", "format": "date-time"}
_CONTENT = {"encoding": {"enum": ["json", "none", "base64url"]}, "mediatype": {"type": "string"}}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["vcon", "uuid", "created_at", "updated_at", "extensions", "parties", "dialog", "analysis"],
    "properties": {
        "vcon": {"const": "0.4.0"},
        "uuid": {"type": "string", "format": "uuid"},
        "created_at": _TIME,
        "updated_at": _TIME,
        "redacted": {"type": "object", "required": ["type"], "properties": {"type": {"const": "erasure"}}},
        "extensions": {"type": "array", "items": {"enum": ["CC", "lawful_basis"]}},
        "parties": {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "type", "role"],
                "properties": {
                    "tel": {"type": "string", "pattern": r"^tel:\+[0-9]+$"},
                    "name": {"type": "string", "minLength": 1},
                    "type": {"enum": ["person", "bot", "organization"]},
                    "role": {"enum": ["customer", "agent", "supervisor"]},
                    "org": {"type": "string"},
                    "validation": {"type": "string"},
                },
            },
        },
        "dialog": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "start"],
                "properties": {
                    **_CONTENT,
                    "type": {"enum": ["recording", "text", "transfer", "incomplete"]},
                    "start": _TIME,
                    "duration": {"type": "number", "minimum": 0},
                    "parties": {"type": "array", "items": _INDICES},
                    "filename": {"type": "string"},
                    "url": {"type": "string", "pattern": "^https://"},
                    "content_hash": {"type": "string", "pattern": "^sha512-[A-Za-z0-9_-]{86}$"},
                    "body": {"type": "string", "minLength": 1},
                    "application": {"type": "string"},
                    "interaction_id": {"type": "string"},
                    "skill": {"type": "array", "items": {"type": "string"}},
                    "message_id": {"type": "string"},
                    "disposition": {"enum": ["no-answer", "congestion", "failed", "busy", "hung-up"]},
                    "transferee": _INDEX,
                    "transferor": _INDEX,
                    "transfer_target": _INDICES,
                    "original": _INDICES,
                    "target_dialog": _INDICES,
                    "party_history": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["party", "time", "event"],
                            "properties": {
                                "party": _INDEX,
                                "time": _TIME,
                                "event": {"enum": ["join", "drop", "hold", "unhold"]},
                            },
                        },
                    },
                },
            },
        },
        "analysis": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "dialog", "vendor", "product", "schema", "encoding", "body"],
                "properties": {
                    **_CONTENT,
                    "type": {"enum": ["transcript", "summary", "report"]},
                    "dialog": _INDICES,
                    "body": {"type": "object"},
                },
            },
        },
        "attachments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["purpose", "start", "party", "dialog", "encoding", "body"],
                "properties": {
                    **_CONTENT,
                    "purpose": {"enum": ["lawful_basis", "ai_disclosure"]},
                    "start": _TIME,
                    "party": _INDEX,
                    "dialog": _INDEX,
                    "body": {"type": "object"},
                },
            },
        },
    },
}


_NAMING_PARTIES = ("parties", "transferee", "transferor", "transfer_target")


def mistakes(vcon: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a vCon: by our schema, and by the rules that schemas do not say."""
    checker = FormatChecker()
    broken = [str(error.message) for error in Draft7Validator(SCHEMA, format_checker=checker).iter_errors(vcon)]
    return broken or list(_broken_rules(vcon))


def _broken_rules(vcon: Mapping[str, Any]) -> Iterator[str]:
    parties, dialogs = len(vcon["parties"]), vcon["dialog"]
    if UUID(vcon["uuid"]).version != 8:
        yield "the id is no UUID of version 8"
    for time in [vcon["created_at"], vcon["updated_at"], *(dialog["start"] for dialog in dialogs)]:
        if datetime.fromisoformat(time).tzinfo is None:
            yield f"{time} has no offset"
    if vcon["updated_at"] < vcon["created_at"]:
        yield "it was changed before it was made"
    targets = {place for dialog in dialogs for place in _flat(dialog.get("target_dialog", []))}
    for place, dialog in enumerate(dialogs):
        for party in _flat(
            [dialog.get(name, []) for name in ("parties", "transferee", "transferor", "transfer_target")]
        ):
            if party >= parties:
                yield f"dialog {place} names party {party} of {parties}"
        for step in dialog.get("party_history", []):
            if step["party"] >= parties:
                yield f"a step names party {step['party']} of {parties}"
        for other in _flat([dialog.get(name, []) for name in ("original", "target_dialog")]):
            if other >= len(dialogs) or dialogs[other]["type"] == "transfer":
                yield f"dialog {place} names dialog {other}"
        yield from _broken_content(place, dialog, empty=place in targets or "redacted" in vcon)
    for kind in ("analysis", "attachments"):
        for found in vcon.get(kind, []):
            if any(place >= len(dialogs) for place in _flat(found["dialog"])):
                yield f"{kind} names a dialog that is not there"
            if found.get("party", 0) >= parties:
                yield f"{kind} names a party that is not there"


def _broken_content(place: int, dialog: Mapping[str, Any], *, empty: bool) -> Iterator[str]:
    if ("url" in dialog) != ("content_hash" in dialog):
        yield f"dialog {place} has an address without a hash, or a hash without an address"
    if ("body" in dialog) != ("encoding" in dialog):
        yield f"dialog {place} has a body without an encoding, or the other way round"
    match dialog["type"]:
        case "recording":
            if "url" not in dialog and not empty:
                yield f"recording {place} has no content"
            if "url" in dialog and len(dialog["parties"]) != 2:
                yield f"recording {place} does not say who is on its two channels"
        case "text" if "body" not in dialog:
            yield f"text {place} has no content"
        case "incomplete" if "disposition" not in dialog:
            yield f"dialog {place} does not say why nothing came of it"
        case "transfer" if {"parties", "mediatype", "body", "url"} & dialog.keys():
            yield f"transfer {place} bears what a transfer must not"


def _flat(value: object) -> list[int]:
    return [one for part in value for one in _flat(part)] if isinstance(value, list) else [int(str(value))]


def record(**changes: Any) -> CallRecord:
    return CallRecord(
        **{
            "tenant": "hanbit-store",
            "call_id": "c1",
            "line": "+827080001000",
            "language": "ko",
            "direction": "inbound",
            "channel": "voice",
            "caller": "+821012345678",
            "called": "+827080001000",
            "started_at": BEGAN,
            "ended_at": BEGAN + timedelta(minutes=3),
            "end_reason": "completed",
            "node": "n1",
            "epoch": 1,
            **changes,
        }
    )


def events(*told: tuple[str, Mapping[str, Any]]) -> list[ContactEvent]:
    """A call's events, one each second."""
    return [
        ContactEvent("hanbit-store", "c1", seq, BEGAN + timedelta(seconds=seq), kind, dict(payload))
        for seq, (kind, payload) in enumerate(told, 1)
    ]


HANDED_OVER: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("call.answered", {"protocol": "twilio"}),
    ("disclosure.heard", {"text": "인공지능 상담원입니다", "version": "2026-11"}),
    ("consent.asked", {"purpose": "recording"}),
    ("consent.given", {"purpose": "recording", "words": "네"}),
    ("recording.started", {"at": 4.0}),
    ("caller.turn", {"turn": 1, "text": "배송이 언제 오나요", "confidence": 0.9, "language": "ko"}),
    ("reply.decided", {"turn": 1, "reply": 1, "text": "이틀 안에", "decision": "answer", "confidence": 0.8,
                       "citations": [{"document": "delivery"}], "release": "r1", "model": None}),
    ("reply.heard", {"turn": 1, "reply": 1, "text": "이틀 안에 도착합니다", "complete": True, "seconds": 2.1}),
    ("action.proposed", {"action": "a1", "name": "order_status", "arguments": {"order": "1"}}),
    ("action.succeeded", {"action": "a1", "result": {}, "seconds": 0.2}),
    ("escalation.decided", {"reason": "caller_asked", "queue": "orders", "skills": ["orders"], "turn": 2}),
    ("handoff.queued", {"handoff": "h1", "reason": "caller_asked", "queue": "orders", "skills": ["orders"],
                        "summary": {"text": "배송 문의"}}),
    ("handoff.accepted", {"handoff": "h1", "agent": "u1", "waited": 3.0}),
    ("agent.joined", {"agent": "u1", "name": "김민지", "role": "agent", "mode": "talk"}),
    ("call.held", {"by": "u1"}),
    ("call.resumed", {"by": "u1", "seconds": 3.0}),
    ("agent.turn", {"agent": "u1", "text": "안녕하세요", "confidence": 0.9, "language": "ko"}),
    ("agent.left", {"agent": "u1", "why": "ended"}),
    ("call.ended", {"reason": "completed"}),
    ("recording.stored", {"path": "x.wav", "seconds": 170.5, "channels": 2, "rate": 8000, "lost_frames": 0}),
    ("wrap_up.done", {"agent": "u1", "disposition": "solved", "note": "", "summary": "배송일을 안내함"}),
    ("survey.answered", {"question": "csat", "score": 5}),
)  # fmt: skip
"""A call that a person of the desk took over."""
