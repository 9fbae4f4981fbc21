"""Sessions of calls that we have placed, in virtual time: what is said in which order, and what is written back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dialog.errand import Disposition
from gateway.session.errors import LedgerError, SessionError
from gateway.session.outreach import OutboundCall, Outreach
from gateway.session.records import EndReason
from gateway.session.switchboard import Switchboard
from gateway.telephony.leg import CallOffer, LegInfo, RefusalReason
from tests.gateway.session.stage import FarEnd, Stage, reply
from tests.gateway.session.test_switchboard import LINE, House
from tests.virtual_time import run

NUMBER = "+821012345678"
CALL = OutboundCall("shop", "d1", "t1", NUMBER, LINE, "en", "visit_reminder", {"phone": "010"}, "earlier", 2)


@dataclass
class Calls:
    """Who has placed the calls."""

    known: OutboundCall | None = CALL
    broken: bool = False
    told: list[tuple[object, ...]] = field(default_factory=list)

    def _tell(self, *what: object) -> None:
        if self.broken:
            raise SessionError("the database is away")
        self.told.append(what)

    async def connected(self, due: str, call_id: str) -> OutboundCall | None:
        self._tell("connected", due)
        return self.known

    async def refused(self, call: OutboundCall, call_id: str, words: str) -> None:
        self._tell("refused", call, call_id, words)

    async def not_begun(self, call: OutboundCall, why: str) -> None:
        self._tell("not begun", call, why)

    async def ended(self, call: OutboundCall, disposition: Disposition) -> None:
        self._tell("ended", call, disposition)


def stage(consent: str = "never", *, calls: Calls | None = None, **more: Any) -> Stage:
    return Stage(consent=consent, outreach=Outreach(CALL, calls or Calls(), "call-1"), **more)


async def listen_and_hang_up(played: Stage) -> None:
    await played.until_quiet(1.0)
    played.hang_up()


async def answer_and_hang_up(played: Stage) -> None:
    await played.until_quiet(1.0)
    await played.speak(1.2)
    await asyncio.sleep(1.0)
    await played.until_quiet(1.0)
    played.hang_up()


def said(played: Stage) -> list[str]:
    return [payload["text"] for payload in played.of("reply.heard")]


def test_why_we_call_comes_first_then_the_question_and_the_record_says_it_all() -> None:
    calls = Calls()
    played = stage(calls=calls).play(listen_and_hang_up)
    assert said(played) == ["Hello we call about visit_reminder", "Is it a good time"]
    assert played.of("call.purpose") == [
        {
            "initiation": "outbound",
            "due_call": "d1",
            "purpose": "visit_reminder",
            "contact": "earlier",
            "attempt": 2,
        }
    ]
    assert played.mind.caller == NUMBER
    assert dict(played.mind.errand.details) == {"phone": "010"}
    assert calls.told == [("ended", CALL, Disposition.SETTLED)]
    assert played.kinds.index("call.purpose") < played.kinds.index("reply.decided")


def test_the_recording_is_announced_as_in_every_call() -> None:
    played = stage("notice").play(listen_and_hang_up)
    assert played.mind.told_of_recording
    assert "recording.started" in played.kinds


@pytest.mark.parametrize(("answer", "kind"), [("yes", "consent.given"), ("no", "consent.declined")])
def test_where_consent_is_asked_for_that_comes_before_the_question(answer: str, kind: str) -> None:
    played = stage("ask", heard=[answer]).play(answer_and_hang_up)
    assert said(played)[1:] == ["May we record this call to improve our service?", "Is it a good time"]
    assert kind in played.kinds


def test_who_goes_straight_on_instead_of_answering_about_the_recording_is_answered() -> None:
    played = stage("ask", heard=["what is it about"], answers=[[reply("A visit")]]).play(answer_and_hang_up)
    assert [turn.text for turn in played.mind.turns] == ["what is it about"]
    assert said(played)[-1] == "A visit"


def test_what_cannot_be_written_back_ends_no_call_badly() -> None:
    played = stage(calls=Calls(broken=True)).play(listen_and_hang_up)
    assert played.reason is EndReason.CALLER_HUNG_UP
    assert played.of("call.ended")


def test_a_refusal_reaches_whoever_placed_the_call() -> None:
    calls = Calls()
    run(Outreach(CALL, calls, "call-1").errand.refuse("never again"))
    assert calls.told == [("refused", CALL, "call-1", "never again")]


def leg(due: str = "shop.d1.t1") -> FarEnd:
    far_end = FarEnd()
    far_end.info = LegInfo("MZ1", "CA1", LINE, NUMBER, "test", 8000, {"due": due})
    return far_end


async def served(switchboard: Switchboard, far_end: FarEnd) -> None:
    serving = asyncio.create_task(switchboard.serve(far_end))
    await asyncio.sleep(8.0)
    await switchboard.drain(0.0)
    await serving


def test_a_call_of_ours_is_taken_from_its_own_line_and_kept_as_outbound() -> None:
    async def main() -> None:
        house, calls = House(), Calls()
        await house.ledger.start()
        house.switchboard.take_calls_of(calls)
        assert house.switchboard.admit(leg().info.offer) is None
        await served(house.switchboard, leg())
        [record] = await house.ledger.calls("shop")
        assert (record.direction, record.caller, record.called, record.line) == ("outbound", LINE, NUMBER, LINE)
        assert [what[0] for what in calls.told] == ["connected", "ended"]

    run(main())


@pytest.mark.parametrize("why", ["the call cannot be recorded", "no such line"])
def test_of_a_call_of_ours_that_cannot_begin_whoever_placed_it_hears(why: str) -> None:
    def refuse(**_: Any) -> None:
        raise LedgerError("full")

    async def main() -> None:
        house, far_end = House(), leg()
        call = CALL if why != "no such line" else replace(CALL, line="+1")
        calls = Calls(known=call)
        house.book.open_call = refuse
        house.switchboard.take_calls_of(calls)
        await house.switchboard.serve(far_end)
        assert far_end.hung_up_at is not None
        assert calls.told == [("connected", "shop.d1.t1"), ("not begun", call, why)]

    run(main())


@pytest.mark.parametrize("calls", [Calls(known=None), Calls(broken=True), None])
def test_a_call_that_nobody_waits_for_is_ended(calls: Calls | None) -> None:
    async def main() -> None:
        house = House()
        await house.ledger.start()
        if calls is not None:
            house.switchboard.take_calls_of(calls)
        far_end = leg()
        await house.switchboard.serve(far_end)
        assert far_end.hung_up_at is not None
        assert await house.ledger.calls("shop") == []

    run(main())


def test_a_name_does_not_open_the_door_where_nobody_places_calls() -> None:
    async def main() -> None:
        refusal = House().switchboard.admit(CallOffer("CA1", LINE, NUMBER, "test", due="shop.d1.t1"))
        assert refusal is not None and refusal.reason is RefusalReason.REJECTED

    run(main())


def test_there_is_room_for_our_own_calls_only_beyond_what_is_kept_for_callers() -> None:
    async def main() -> None:
        house = House(max_calls=5)
        assert house.switchboard.spare(0.2) == 4
        assert house.switchboard.spare(0.0) == 5
        tasks = await house.ring(3)
        assert house.switchboard.spare(0.2) == 1
        assert house.switchboard.spare(0.5) == 0
        await house.switchboard.drain(0.0)
        assert house.switchboard.spare(0.0) == 0
        await asyncio.gather(*tasks)
        assert House(max_calls=5, strain="the event loop is 80 ms late").switchboard.spare(0.0) == 0

    run(main())
