"""Carrying out what a flow decides: state first, speech after, actions to their end."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from dialog.acting import Acting, Said
from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Succeeded, Unknown
from dialog.actions.intent import intent_of
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.conversation import AnythingElse, Conversation, Unsettled
from dialog.escalation import Attempt, Tried
from dialog.flows import event as ev
from dialog.journal import MemoryJournal, Scribe
from dialog.memory.remembering import Remembering
from dialog.releases.release import Release
from dialog.reply import Confidence, Decision, EscalationReason, Expectation, Reply
from dialog.settings import DialogSettings
from tests.dialog.shop import NOW, wanted, yes
from tests.dialog.surroundings import ORDERS, ScriptedBackEnd, StoppedClock

SURE = Confidence(1.0)
HEARD = ev.ValuesHeard((ev.ValueHeard("order_number", "20261187", 1.0),))


def conversation() -> Conversation:
    return Conversation("c", "ko", None, "r", Scribe(MemoryJournal(), timeout=1.0), deque())


def acting(release: Release, *outcomes: Outcome, **settings: float) -> tuple[Acting, ScriptedBackEnd]:
    back_end = ScriptedBackEnd(list(outcomes))
    clock = StoppedClock()
    nobody = Remembering.of(release, clock, None)
    return Acting(release, ActionRunner(back_end), DialogSettings(**settings), clock, nobody), back_end


async def move(mover: Acting, talking: Conversation, event: ev.Event) -> list[Said]:
    return [said async for said in mover.advance(talking, event, SURE)]


async def test_asking_stands_before_it_is_said(release: Release) -> None:
    mover, _ = acting(release)
    talking = conversation()
    mover.begin(talking, "order_status")
    moving = mover.advance(talking, ev.Started(), SURE)
    asked = await anext(moving)
    assert isinstance(asked, Reply)
    assert (asked.decision, asked.expects) == (Decision.ACT, Expectation.DICTATING)
    assert talking.flow is not None
    assert talking.flow.events == 1
    assert talking.dossier.wish == "주문 조회"
    await moving.aclose()


async def test_a_result_is_told_with_the_actions_name(release: Release) -> None:
    mover, back_end = acting(release, Succeeded(ORDERS["20261187"]))
    talking = conversation()
    mover.begin(talking, "order_status")
    (told,) = await move(mover, talking, HEARD)
    assert isinstance(told, Reply)
    assert told.sentences[0].action == "order_status"
    assert "act" in told.timings
    assert talking.flow is None
    assert isinstance(talking.question, AnythingElse)
    assert talking.dossier.known == {"주문번호": "20261187"}
    assert talking.dossier.attempts[-1].tried is Tried.ACTION_DONE
    assert back_end.calls == [{"order_number": "20261187"}]


@pytest.mark.parametrize(
    ("outcome", "reason", "tried"),
    [
        (Failed(FailureKind.UNAVAILABLE), EscalationReason.ACTION_FAILED, Tried.ACTION_FAILED),
        (Unknown(), EscalationReason.ACTION_UNKNOWN, Tried.ACTION_UNKNOWN),
    ],
)
async def test_what_cannot_be_told_is_given_up(
    release: Release, outcome: Outcome, reason: EscalationReason, tried: Tried
) -> None:
    mover, _ = acting(release, outcome)
    talking = conversation()
    mover.begin(talking, "order_status")
    assert await move(mover, talking, HEARD) == [ev.GiveUp(reason)]
    assert talking.dossier.attempts[-1].tried is tried


async def test_an_unknown_number_is_asked_for_again(release: Release) -> None:
    mover, _ = acting(release, Failed(FailureKind.NOT_FOUND))
    talking = conversation()
    mover.begin(talking, "order_status")
    (asked,) = await move(mover, talking, HEARD)
    assert isinstance(asked, Reply)
    assert "2 0 2 6, 1 1 8 7" in asked.text
    assert talking.progress.no_match == 1


async def test_an_action_that_is_not_permitted_never_leaves(release: Release) -> None:
    action: Action = replace(release.actions["order_status"], risk=Risk.IRREVERSIBLE)
    risky = replace(release, actions={"order_status": action})
    mover, back_end = acting(risky, Succeeded(ORDERS["20261187"]))
    talking = conversation()
    mover.begin(talking, "order_status")
    assert await move(mover, talking, HEARD) == [ev.GiveUp(EscalationReason.ACTION_FAILED)]
    assert back_end.calls == []


async def test_an_action_goes_on_when_nobody_listens_and_is_told_later(release: Release) -> None:
    mover, back_end = acting(release, Succeeded(ORDERS["20261188"]), filler_after=0.0)
    back_end.gate.clear()
    talking = conversation()
    mover.begin(talking, "order_status")
    moving = mover.advance(talking, HEARD, SURE)
    filler = await anext(moving)
    assert isinstance(filler, Reply)
    assert filler.expects is Expectation.LISTENING
    await moving.aclose()
    assert talking.running is not None
    back_end.gate.set()
    (told,) = [said async for said in mover.finish(talking)]
    assert isinstance(told, Reply)
    assert "원목 식탁" in told.text
    assert talking.running is None
    assert [said async for said in mover.finish(talking)] == []


async def test_the_open_question_is_asked_again_as_it_stands(release: Release) -> None:
    mover, _ = acting(release)
    talking = conversation()
    mover.begin(talking, "order_status")
    await move(mover, talking, ev.ValuesHeard((ev.ValueHeard("order_number", "2026", 1.0),)))
    again = await mover.again(talking, SURE)
    assert isinstance(again, Reply)
    assert "2 0 2 6" in again.text
    await move(mover, talking, ev.ValuesHeard((ev.ValueHeard("order_number", "1187", 0.1),)))
    again = await mover.again(talking, SURE)
    assert isinstance(again, Reply)
    assert again.expects is Expectation.YES_NO


async def test_moves_are_noted(release: Release) -> None:
    mover, _ = acting(release)
    talking = conversation()
    mover.begin(talking, "order_status")
    await move(mover, talking, ev.NotUnderstood())
    await talking.scribe.settle()
    journal = talking.scribe.journal
    assert isinstance(journal, MemoryJournal)
    (kind, payload) = journal.events[-1]
    assert kind == "flow.moved"
    assert payload["event"] == "NotUnderstood"
    assert payload["failures"] == 1


async def test_what_was_found_out_of_a_change_is_told_once_on_the_next_turn(release: Release) -> None:
    mover, back_end = acting(release)
    store = MemoryActionStore()
    mover = replace(mover, runner=ActionRunner(back_end, store=store))
    talking = conversation()
    made = wanted()
    await store.enter(intent_of(made), NOW)
    await store.confirm(made.id, yes(made), NOW)
    await store.start(made.id, NOW, NOW, None)
    await store.settle(made.id, Unknown("no answer"), NOW)
    talking.unsettled = (Unsettled(made, "주문 취소"),)
    assert [said async for said in mover.finish(talking)] == []
    await store.settle(made.id, Succeeded({}), NOW)
    (told,) = [said async for said in mover.finish(talking)]
    assert isinstance(told, Reply)
    assert "주문 취소는 처리된 것으로" in told.text
    assert told.expects is Expectation.LISTENING
    assert talking.dossier.attempts[-1] == Attempt(Tried.ACTION_DONE, "주문 취소")
    journal = talking.scribe.journal
    assert isinstance(journal, MemoryJournal)
    assert journal.events[-1][0] == "action.reconciled"
    assert [said async for said in mover.finish(talking)] == []
