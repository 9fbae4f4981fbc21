"""What happens on a tenant's floor, numbered without a gap: the only way in which its state changes.

An event's payload is the work item, the offer or the agent as it stands afterwards, as plain data, so that a page that
gets it needs nothing else, and whoever applies all of them in order has the whole floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

from pydantic import TypeAdapter

from gateway.desk.floor.agent_state import AgentState
from gateway.desk.floor.offer import Offer, OfferState
from gateway.desk.floor.work_item import ItemState, WorkItem

Entity: TypeAlias = WorkItem | Offer | AgentState


class Kind(StrEnum):
    """Every kind of thing that happens. An item's and an offer's are named after the state that it leads to."""

    ITEM_QUEUED = "item.queued"
    ITEM_REQUEUED = "item.requeued"
    """It waits again: not taken, transferred, its agent lost, its callback due."""
    ITEM_OFFERED = "item.offered"
    ITEM_ACCEPTED = "item.accepted"
    ITEM_CONNECTED = "item.connected"
    ITEM_WRAP_UP = "item.wrap_up"
    ITEM_COMPLETED = "item.completed"
    ITEM_ABANDONED = "item.abandoned"
    ITEM_OVERFLOWED = "item.overflowed"
    ITEM_CALLBACK_SCHEDULED = "item.callback_scheduled"
    ITEM_CANCELLED = "item.cancelled"
    ITEM_EXPIRED = "item.expired"
    OFFER_MADE = "offer.made"
    OFFER_ACCEPTED = "offer.accepted"
    OFFER_REJECTED = "offer.rejected"
    OFFER_TIMEOUT = "offer.timeout"
    OFFER_CANCELED = "offer.canceled"
    OFFER_RESCINDED = "offer.rescinded"
    OFFER_DEVICE_ERROR = "offer.device_error"
    OFFER_CALLER_GONE = "offer.caller_gone"
    AGENT_JOINED = "agent.joined"
    AGENT_LEFT = "agent.left"
    AGENT_PRESENCE = "agent.presence"
    AGENT_ROUTING = "agent.routing"


@dataclass(frozen=True, slots=True)
class FloorEvent:
    """One thing that happened to ``subject``; ``seq`` counts from 1 without gaps within the tenant."""

    seq: int
    at: datetime
    kind: Kind
    subject: str
    payload: Mapping[str, Any]

    @property
    def about(self) -> str:
        """What kind of thing the subject is: ``item``, ``offer`` or ``agent``."""
        return self.kind.partition(".")[0]


_ITEM = TypeAdapter(WorkItem)
_OFFER = TypeAdapter(Offer)
_AGENT = TypeAdapter(AgentState)


def kind_of(entity: Entity) -> Kind:
    """What it is called that an item, an offer or an agent's routing came to stand as it does."""
    match entity:
        case WorkItem():
            return Kind.ITEM_REQUEUED if entity.state is ItemState.QUEUED else Kind(f"item.{entity.state}")
        case Offer():
            return Kind.OFFER_MADE if entity.state is OfferState.PENDING else Kind(f"offer.{entity.state}")
        case AgentState():
            return Kind.AGENT_ROUTING
        case _:
            assert_never(entity)


def packed(entity: Entity) -> dict[str, Any]:
    """An item, an offer or an agent as plain data; times in ISO 8601."""
    match entity:
        case WorkItem():
            data: dict[str, Any] = _ITEM.dump_python(entity, mode="json")
        case Offer():
            data = _OFFER.dump_python(entity, mode="json")
        case AgentState():
            data = _AGENT.dump_python(entity, mode="json")
        case _:
            assert_never(entity)
    return data


def subject_of(entity: Entity) -> str:
    """The id of an item, an offer or an agent."""
    match entity:
        case WorkItem():
            return entity.item
        case Offer():
            return entity.offer
        case AgentState():
            return entity.agent
        case _:
            assert_never(entity)


def unpacked_item(data: Mapping[str, Any]) -> WorkItem:
    """The item that ``packed`` made plain data of."""
    return _ITEM.validate_python(data)


def unpacked_offer(data: Mapping[str, Any]) -> Offer:
    """The offer that ``packed`` made plain data of."""
    return _OFFER.validate_python(data)


def unpacked_agent(data: Mapping[str, Any]) -> AgentState:
    """The agent that ``packed`` made plain data of."""
    return _AGENT.validate_python(data)


def entity_of(event: FloorEvent) -> Entity:
    """What the event's payload holds."""
    match event.about:
        case "item":
            return unpacked_item(event.payload)
        case "offer":
            return unpacked_offer(event.payload)
        case _:
            return unpacked_agent(event.payload)
