"""A stage for MCP clients: the example tenant's real release, offer, runner and record, before a shop in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded
from dialog.actions.rules import Identity, Standing
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.schema import only_known
from gateway.api.mcp_calls import Answer, ToolCalls
from gateway.api.mcp_contacts import Contacts, Visitor
from gateway.api.mcp_offer import Offer, read_offer
from gateway.session.ledger import CallLog
from gateway.session.memory_log import MemoryContactLog
from tests.dialog.surroundings import SmallSearch
from tests.house import EXAMPLE, example_release

TENANT = "hanbit-store"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Noon in Seoul."""

ANYBODY = Visitor("website-assistant", Standing(), "en")
OWNER = Visitor("desk-assistant", Standing(identity=Identity.KNOWLEDGE, customer="C-1002"), "en")
STRANGER = Visitor("desk-assistant", Standing(identity=Identity.KNOWLEDGE, customer="C-1001"), "en")

PREPARING, SHIPPED, DELIVERED = "20261042", "20261187", "20260815"


@lru_cache
def example_offer() -> Offer:
    offer = read_offer(EXAMPLE, example_release())
    assert offer is not None
    return offer


@dataclass
class Shop:
    """What the example's services would do. ``done`` is what really arrived; unless it ``shows``, no look tells of it.
    ``answers`` replaces what the next changes say."""

    orders: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            PREPARING: {"customer_id": "C-1002", "status": "preparing", "total_krw": 31800},
            SHIPPED: {"customer_id": "C-1001", "status": "shipped", "total_krw": 45900},
            DELIVERED: {"customer_id": "C-1001", "status": "delivered", "total_krw": 64000},
        }
    )
    done: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    shows: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        await self.gate.wait()
        if "phone" in arguments:
            self.done.append((action.id, str(arguments["phone"])))
            return Failed(FailureKind.NOT_FOUND)
        number = str(arguments["order_number"])
        order = self.orders.get(number)
        if order is None:
            return Failed(FailureKind.NOT_FOUND)
        if action.id == "cancel_order":
            order["status"] = "cancelled" if self.shows else order["status"]
            self.done.append((action.id, number))
            self.keys.append(key)
            if self.answers:
                return self.answers.pop(0)
        known = only_known(action.result, {"order_number": number, **order})
        assert isinstance(known, dict)
        return Succeeded(known)

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Stage:
    """Everything around ``calls``; ``now`` and ``seconds`` pass only when they are let."""

    ledger: MemoryContactLog = field(default_factory=MemoryContactLog)
    shop: Shop = field(default_factory=Shop)
    store: MemoryActionStore = field(default_factory=MemoryActionStore)
    search: SmallSearch = field(default_factory=SmallSearch)
    offer: Offer = field(default_factory=example_offer)
    now: datetime = NOW
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.contacts = Contacts(self.open_log, lambda: self.seconds)
        runner = ActionRunner(self.shop, store=self.store, now=lambda: self.now)
        self.calls = ToolCalls(
            self.offer, example_release(), runner, self.store, self.search, self.contacts, lambda: self.now
        )

    def open_log(self, visitor: Visitor, contact: str) -> CallLog:
        return self.ledger.open_call(
            tenant=TENANT, call_id=contact, line="mcp", language=visitor.language, channel="mcp", caller=visitor.client
        )

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    async def call(self, visitor: Visitor, tool: str, **arguments: object) -> Answer:
        return await self.calls.call(visitor, tool, arguments)

    async def proposed(self, visitor: Visitor = OWNER, order: str = PREPARING) -> str:
        answer = await self.call(visitor, "cancel_order", order_number=order)
        assert answer.status == "proposed", answer
        return str(answer.body["proposal"])

    async def kinds(self) -> list[str]:
        """The kinds of all events, contact by contact, the oldest first."""
        await asyncio.sleep(0)  # in which what was noted without waiting becomes durable
        return [
            event.kind
            for record in reversed(await self.ledger.calls(TENANT))
            for event in await self.ledger.events(TENANT, record.call_id)
        ]


@asynccontextmanager
async def stage(**parts: Any) -> AsyncIterator[Stage]:
    set_up = Stage(**parts)
    await set_up.ledger.start()
    yield set_up
    await set_up.calls.tidy(everything=True)
    await set_up.ledger.close()
