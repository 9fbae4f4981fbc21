"""tau2-bench's retail tasks through the action layer: each task's expected actions, one after the other, and whether
the shop's database ends as it must.

The tools are actions of a tenant, the policy is rules. What must be is made by the same changes without any layer.
Refuses: keeping anything of the data set. It is read where it lies.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dialog.actions.action import Action, Confirmation, Failed, FailureKind, Outcome, Proposal, Risk, Succeeded, propose
from dialog.actions.http_actions import HttpActions
from dialog.actions.rules import Identity, Standing
from dialog.actions.runner import ActionRunner
from dialog.actions.source import read_actions
from dialog.journal import MemoryJournal
from dialog.yaml_source import read_yaml
from gateway.commands.evaluate.retail_shop import Impossible, Json, RetailShop, serving
from gateway.commands.evaluate.suite import SUITES, data_file

_DIRECTLY = {
    "cancel_pending_order": "cancel",
    "modify_pending_order_address": "ship_to",
    "modify_pending_order_payment": "pay_with",
    "modify_pending_order_items": "replace_items",
    "exchange_delivered_order_items": "exchange",
    "return_delivered_order_items": "take_back",
    "modify_user_address": "move_house",
}
"""What each tool that changes something is called at the shop."""


@dataclass(frozen=True, slots=True)
class Retail:
    """The tasks, the database as text (each task begins with a fresh one), the tools as actions, and whose each order
    is."""

    tasks: tuple[Json, ...]
    database: str
    actions: Mapping[str, Action]
    owners: Mapping[str, str]

    def shop(self) -> RetailShop:
        """The shop before anything happened."""
        return RetailShop(json.loads(self.database))

    def expected(self, task: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """What has to be done; arithmetic and transfers are no business actions."""
        wanted = task["evaluation_criteria"]["actions"] or []
        return [(one["name"], one["arguments"]) for one in wanted if one["name"] in self.actions]

    def expected_shop(self, task: Mapping[str, Any]) -> RetailShop:
        """The shop after the expected changes, made without any layer. What is impossible leaves it as it is."""
        shop = self.shop()
        for name, arguments in self.expected(task):
            if name in _DIRECTLY:
                try:
                    getattr(shop, _DIRECTLY[name])(**copy.deepcopy(arguments))
                except Impossible:
                    continue
        return shop


def read_retail(data: Path) -> Retail:
    """The data set's retail domain. Raises ``DataAbsent`` where it is not in the folder of data sets."""
    tasks = json.loads(data_file(data, "tau2/retail/tasks.json").read_text(encoding="utf-8"))
    database = data_file(data, "tau2/retail/db.json").read_text(encoding="utf-8")
    owners = {key: str(order["user_id"]) for key, order in json.loads(database)["orders"].items()}
    return Retail(tuple(tasks), database, read_actions(read_yaml(SUITES / "tau2" / "actions.yaml")), owners)


@dataclass(slots=True)
class Caller:
    """A conversation, as far as actions see it: who the caller is known to be, and one turn after another."""

    runner: ActionRunner
    actions: Mapping[str, Action]
    call_id: str
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    standing: Standing = field(default_factory=Standing)
    turn: int = 0

    def wanted(self, name: str, arguments: Mapping[str, Any]) -> Proposal:
        """A proposal of the next turn."""
        self.turn += 1
        return propose(self.actions[name], arguments, call_id=self.call_id, turn=self.turn, standing=self.standing)

    def yes(self, proposal: Proposal) -> Confirmation:
        """A yes to it on the turn after."""
        self.turn += 1
        return Confirmation(proposal.id, self.turn, "yes", datetime.now(UTC))

    def known_as(self, user_id: str) -> None:
        """The caller was identified."""
        self.standing = Standing(identity=Identity.KNOWLEDGE, customer=user_id)

    async def do(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        """Ask for something, say yes where a yes is needed."""
        proposal = self.wanted(name, arguments)
        if proposal.action.risk is Risk.READ_ONLY:
            return await self.runner.run(proposal, self.journal)
        permission = await self.runner.offer(proposal, self.journal)
        if not permission.granted:
            return Failed(FailureKind.NOT_PERMITTED, permission.why)
        return await self.runner.run(proposal, self.journal, self.yes(proposal))


async def replayed(retail: Retail, task: Mapping[str, Any]) -> str | None:
    """Play one task's expected actions. Says what is not as it must be; None where all is."""
    shop = retail.shop()
    with serving(shop) as url:
        port = HttpActions({"shop": url})
        try:
            await _play(retail, task, Caller(ActionRunner(port), retail.actions, f"task {task['id']}"))
        finally:
            await port.close()
    expected = retail.expected_shop(task)
    if shop.changes != expected.changes:
        return f"task {task['id']}: changed {dict(shop.changes)}, not {dict(expected.changes)}"
    return None if shop.db == expected.db else f"task {task['id']}: the database did not end as it must"


async def _play(retail: Retail, task: Mapping[str, Any], caller: Caller) -> None:
    owner = _owner(retail, task)
    if owner is not None:
        caller.known_as(owner)
    for name, arguments in retail.expected(task):
        outcome = await caller.do(name, arguments)
        if name.startswith("find_user") and isinstance(outcome, Succeeded):
            caller.known_as(str(outcome.result["user_id"]))


def _owner(retail: Retail, task: Mapping[str, Any]) -> str | None:
    """Whose orders it is about, for tasks that do not begin with finding the user."""
    for _, arguments in retail.expected(task):
        if "user_id" in arguments:
            return str(arguments["user_id"])
        if arguments.get("order_id") in retail.owners:  # callers name wrong ones, too
            return retail.owners[arguments["order_id"]]
    return None
