"""tau2-bench's retail tasks through the action layer: each expected sequence ends in the expected database, and nothing
that the policy forbids happens."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dialog.actions.action import Action, Confirmation, Failed, FailureKind, Outcome, Proposal, Risk, Succeeded, propose
from dialog.actions.http_actions import HttpActions
from dialog.actions.rules import Identity, Standing
from dialog.actions.runner import ActionRunner
from dialog.actions.source import read_actions
from dialog.journal import MemoryJournal
from dialog.yaml_source import read_yaml
from tests.house import ROOT
from tests.tau2.retail import Impossible, RetailShop, serving

DATA = ROOT.parent / "shared" / "data" / "tau2" / "retail"
ACTIONS = read_actions(read_yaml(Path(__file__).with_name("actions.yaml")))
DIRECTLY = {
    "cancel_pending_order": "cancel",
    "modify_pending_order_address": "ship_to",
    "modify_pending_order_payment": "pay_with",
    "modify_pending_order_items": "replace_items",
    "exchange_delivered_order_items": "exchange",
    "return_delivered_order_items": "take_back",
    "modify_user_address": "move_house",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the tasks of tau2-bench are not at {DATA}")

TASKS = json.loads((DATA / "tasks.json").read_text("utf-8")) if DATA.is_dir() else []
AS_TEXT = (DATA / "db.json").read_text("utf-8") if DATA.is_dir() else "{}"
DATABASE = json.loads(AS_TEXT)


@dataclass
class Conversation:
    """A caller's conversation, as far as actions see it: who they are known to be, and one turn after another."""

    runner: ActionRunner
    call_id: str
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    standing: Standing = field(default_factory=Standing)
    turn: int = 0

    def wanted(self, name: str, arguments: Mapping[str, Any]) -> Proposal:
        self.turn += 1
        return propose(ACTIONS[name], arguments, call_id=self.call_id, turn=self.turn, standing=self.standing)

    async def do(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        """Ask for something, say yes where a yes is needed."""
        proposal = self.wanted(name, arguments)
        if proposal.action.risk is Risk.READ_ONLY:
            return await self.runner.run(proposal, self.journal)
        permission = await self.runner.offer(proposal, self.journal)
        if not permission.granted:
            return Failed(FailureKind.NOT_PERMITTED, permission.why)
        return await self.runner.run(proposal, self.journal, self.yes(proposal))

    def yes(self, proposal: Proposal) -> Confirmation:
        self.turn += 1
        return Confirmation(proposal.id, self.turn, "yes", datetime.now(UTC))

    def known_as(self, user_id: str) -> None:
        self.standing = Standing(identity=Identity.KNOWLEDGE, customer=user_id)


@dataclass
class Shop:
    """One shop, one caller."""

    retail: RetailShop
    conversation: Conversation


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    retail = RetailShop(json.loads(AS_TEXT))
    with serving(retail) as url:
        port = HttpActions({"shop": url})
        yield Shop(retail, Conversation(ActionRunner(port), "call"))
        await port.close()


def expected_actions(task: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What has to be done; arithmetic and transfers are no business actions."""
    actions = task["evaluation_criteria"]["actions"] or []
    return [(action["name"], action["arguments"]) for action in actions if action["name"] in ACTIONS]


def caller_of(task: Mapping[str, Any], db: Mapping[str, Any]) -> str | None:
    """Whose orders it is about, for tasks that do not begin with finding the user."""
    for _, arguments in expected_actions(task):
        if "user_id" in arguments:
            return str(arguments["user_id"])
        if "order_id" in arguments:
            order = db["orders"].get(arguments["order_id"])  # callers name wrong ones, too
            if order is not None:
                return str(order["user_id"])
    return None


def done_directly(task: Mapping[str, Any]) -> RetailShop:
    """The shop after the expected changes, made without any layer. What is impossible leaves it as it is."""
    retail = RetailShop(json.loads(AS_TEXT))
    for name, arguments in expected_actions(task):
        if name in DIRECTLY:
            try:
                getattr(retail, DIRECTLY[name])(**copy.deepcopy(arguments))
            except Impossible:
                continue
    return retail


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["id"])
async def test_the_expected_actions_end_in_the_expected_database(task: dict[str, Any], shop: Shop) -> None:
    conversation = shop.conversation
    if (caller := caller_of(task, shop.retail.db)) is not None:
        conversation.known_as(caller)
    for name, arguments in expected_actions(task):
        outcome = await conversation.do(name, arguments)
        if name.startswith("find_user") and isinstance(outcome, Succeeded):
            conversation.known_as(str(outcome.result["user_id"]))
    expected = done_directly(task)
    assert shop.retail.db == expected.db
    assert shop.retail.changes == expected.changes


def a_pending_order() -> tuple[str, str]:
    return next((key, order["user_id"]) for key, order in DATABASE["orders"].items() if order["status"] == "pending")


async def test_nothing_happens_without_a_yes_and_only_once_with_one(shop: Shop) -> None:
    order, owner = a_pending_order()
    caller = shop.conversation
    caller.known_as(owner)
    proposal = caller.wanted("cancel_pending_order", {"order_id": order, "reason": "no longer needed"})
    assert (await caller.runner.offer(proposal, caller.journal)).granted
    assert isinstance(await caller.runner.run(proposal, caller.journal), Failed)
    assert not shop.retail.changes
    again = caller.wanted("cancel_pending_order", {"order_id": order, "reason": "ordered by mistake"})
    confirmation = caller.yes(again)
    first = await caller.runner.run(again, caller.journal, confirmation)
    second = await caller.runner.run(again, caller.journal, confirmation)
    assert isinstance(first, Succeeded)
    assert first == second
    assert shop.retail.changes == {"cancel": 1}


def _forbidden() -> list[tuple[str, Action, dict[str, Any], str | None]]:
    orders = DATABASE.get("orders", {})
    mine = {
        status: next((o for o in orders.values() if o["status"] == status), None)
        for status in ("pending", "delivered", "processed", "cancelled")
    }
    if not all(mine.values()):
        return []
    cancel = ACTIONS["cancel_pending_order"]
    why = {"reason": "no longer needed"}

    def of(status: str) -> tuple[str, str]:
        order = mine[status]
        assert order is not None
        return order["order_id"], order["user_id"]

    other = next(user for user in DATABASE["users"] if user != of("pending")[1])
    return [
        ("nobody knows who calls", cancel, {"order_id": of("pending")[0], **why}, None),
        ("somebody else's order", cancel, {"order_id": of("pending")[0], **why}, other),
        ("shipped", cancel, {"order_id": of("delivered")[0], **why}, of("delivered")[1]),
        ("being processed", cancel, {"order_id": of("processed")[0], **why}, of("processed")[1]),
        ("cancelled already", cancel, {"order_id": of("cancelled")[0], **why}, of("cancelled")[1]),
        ("no reason that counts", cancel, {"order_id": of("pending")[0], "reason": "bored"}, of("pending")[1]),
        (
            "returned before it came",
            ACTIONS["return_delivered_order_items"],
            {"order_id": of("pending")[0], "item_ids": ["1"], "payment_method_id": "p"},
            of("pending")[1],
        ),
        (
            "somebody else's address",
            ACTIONS["modify_user_address"],
            {
                "user_id": other,
                "address1": "1",
                "address2": "",
                "city": "C",
                "state": "S",
                "country": "USA",
                "zip": "1",
            },
            of("pending")[1],
        ),
    ]


@pytest.mark.parametrize(("why", "action", "arguments", "caller"), _forbidden())
async def test_what_the_policy_forbids_does_not_happen_even_after_a_yes(
    why: str, action: Action, arguments: dict[str, Any], caller: str | None, shop: Shop
) -> None:
    conversation = shop.conversation
    if caller is not None:
        conversation.known_as(caller)
    proposal = conversation.wanted(action.id, arguments)
    assert not (await conversation.runner.offer(proposal, conversation.journal)).granted
    outcome = await conversation.runner.run(proposal, conversation.journal, conversation.yes(proposal))
    assert isinstance(outcome, Failed), why
    assert not shop.retail.changes
    assert shop.retail.db == DATABASE
