"""Calls of another platform's that we only hear, in virtual time: both sides are written down, and nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import LedgerError, OnlyOverheard
from gateway.session.memory_log import MemoryContactLog
from gateway.session.monitored import UNKNOWN, agent_of
from gateway.session.people import Person
from gateway.session.ports import Services
from gateway.session.records import ContactEvent
from gateway.session.room import Room
from gateway.session.switchboard import Switchboard
from gateway.session.tenant import Tenant
from gateway.telephony.leg import HangUpCause, HeldByFarEnd, HungUp, LegInfo
from stt.final_lag import FinalLag
from stt.vad import Segmenter
from tests.gateway.session.stage import Activity, Ear, FarEnd, Mind, Mouth, Recorder
from tests.virtual_time import run

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
KIM = Person("kim", "kim", Owner.AGENT)


@dataclass
class Overheard:
    """One such call."""

    ear: Ear
    mind: Mind = field(default_factory=lambda: Mind([]))
    customer: FarEnd = field(default_factory=FarEnd)
    agent: FarEnd = field(default_factory=FarEnd)
    parameters: dict[str, str] = field(default_factory=dict)
    who: Person = KIM
    events: list[ContactEvent] = field(default_factory=list)
    helped: list[str] = field(default_factory=list)
    follow: Callable[[Any], Any] | None = None
    """Makes what follows a room, out of the ledger."""
    tenant: Tenant = field(
        default_factory=lambda: Tenant.model_validate(
            {
                "id": "shop",
                "name": {"en": "Shop"},
                "languages": ["en", "ko"],
                "lines": [{"number": "+18005550199", "alias": "shop", "language": "en"}],
                "recording": {"consent": "notice"},
                "folder": Path("/tenants/shop"),
            }
        )
    )

    def play(self, script: Callable[[Overheard], Awaitable[None]]) -> Overheard:
        run(self._play(script))
        return self

    async def _play(self, script: Callable[[Overheard], Awaitable[None]]) -> None:
        self.ledger = ledger = MemoryContactLog(clock=lambda: NOW)
        await ledger.start()
        self.recorder = Recorder()
        services = Services(
            tenant=self.tenant,
            dialogue=self.mind,
            recognizer=self.ear,
            final_lag=FinalLag(),
            synthesizer=Mouth(),
            activity=Activity(),  # type: ignore[arg-type]
            segmenter=lambda: Segmenter(min_speech=0.096),
            desk=None,  # type: ignore[arg-type]  # no call is handed over
            record=lambda call_id, day, rate: self.recorder,
            now=lambda: NOW,
        )
        self.switchboard = Switchboard(ledger, {"shop": services}, 2)
        self.customer.info = replace(self.customer.info, parameters=MappingProxyType(self.parameters))
        acting = asyncio.create_task(script(self))
        await self.switchboard.overhear(self.customer, self.agent, self.who, self._help)  # type: ignore[arg-type]
        await acting
        [call] = await ledger.calls("shop")
        self.call = call
        self.events = await ledger.events("shop", call.call_id)
        await ledger.close()

    @asynccontextmanager
    async def _help(self, room: Room) -> AsyncIterator[None]:
        self.helped.append(room.log.call_id)
        if self.follow is None:
            yield
        else:
            async with self.follow(self.ledger)(room):
                yield
        self.helped.append("over")

    @property
    def room(self) -> Room:
        [room] = self.switchboard.rooms
        return room

    async def says(self, who: FarEnd, seconds: float = 1.2) -> None:
        who.loud_until = asyncio.get_running_loop().time() + seconds
        await asyncio.sleep(seconds + 3.0)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event.payload for event in self.events if event.kind == kind]


def test_what_both_sides_say_is_written_down_and_nobody_answers() -> None:
    async def script(call: Overheard) -> None:
        await asyncio.sleep(0.5)
        assert call.switchboard.calls == 1
        await call.says(call.customer)
        await call.says(call.agent)
        call.customer.tell(HungUp("they closed the session", HangUpCause.FAR_END))

    call = Overheard(Ear(["my parcel is late", "let me look that up"])).play(script)
    assert [turn["text"] for turn in call.of("caller.turn")] == ["my parcel is late"]
    assert [(turn["agent"], turn["text"]) for turn in call.of("agent.turn")] == [("kim", "let me look that up")]
    assert call.of("agent.turn")[0]["words"][0]["start"] == pytest.approx(0.5 + 1.2 + 3.0, abs=0.6)
    assert call.mind.history == ["my parcel is late", "let me look that up"]
    assert call.mind.turns == []
    assert call.customer.sent == []
    assert call.recorder.said == []
    assert (call.call.channel, call.call.end_reason, call.call.language) == ("monitor", "caller_hung_up", "en")
    assert call.of("control.changed")[0]["owner"] == "agent"
    assert call.helped == [call.call.call_id, "over"]
    assert call.switchboard.calls == 0


def test_a_pause_is_a_hold_and_the_language_that_is_told_is_the_calls() -> None:
    async def script(call: Overheard) -> None:
        await asyncio.sleep(0.5)
        call.customer.tell(HeldByFarEnd(held=True))
        await asyncio.sleep(2)
        call.customer.tell(HeldByFarEnd(held=False))
        await asyncio.sleep(0.5)
        assert call.room.language == "ko"
        call.customer.tell(HungUp("gone", HangUpCause.CONNECTION_LOST))

    call = Overheard(Ear([]), parameters={"language": "ko"}).play(script)
    assert [held["by"] for held in call.of("call.held")] == ["kim"]
    assert call.of("call.resumed")
    assert call.call.end_reason == "connection_lost"
    fallbacks = {failed["fallback"] for failed in call.of("component.failed")}
    assert fallbacks == {"customer unheard", "agent unheard"}, "nobody hears Korean here, and the call is in the record"


def test_it_can_be_listened_to_and_nothing_can_be_done_with_it() -> None:
    async def script(call: Overheard) -> None:
        await asyncio.sleep(0.5)
        room, lee = call.room, Person("lee", "Lee", Owner.SUPERVISOR)
        for deed in (
            lambda: room.take(lee),
            lambda: room.give_back(""),
            lambda: room.hang_up(by="kim"),
            lambda: room.hold(True, by="lee"),
            lambda: room.check(None),
        ):
            with pytest.raises(OnlyOverheard):
                deed()
        ears = FarEnd()
        listening = asyncio.create_task(room.enter(ears, lee, Mode.LISTEN))  # type: ignore[arg-type]
        await asyncio.sleep(0.2)
        await call.says(call.customer)
        assert any(any(pcm) for _, pcm in ears.sent)
        call.customer.tell(HungUp("over", HangUpCause.FAR_END))
        await listening

    call = Overheard(Ear(["hello"])).play(script)
    assert call.switchboard.rooms == []
    assert call.agent.hung_up_at is not None


def test_the_node_that_stops_listens_no_more() -> None:
    async def script(call: Overheard) -> None:
        await asyncio.sleep(0.5)
        await call.switchboard.drain(0.1)

    call = Overheard(Ear([])).play(script)
    assert call.call.end_reason == "shut_down"
    assert call.customer.hung_up_at is not None


def test_what_cannot_be_recorded_is_not_overheard() -> None:
    class Full(MemoryContactLog):
        def open_call(self, **_: Any) -> Any:
            raise LedgerError("full")

    async def act() -> None:
        customer = FarEnd()
        overheard = Overheard(Ear([]))
        services: Any = type("S", (), {"tenant": overheard.tenant})()
        switchboard = Switchboard(Full(), {"shop": services}, 2)
        await switchboard.overhear(customer, FarEnd(), KIM, overheard._help)  # type: ignore[arg-type]
        assert customer.hung_up_at is not None
        assert overheard.helped == []

    run(act())


def test_the_agent_is_whom_the_platform_names() -> None:
    info = LegInfo("l", "c", "", "", "p", 8000, {"agent": " kim "})
    assert agent_of(info) == KIM
    assert agent_of(replace(info, parameters={})).id == UNKNOWN
