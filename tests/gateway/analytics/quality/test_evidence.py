"""The part of a log that shows why a contact was judged as it was."""

from __future__ import annotations

from typing import Any

from gateway.analytics.quality.evidence import evidence
from gateway.analytics.quality.standing import standings
from gateway.session.records import ContactEvent
from tests.gateway.analytics.quality.contacts import MORNING

LOG: list[tuple[str, dict[str, Any]]] = [
    ("call.offered", {}),  # 1
    ("recording.started", {}),
    ("caller.turn", {"turn": 1, "text": "a secret of the caller"}),
    ("reply.decided", {"reply": 1, "turn": 1, "text": "not named"}),
    ("reply.heard", {"reply": 1, "text": "not named"}),  # 5
    ("caller.turn", {"turn": 2, "text": "how much"}),
    ("reply.decided", {"reply": 2, "turn": 2, "text": "3,000 won"}),
    ("reply.started", {"reply": 2, "turn": 2}),
    ("reply.heard", {"reply": 2, "text": "3,000"}),
    ("agent.joined", {"agent": "kim", "name": "김민지"}),  # 10
    ("agent.turn", {"agent": "kim", "text": "not named either"}),
    ("agent.turn", {"agent": "kim", "text": "hello"}),
]


def shown(*named: int) -> list[int]:
    criterion = {"id": "x", "check": "said", "verdict": "met", "weight": 1, "critical": False, "events": list(named)}
    scored = {"rubric": "r", "version": "1", "passes_at": 80, "agents": ["kim"], "criteria": [criterion]}
    told = [*LOG, ("quality.scored", scored)]
    events = [
        ContactEvent("shop", "c", seq, MORNING, kind, dict(payload)) for seq, (kind, payload) in enumerate(told, 1)
    ]
    return [event.seq for event in evidence(events, standings(events))]


def test_what_is_named_is_shown_with_what_it_takes_to_tell_it() -> None:
    assert shown(12) == [1, 2, 10, 12]


def test_a_reply_is_shown_whole_whichever_of_its_events_is_named() -> None:
    assert shown(7) == shown(9) == [1, 2, 7, 8, 9, 10]


def test_what_names_nothing_shows_nothing() -> None:
    assert shown() == []
