"""What an agent sees of a call before and while they have it: reason, wish, what was tried and promised, who is in it.

Numbers are masked; whoever needs one asks for it, with a reason. Texts are texts, whoever said them.

Refuses: deciding anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dialog.actions.rules import Identity as Known
from gateway.access.masking import masked, masked_caller, masked_text
from gateway.desk.agent_actions import AgentActions
from gateway.desk.assist import CallAssist
from gateway.session.records import Handoff
from gateway.session.room import Room
from gateway.session.tenant import Tenant

_VERIFIED = {Known.NONE: "none", Known.CLAIMED: "none", Known.KNOWLEDGE: "knowledge", Known.CODE: "code"}


def offer_card(handoff: Handoff, item: Mapping[str, Any], caller: str | None, now: datetime) -> dict[str, Any]:
    """What is shown of a call that rings."""
    began = datetime.fromisoformat(item["enqueued_at"])
    return {
        "queue": item["queue"],
        "language": item["language"],
        "caller": masked_caller(caller or ""),
        "reason": handoff.reason,
        "waited": round((now - began).total_seconds()),
        "wish": masked_text(str(handoff.summary.get("wish", ""))),
    }


def call_card(
    room: Room,
    tenant: Tenant,
    item: Mapping[str, Any] | None,
    handoff: Handoff | None,
    assist: CallAssist | None,
    actions: AgentActions | None,
    locale: str,
) -> dict[str, Any]:
    """Everything about a live call; what can be done is named in the language of the page, ``locale``."""
    line = tenant.line(room.line)
    grip = room.control.grip
    told = {} if assist is None else assist.told()
    summary = asdict(room.summarize()) if handoff is None else dict(handoff.summary)
    return {
        "call": room.log.call_id,
        "line": {"name": room.line if line is None else line.name, "number": "" if line is None else line.number},
        "language": room.language,
        "caller": masked_caller(room.caller or ""),
        **_from_the_network(room),
        "direction": room.log.direction,
        "started_at": room.log.started_at.isoformat(),
        "queue": None if item is None else item["queue"],
        "item": None if item is None else item["item"],
        "reason": None if handoff is None else handoff.reason,
        "owner": grip.owner,
        "agent": grip.who,
        "epoch": grip.epoch,
        "held": room.people.held,
        "verified": _VERIFIED[room.acquaintance().identity],
        "summary": masked(summary),
        "slots": {} if assist is None else masked(assist.values),
        "sentiment": told.get("sentiment", {"label": "unknown", "why": ""}),
        "live_summary": masked_text(str(told.get("live_summary", ""))),
        "parties": [
            {"who": "caller", "role": "caller", "mode": "talk", "muted": False, "held": room.people.held},
            *(
                {"who": person.id, "name": person.name, "role": person.role, "mode": seat.mode, "muted": seat.muted}
                for person, seat in room.people.seats
            ),
        ],
        "script": [] if assist is None else assist.script,
        "card": None if assist is None else assist.card,
        "actions": [] if actions is None else actions.offered(locale),
        "recording": room.recorded(),
        "overheard": room.overheard,
        "consulting": None if room.inquiry is None else room.inquiry.told,
    }


def _from_the_network(room: Room) -> dict[str, Any]:
    """Whom the network vouches for, where that is somebody else than who says that they call, and whom they had dialled
    before they were sent here."""
    said = room.minutes.signalled
    another = said.asserted is not None and said.asserted not in {said.caller, said.ani}
    diverted = {"number": masked_caller(said.diverted_from or ""), "why": said.diverted_why}
    return {
        "asserted": masked_caller(said.asserted or "") if another else None,
        "diverted": None if said.diverted_from is None else diverted,
    }
