"""A call as a vCon, the conversation container that other systems take in as it is. Pure: the ledger's events are all.

Written after draft-ietf-vcon-vcon-core (syntax 0.4.0), its contact center extension ("CC": roles, skills, interaction)
and the lawful basis extension. They are drafts: what is written here is what all three schemas and the library of the
drafts' authors accept, except that the parties of a recording are told by channel, as the draft requires.

Refuses: events that the ledger does not hold; a call that goes on (its record would change under the same id).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.analytics.vcon.dialogs import Sound, conversation, dialogs_of, is_erased, utterances
from gateway.analytics.vcon.errors import CallGoesOn
from gateway.analytics.vcon.findings import analyses_of, attachments_of
from gateway.analytics.vcon.identity import vcon_uuid
from gateway.analytics.vcon.parties import Cast, Issuer
from gateway.session.records import CallRecord, ContactEvent, EventKind

SYNTAX = "0.4.0"
EXTENSIONS = ("CC", "lawful_basis")

ERASED = "erasure"
"""The redaction of a contact that was erased; no vCon with its words is left that could be referred to."""


def vcon_of(
    record: CallRecord, events: Sequence[ContactEvent], issuer: Issuer, sound: Sound | None = None
) -> dict[str, Any]:
    """The vCon of a call that is over, of all its events in order; ``sound`` where its recording is handed out.

    Plain data for JSON. Raises ``CallGoesOn``.
    """
    if record.ended_at is None:
        raise CallGoesOn(f"call {record.call_id} is not over yet: its record can be handed out when it is")
    cast = Cast(record, issuer)
    _meet_everybody(events, cast)
    said = utterances(record, events, cast)
    dialogs = dialogs_of(record, events, said, cast, sound)
    held = conversation(dialogs)
    attachments = attachments_of(events, held)
    return {
        "vcon": SYNTAX,
        "uuid": str(vcon_uuid(record.started_at, record.tenant, record.call_id, issuer.domain)),
        "extensions": list(EXTENSIONS),
        "created_at": record.started_at.isoformat(),
        "updated_at": max([record.ended_at, *(event.at for event in events)]).isoformat(),
        "parties": cast.parties,
        "dialog": dialogs,
        "analysis": analyses_of(record, events, said, held, recorded="url" in dialogs[0]),
        **({"attachments": attachments} if attachments else {}),
        **({"redacted": {"type": ERASED}} if is_erased(events) else {}),
    }


def _meet_everybody(events: Sequence[ContactEvent], cast: Cast) -> None:
    """Whoever takes part is known before anybody is referred to, by the name and role that they came in with."""
    for event in events:
        payload = event.payload
        match event.kind:
            case EventKind.AGENT_JOINED:
                name, role = str(payload.get("name") or ""), str(payload.get("role") or "agent")
                cast.person(str(payload.get("agent", "")), name=name, role=role)
            case EventKind.CALLER_VERIFIED:
                cast.validated(str(payload.get("method", "")))
            case EventKind.CALLER_IDENTIFIED:
                cast.validated(str(payload.get("identity", "")))
