"""What people do with a live call over HTTP, in virtual time."""

from __future__ import annotations

import asyncio

from gateway.desk.floor.agent_state import Presence
from tests.gateway.desk.center import BYE, KIM, LEE, PARK, Center, waiting, waiting_with
from tests.gateway.desk.http import routes
from tests.gateway.session.stage import handover
from tests.gateway.session.transfer_stage import SUPPORT, Exchange, Gate

CALL = "/v1/desk/calls/call-1"


def test_the_card_tells_everything_to_whose_call_it_is_and_nothing_to_others() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.rings_at(KIM)
            ringing = (await ask(KIM, "GET", CALL)).json()
            assert (ringing["owner"], ringing["epoch"], ringing["reason"]) == ("bot", 1, "caller_asked")
            assert (await ask(PARK, "GET", CALL)).json()["code"] == "not_your_call"
            await center.accepts(KIM)
            card = (await ask(KIM, "GET", CALL)).json()
            assert (card["owner"], card["epoch"], card["verified"]) == ("agent", 2, "none")
            assert card["summary"]["known"] == {"order": "12345678"}
            assert [(party["who"], party["role"]) for party in card["parties"]] == [
                ("caller", "caller"),
                ("kim", "agent"),
            ]
            assert card["caller"] not in ("", "+15550100")  # masked, and still to be recognized by its end
            assert card["caller"].endswith("0100")
            assert (await ask(LEE, "GET", CALL)).is_success
            assert (await ask(KIM, "GET", "/v1/desk/calls/nowhere")).json()["code"] == "no_such_call"
        center.hang_up()

    waiting(script)


def test_a_command_with_a_stale_epoch_is_refused_and_changes_nothing() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.accepts(KIM)
            for path, body in (
                ("hold", {}),
                ("hang-up", {}),
                ("return", {"instruction": "x"}),
                ("transfer", {"queue": "orders"}),
                ("actions", {"name": "order.cancel"}),
            ):
                answer = await ask(KIM, "POST", f"{CALL}/{path}", epoch=1, **body)
                assert (answer.status_code, answer.json()["code"]) == (409, "stale_epoch"), path
            assert (await ask(LEE, "POST", f"{CALL}/take-over", epoch=1)).json()["code"] == "stale_epoch"
            room = center.session.room
            assert (room.control.grip.who, room.people.held, room.over) == ("kim", False, False)
        center.hang_up()

    waiting(script)


def test_what_an_agent_has_done_is_done_under_their_name() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.accepts(KIM)
            asked = (await ask(KIM, "POST", f"{CALL}/actions", name="order.cancel", arguments={"order": "1"})).json()
            assert asked == {"proposal": "p1", "read_back": "order.cancel for kim", "of": "call-1"}
            done = (await ask(KIM, "POST", f"{CALL}/actions/p1/confirm", epoch=2)).json()
            assert done["result"] == {"by": "kim"}
            assert (await ask(KIM, "POST", f"{CALL}/actions/p1/withdraw")).json() == {"status": "withdrawn"}
            assert (await ask(PARK, "POST", f"{CALL}/actions", name="order.cancel")).status_code == 403
            assert (await ask(KIM, "POST", f"{CALL}/vouch", customer="C-1", why="knows the last order")).is_success
            assert (await ask(KIM, "GET", CALL)).json()["verified"] == "knowledge"
            assert (await ask(KIM, "POST", f"{CALL}/cards/1/used")).json()["code"] == "desk_no_such_card"
        center.hang_up()

    waiting(script)


def test_every_command_reaches_the_call_and_supervising_is_for_supervisors() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.accepts(KIM)
            room = center.session.room
            for path in ("listen", "whisper", "barge"):
                assert (await ask(KIM, "POST", f"{CALL}/{path}")).status_code == 403
                assert (await ask(LEE, "POST", f"{CALL}/{path}")).is_success
            assert (await ask(KIM, "POST", f"{CALL}/hold", epoch=2)).is_success
            assert room.people.held
            assert (await ask(KIM, "POST", f"{CALL}/resume", epoch=2)).is_success
            assert not room.people.held
            assert (await ask(KIM, "POST", f"{CALL}/mute")).is_success
            assert [seat.muted for _, seat in room.people.seats] == [True]
            assert (await ask(KIM, "POST", f"{CALL}/unmute")).is_success
            unknown = await ask(KIM, "POST", f"{CALL}/transfer", queue="nowhere", epoch=2)
            assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_queue")
            assert room.control.grip.who == "kim"
            assert (await ask(KIM, "POST", f"{CALL}/conference", agent="nobody")).status_code == 409
            assert (await ask(KIM, "POST", f"{CALL}/hang-up", epoch=2)).is_success

    assert waiting(script).of("call.ended") == [{"reason": "completed"}]


def test_a_target_outside_is_named_alone_and_must_be_one_of_the_tenants() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.accepts(KIM)
            nowhere = await ask(KIM, "POST", f"{CALL}/transfer", target="nowhere")
            assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_target")
            assert (await ask(KIM, "POST", f"{CALL}/transfer", target="a", queue="orders")).status_code == 422
            assert (await ask(KIM, "GET", "/v1/desk/snapshot")).json()["targets"] == []
        center.hang_up()

    waiting(script)


def test_an_agent_asks_at_a_target_first_and_the_card_says_how_far_that_has_come() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await center.sits_down(KIM)
            await center.accepts(KIM)
            assert (await ask(KIM, "GET", CALL)).json()["consulting"] is None
            nowhere = await ask(KIM, "POST", f"{CALL}/consult", target="nowhere", epoch=2)
            assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_target")
            assert (await ask(KIM, "POST", f"{CALL}/consult", target="support", epoch=1)).status_code == 409
            assert (await ask(KIM, "POST", f"{CALL}/consult", target="support", epoch=2)).is_success
            twice = await ask(KIM, "POST", f"{CALL}/consult", target="support", epoch=2)
            assert (twice.status_code, twice.json()["code"]) == (409, "inquiry_under_way")
            card = (await ask(KIM, "GET", CALL)).json()
            assert (card["consulting"], card["held"]) == ({"target": "support", "state": "ringing"}, True)
            assert (await ask(KIM, "POST", f"{CALL}/stop-consulting", epoch=2)).is_success
            assert (await ask(KIM, "GET", CALL)).json()["consulting"] is None
        center.hang_up()

    center = Center(
        heard=["a person please"],
        answers=[[handover()], [BYE]],
        more={"transfers": {"support": {**SUPPORT, "ways": ["bridge"]}}},
    )
    center.trunk, center.toll = Exchange(), Gate()
    waiting_with(center, script)


def test_the_stream_of_a_call_ends_for_whom_it_rings_no_more() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        async with routes(center) as ask:
            reading = asyncio.create_task(ask(KIM, "GET", f"{CALL}/feed"))
            await asyncio.sleep(1.0)
            async with center.floors.open("shop") as floor:
                floor.set_presence("kim", Presence.OFFLINE, center.now())
            async with asyncio.timeout(20.0):
                assert (await reading).status_code == 200
            assert not center.session.room.over
        center.hang_up()

    waiting(script)


def test_nothing_of_what_people_are_shown_of_callers_is_kept_by_browsers() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        async with routes(center) as ask:
            for who, path in ((KIM, CALL), (KIM, "/v1/desk/snapshot"), (LEE, "/v1/wall")):
                assert (await ask(who, "GET", path)).headers["cache-control"] == "no-store"
        center.hang_up()

    waiting(script)
