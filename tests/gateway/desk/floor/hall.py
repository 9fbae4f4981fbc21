"""What tests of the floor are played with: queues, a floor with agents, calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gateway.desk.floor.agent_state import AgentState, Presence
from gateway.desk.floor.events import FloorEvent
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.queue import Overflow, Queue, Queues, Relaxation
from gateway.desk.floor.work_item import WorkItem, waiting_item
from infra.storage.sealed_words import SealedWords

WORDS = SealedWords(bytes(range(32)), "callbacks")
NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
NUMBER = "+821012345678"

GENERAL = Queue("general", {"ko": "일반 상담", "en": "General"}, languages=("ko", "en"))
ORDERS = Queue(
    "orders",
    {"ko": "주문", "en": "Orders"},
    skills={"orders": 2},
    languages=("ko", "en"),
    relax=(Relaxation(30.0, lower_levels=1), Relaxation(60.0, drop_skills=("orders",), also_queues=("general",))),
    overflow=Overflow(120.0, "general"),
)
BILLING = Queue("billing", {"en": "Billing"}, languages=("ko", "en"), overflow=Overflow(90.0, None))
QUEUES = Queues("general", {queue.id: queue for queue in (GENERAL, ORDERS, BILLING)})


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def call(
    name: str = "h1", queue: str = "general", language: str = "ko", *, at: float = 0, priority: int = 0
) -> WorkItem:
    return waiting_item(name, f"call-{name}", queue, language, later(at), priority=priority)


def at_work(floor: Floor, agent: str, *, at: float = 0, queues: Iterable[str] = (), **skills: int) -> AgentState:
    """An agent who speaks Korean and English signs in and is available."""
    floor.sign_in(agent, later(at), name=agent.title(), skills=skills, languages=("ko", "en"), queues=queues)
    floor.set_presence(agent, Presence.AVAILABLE, later(at))
    return floor.agents[agent]


def floor_with(*agents: str) -> Floor:
    """A floor whose agents became available one second after the other."""
    floor = Floor(QUEUES)
    for n, agent in enumerate(agents):
        at_work(floor, agent, at=n - 100)
    return floor


def talking(floor: Floor, item: str = "h1", *, at: float = 0) -> str:
    """A call that rings is accepted and connected; the agent who has it."""
    offer = floor.offers[floor.items[item].offer or ""]
    floor.accept(offer.offer, offer.agent, later(at))
    floor.connected(item, later(at))
    return offer.agent


def kinds(events: Iterable[FloorEvent]) -> list[str]:
    return [event.kind.value for event in events]


def rings_at(floor: Floor, item: str = "h1") -> str | None:
    """At whose desk a call rings."""
    return next((offer.agent for offer in floor.offers.values() if offer.item == item), None)
