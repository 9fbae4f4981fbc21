"""The record stands before anything leaves the house, and before anything is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from dialog.action import Action, Failed, FailureKind, Outcome, Succeeded, Unknown, propose
from dialog.action_runner import ActionRunner
from dialog.journal import MemoryJournal
from dialog.release import Release
from tests.dialog.surroundings import FailingJournal, ScriptedBackEnd

NUMBER = {"order_number": "20261187"}


@pytest.fixture
def action(release: Release) -> Action:
    return release.actions["order_status"]


async def run(action: Action, outcome: Outcome, journal: MemoryJournal, **arguments: str) -> tuple[Outcome, list]:
    back_end = ScriptedBackEnd([outcome])
    runner = ActionRunner(back_end, journal_timeout=0.05)
    proposal = propose(action, arguments or NUMBER, call_id="c", turn=1)
    return await runner.run(proposal, journal), back_end.calls


async def test_everything_is_recorded_in_order(action: Action) -> None:
    journal = MemoryJournal()
    outcome, _ = await run(action, Succeeded({"status": "shipped"}), journal)
    assert outcome == Succeeded({"status": "shipped"})
    assert [kind for kind, _ in journal.events] == ["action.proposed", "action.started", "action.succeeded"]
    proposed, started, succeeded = (payload for _, payload in journal.events)
    assert proposed["name"] == started["name"] == "order_status"
    assert proposed["action"] == started["action"] == succeeded["action"]
    assert proposed["risk"] == "read_only"
    assert succeeded["result"] == {"status": "shipped"}


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [(Failed(FailureKind.NOT_FOUND), "action.failed"), (Unknown("cut"), "action.unknown")],
)
async def test_other_outcomes_are_recorded_too(action: Action, outcome: Outcome, kind: str) -> None:
    journal = MemoryJournal()
    assert (await run(action, outcome, journal))[0] == outcome
    assert journal.events[-1][0] == kind


@pytest.mark.parametrize("kind", ["action.proposed", "action.started"])
async def test_without_a_record_nothing_leaves(action: Action, kind: str) -> None:
    outcome, calls = await run(action, Succeeded({}), FailingJournal(refuses=frozenset({kind})))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.NOT_RECORDED
    assert calls == []


@pytest.mark.parametrize("outcome", [Succeeded({}), Failed(FailureKind.NOT_FOUND)])
async def test_an_outcome_that_is_not_recorded_is_unknown(action: Action, outcome: Outcome) -> None:
    refuses = frozenset({"action.succeeded", "action.failed"})
    told, calls = await run(action, outcome, FailingJournal(refuses=refuses))
    assert isinstance(told, Unknown)
    assert calls == [NUMBER]


async def test_arguments_that_do_not_fit_never_leave(action: Action) -> None:
    journal = MemoryJournal()
    outcome, calls = await run(action, Succeeded({}), journal, order_number="2026")
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.INVALID
    assert calls == []
    assert journal.events[-1][0] == "action.failed"


class HangingJournal(MemoryJournal):
    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        await asyncio.Event().wait()


async def test_a_ledger_that_hangs_is_not_waited_for(action: Action) -> None:
    outcome, calls = await run(action, Succeeded({}), HangingJournal())
    assert isinstance(outcome, Failed)
    assert calls == []
