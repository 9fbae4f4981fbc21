"""Requests from outside of a conversation: proposed, confirmed once, and kept to what a caller could have asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialog.actions.action import Failed, FailureKind, Proposal, Succeeded
from dialog.actions.requests import Asker, Requests, fitting
from dialog.actions.rules import Identity, Permission, Refusal, Standing
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.journal import MemoryJournal
from tests.gateway.api.mcp_stage import DELIVERED, PREPARING, SHIPPED, Shop
from tests.house import example_release

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWNER = Standing(identity=Identity.KNOWLEDGE, customer="C-1002")
RELEASE = example_release()
CANCEL = RELEASE.actions["cancel_order"]


class Desk:
    """Requests before a shop in memory, at a time that passes when it is let."""

    def __init__(self) -> None:
        self.now = NOW
        self.shop, self.store, self.journal = Shop(), MemoryActionStore(), MemoryJournal()
        runner = ActionRunner(self.shop, store=self.store, now=lambda: self.now)
        self.requests = Requests(RELEASE, runner, self.store, lambda: self.now)

    def asker(self, standing: Standing = OWNER, *, turn: int = 1, call: str = "call-1") -> Asker:
        return Asker("agent-1", standing, call, turn, self.journal)

    async def proposed(self) -> Proposal:
        became = await self.requests.ask(CANCEL, {"order_number": PREPARING}, self.asker())
        assert isinstance(became, Proposal)
        return became


async def test_what_only_reads_is_done_at_once() -> None:
    desk = Desk()
    became = await desk.requests.ask(RELEASE.actions["order_status"], {"order_number": SHIPPED}, desk.asker())
    assert isinstance(became, Succeeded) and became.result["status"] == "shipped"


async def test_a_change_is_proposed_and_then_committed_once() -> None:
    desk = Desk()
    proposal = await desk.proposed()
    assert desk.shop.done == []
    first = await desk.requests.confirm(proposal, desk.asker(turn=2), "yes")
    again = await desk.requests.confirm(proposal, desk.asker(turn=3), "yes")
    assert isinstance(first, Succeeded) and again == first
    assert desk.shop.done == [("cancel_order", PREPARING)]
    confirmed = dict(desk.journal.events)["action.confirmed"]
    assert confirmed["words"] == "agent-1: yes"


async def test_what_the_rules_forbid_is_not_even_proposed() -> None:
    desk = Desk()
    became = await desk.requests.ask(CANCEL, {"order_number": PREPARING}, desk.asker(Standing()))
    assert isinstance(became, Permission) and became.refusal is Refusal.IDENTITY
    became = await desk.requests.ask(CANCEL, {"order_number": DELIVERED}, desk.asker())
    assert isinstance(became, Permission) and became.refusal is Refusal.OWNER


async def test_a_proposal_that_is_too_old_is_worth_nothing() -> None:
    desk = Desk()
    proposal = await desk.proposed()
    desk.now += timedelta(seconds=121)
    outcome = await desk.requests.confirm(proposal, desk.asker(turn=2), "yes")
    assert isinstance(outcome, Failed) and outcome.kind is FailureKind.NOT_CONFIRMED


async def test_what_is_withdrawn_is_never_done_and_what_was_done_is_not_withdrawn() -> None:
    desk = Desk()
    proposal = await desk.proposed()
    assert await desk.requests.withdraw(proposal, desk.asker(), "no") is None
    assert isinstance(await desk.requests.confirm(proposal, desk.asker(turn=2), "yes"), Failed)
    other = await desk.requests.ask(CANCEL, {"order_number": PREPARING}, desk.asker(turn=5))
    assert isinstance(other, Proposal)
    await desk.requests.confirm(other, desk.asker(turn=6), "yes")
    assert isinstance(await desk.requests.withdraw(other, desk.asker(turn=7), "no"), Succeeded)


async def test_a_proposal_is_found_again_as_it_was_frozen_by_its_own_contact_only() -> None:
    desk = Desk()
    proposal = await desk.proposed()
    kept = await desk.requests.kept(proposal.id, RELEASE.actions, "call-1")
    assert kept is not None
    assert (kept.arguments, kept.digest, kept.standing) == (proposal.arguments, proposal.digest, OWNER)
    assert await desk.requests.kept(proposal.id, RELEASE.actions, "call-2") is None
    assert await desk.requests.kept(proposal.id, {}, "call-1") is None
    assert await desk.requests.kept("no such", RELEASE.actions, "call-1") is None
    other = replace(desk.requests, release=replace(RELEASE, id="another"))
    assert await other.kept(proposal.id, RELEASE.actions, "call-1") is None


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"order_number": " 20261042 "}, []),
        ({"order_number": "1"}, ["/order_number"]),
        ({}, ["/order_number"]),
        ({"order_number": "20261042", "note": "x"}, ["/note"]),
    ],
)
def test_arguments_are_what_the_schema_takes(given: dict[str, object], broken: list[str]) -> None:
    assert [problem.split(":")[0] for problem in fitting(CANCEL.arguments, given)[1]] == broken


def test_arguments_are_what_a_caller_could_have_given() -> None:
    book = RELEASE.actions["book_visit"]
    visit = {"phone": "01012345678", "at": "2026-11-24T15:00", "people": "2"}
    given, broken = Desk().requests.check(book, visit)
    assert (given["people"], broken) == (2, [])
    assert Desk().requests.check(book, visit | {"at": "2026-11-24T03:00"})[1] == ["/at: is not possible here"]
