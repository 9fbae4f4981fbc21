"""A shop whose orders can be cancelled, for tests of changes: a back end in memory that counts what really happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from dialog.actions.action import (
    Action,
    Confirmation,
    Failed,
    FailureKind,
    Outcome,
    Proof,
    Proposal,
    Reading,
    Risk,
    Service,
    Succeeded,
    Unknown,
    propose,
)
from dialog.actions.rules import Identity, Rules, Standing

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHOP = Service("shop", "http://shop.example")
NUMBER = {"type": "object", "required": ["order"], "properties": {"order": {"type": "string", "pattern": "[0-9]{4}"}}}
ORDER = {
    "type": "object",
    "required": ["order", "status", "customer"],
    "properties": {
        "order": {"type": "string"},
        "status": {"enum": ["preparing", "shipped", "cancelled"]},
        "customer": {"type": "string"},
    },
}
LOOK = Action("look", SHOP, "GET", "/orders/{order}", Risk.READ_ONLY, 1.0, NUMBER, ORDER)
READING = Reading(LOOK, {"order": "$order"})
CANCEL = Action(
    "cancel",
    SHOP,
    "POST",
    "/orders/{order}/cancel",
    Risk.IRREVERSIBLE,
    1.0,
    NUMBER,
    ORDER,
    rules=Rules(identity=Identity.KNOWLEDGE, owner="customer", states={"status": ("preparing",)}),
    record=READING,
    proof=Proof(READING, {"status": ("cancelled",)}, settles=30.0),
)
CALLER = Standing(identity=Identity.KNOWLEDGE, customer="C-1")


@dataclass
class Clock:
    """The time of day, as far as it was let pass."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Shop:
    """An action port. ``answers`` replaces what the next writes say, ``loses`` what they do, ``blind`` every look."""

    orders: dict[str, dict[str, object]] = field(
        default_factory=lambda: {
            "1001": {"order": "1001", "status": "preparing", "customer": "C-1"},
            "1002": {"order": "1002", "status": "shipped", "customer": "C-1"},
            "1003": {"order": "1003", "status": "preparing", "customer": "C-2"},
        }
    )
    answers: list[Outcome] = field(default_factory=list)
    loses: bool = False
    blind: bool = False
    effects: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        await self.gate.wait()
        number = str(arguments["order"])
        if action.risk is Risk.READ_ONLY:
            if self.blind:
                return Failed(FailureKind.UNAVAILABLE)
            found = self.orders.get(number)
            return Failed(FailureKind.NOT_FOUND) if found is None else Succeeded(dict(found))
        self.keys.append(key)
        if not self.loses:
            self.effects.append((action.id, number))
            self.orders[number]["status"] = "cancelled"
        return self.answers.pop(0) if self.answers else Succeeded(dict(self.orders[number]))

    async def close(self) -> None:
        """Nothing to give back."""


def wanted(order: str = "1001", *, turn: int = 3, action: Action = CANCEL, standing: Standing = CALLER) -> Proposal:
    return propose(action, {"order": order}, call_id="call", turn=turn, standing=standing, now=NOW)


def yes(proposal: Proposal, *, turn: int = 4, at: datetime = NOW) -> Confirmation:
    return Confirmation(proposal.id, turn, "네, 취소해 주세요", at)


LOST = Unknown("no answer")
UNPROVEN = replace(CANCEL, proof=None)
