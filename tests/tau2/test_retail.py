"""tau2-bench's retail tasks through the action layer: each expected sequence ends in the expected database, and nothing
that the policy forbids happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from dialog.actions.action import Action, Failed, Succeeded
from dialog.actions.http_actions import HttpActions
from dialog.actions.runner import ActionRunner
from gateway.commands.evaluate.retail_replay import Caller, Retail, read_retail, replayed
from gateway.commands.evaluate.retail_shop import RetailShop, serving
from tests.house import ROOT

DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not (DATA / "tau2").is_dir(), reason=f"the tasks of tau2-bench are not in {DATA}")

RETAIL = read_retail(DATA) if (DATA / "tau2").is_dir() else Retail((), "{}", {}, {})
ACTIONS = RETAIL.actions
DATABASE = RETAIL.shop().db if RETAIL.tasks else {}


@dataclass
class Shop:
    """One shop, one caller."""

    retail: RetailShop
    conversation: Caller


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    retail = RETAIL.shop()
    with serving(retail) as url:
        port = HttpActions({"shop": url})
        yield Shop(retail, Caller(ActionRunner(port), ACTIONS, "call"))
        await port.close()


@pytest.mark.parametrize("task", RETAIL.tasks, ids=lambda task: task["id"])
async def test_the_expected_actions_end_in_the_expected_database(task: Mapping[str, Any]) -> None:
    assert await replayed(RETAIL, task) is None


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
