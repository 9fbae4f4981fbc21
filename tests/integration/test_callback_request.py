"""A caller asks to be called back: the example tenant's dialog, its actions, and due calls in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import pytest

from dialog.actions.action import Via
from dialog.actions.ports import ActionPorts
from dialog.actions.postgres import PostgresActionStore
from dialog.conversation import Conversation
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.outreach import machine_message
from dialog.releases.release import Release, load_release
from dialog.turn import CallerTurn
from gateway.outbound.callback_actions import CallbackActions
from gateway.outbound.desk import TenantDesk, patience_of
from gateway.outbound.due_call import State
from gateway.outbound.store import DueCalls
from gateway.session.tenant import load_tenant
from infra.storage.database import Database
from tests.dialog.surroundings import SmallSearch, StoppedClock
from tests.gateway.outbound.parlour import WORDS, new_tenant
from tests.house import EXAMPLE


@pytest.fixture(scope="module")
def release() -> Release:
    return load_release(EXAMPLE)


@dataclass
class Caller:
    """Somebody who talks to the dialog."""

    manager: DialogueManager
    conversation: Conversation
    code: str
    turn: int = 0

    async def say(self, text: str) -> str:
        self.turn += 1
        turn = CallerTurn(self.turn, text, self.code)
        return " ".join([reply.text async for reply in self.manager.respond(self.conversation, turn)])


@pytest.fixture
async def desk(database: Database, release: Release) -> TenantDesk:
    shop = load_tenant(EXAMPLE).model_copy(update={"id": new_tenant()})
    await database.enter_tenant(shop.id)
    calls = DueCalls(database, shop.id, patience_of(shop), WORDS)
    now = StoppedClock().now(shop.time_zone)
    return TenantDesk(shop, calls, release.flows, partial(machine_message, release), now=lambda: now)


@pytest.fixture
async def caller(database: Database, release: Release, desk: TenantDesk) -> AsyncIterator[Callable[[str], Caller]]:
    begun: list[Caller] = []

    def begin(code: str) -> Caller:
        port = ActionPorts({Via.CALLS: CallbackActions(desk)})
        store = PostgresActionStore(database, desk.tenant.id)
        manager = DialogueManager(release, SmallSearch(), port, StoppedClock(), store=store)
        conversation = manager.begin(call_id="call-1", language=code, caller=None, journal=MemoryJournal())
        begun.append(Caller(manager, conversation, code))
        return begun[-1]

    yield begin
    for one in begun:
        await one.manager.finish(one.conversation)


async def test_tomorrow_at_three_is_read_back_confirmed_and_kept(
    desk: TenantDesk, caller: Callable[[str], Caller]
) -> None:
    somebody = caller("ko")
    await somebody.say("나중에 다시 전화해 주세요")
    await somebody.say("월요일 오후 세 시요")
    asked = await somebody.say("공일공 일이삼사 오육칠팔")
    assert "오후 3시에" in asked and "전화드릴까요?" in asked
    assert list(await desk.calls.latest()) == []  # proposed, and nothing is kept yet
    assert "전화드리겠습니다" in await somebody.say("네")
    [due] = await desk.calls.latest()
    assert (due.state, due.number, due.language, due.purpose) == (State.DUE, "+821012345678", "ko", "callback")
    assert desk.local(due.due_at).isoformat(timespec="minutes") == "2026-11-23T15:00+09:00"
    assert (due.contact, due.details) == ("call-1", {"phone": "01012345678"})


async def test_the_same_in_english_and_a_no_keeps_nothing(desk: TenantDesk, caller: Callable[[str], Caller]) -> None:
    somebody = caller("en")
    await somebody.say("could you call me back later")
    await somebody.say("on Monday at three in the afternoon")
    asked = await somebody.say("zero one zero one two three four five six seven eight")
    assert "Shall we call you on Monday" in asked
    await somebody.say("no")
    assert list(await desk.calls.latest()) == []


async def test_a_day_on_which_nobody_is_called_is_not_promised(
    desk: TenantDesk, caller: Callable[[str], Caller]
) -> None:
    somebody = caller("ko")
    await somebody.say("나중에 다시 전화해 주세요")
    await somebody.say("내일 오후 세 시요")  # a Sunday
    await somebody.say("공일공 일이삼사 오육칠팔")
    assert "전화드릴 수 없습니다" in await somebody.say("네")
    assert list(await desk.calls.latest()) == []
