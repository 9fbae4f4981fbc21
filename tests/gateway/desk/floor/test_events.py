from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from gateway.desk.floor.agent_state import Presence, Routing
from gateway.desk.floor.events import Entity, FloorEvent, Kind, entity_of, kind_of, packed, subject_of
from gateway.desk.floor.offer import Offer, OfferState
from gateway.desk.floor.work_item import Callback, ItemState
from tests.gateway.desk.floor.hall import NOW, NUMBER, call, floor_with, later

ITEM = replace(
    call(),
    skills={"orders": 2},
    asked={"anna": later(3)},
    overflowed_from=("orders",),
    callback=Callback(NUMBER, NOW, later(600)),
    answered_at=later(5),
)
OFFER = Offer("h1-1", "h1", "anna", NOW, later(15), OfferState.REJECTED, later(4), "점심")
ANNA = replace(
    floor_with("anna").agents["anna"],
    routing=Routing.WRAP_UP,
    next_presence=Presence.AWAY,
    until=later(60),
    queues=("orders",),
)


@pytest.mark.parametrize("entity", [ITEM, OFFER, ANNA], ids=lambda entity: type(entity).__name__)
def test_what_an_event_tells_is_all_there_is_to_know(entity: Entity) -> None:
    event = FloorEvent(1, NOW, kind_of(entity), subject_of(entity), orjson.loads(orjson.dumps(packed(entity))))
    assert entity_of(event) == entity


def test_plain_data_has_times_that_everybody_reads() -> None:
    assert packed(OFFER) == {
        "offer": "h1-1",
        "item": "h1",
        "agent": "anna",
        "made_at": "2026-11-24T05:00:00Z",
        "expires_at": "2026-11-24T05:00:15Z",
        "state": "rejected",
        "ended_at": "2026-11-24T05:00:04Z",
        "reason": "점심",
    }


def test_every_state_has_a_kind() -> None:
    items = {kind_of(replace(ITEM, state=state)) for state in ItemState}
    offers = {kind_of(replace(OFFER, state=state)) for state in OfferState}
    agents = {kind for kind in Kind if kind.startswith("agent.")}
    assert items | offers | agents | {Kind.ITEM_QUEUED} == set(Kind)
