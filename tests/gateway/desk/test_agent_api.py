"""What an agent's page asks for beside calls, in virtual time."""

from __future__ import annotations

import asyncio

from tests.gateway.desk.center import KIM, LEE, Center, waiting
from tests.gateway.desk.http import Doorman, routes


def test_an_agent_stands_up_takes_what_rings_wraps_up_and_is_free_again() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            before = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()
            assert (before["me"]["presence"], before["offer"], before["item"]) == ("offline", None, None)
            assert [queue["waiting"] for queue in before["queues"]] == [1, 0]
            me = (await ask(KIM, "POST", "/v1/desk/presence", presence="available")).json()
            assert (me["presence"], me["name"]) == ("available", "Kim")
            rung = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()
            assert rung["watermark"] > before["watermark"]
            card = rung["offer"]["card"]
            assert (card["queue"], card["language"], card["reason"]) == ("general", "en", "caller_asked")
            assert card["wish"] == "a person"
            accepted = await ask(KIM, "POST", f"/v1/desk/offers/{rung['offer']['offer']}/accept")
            item = accepted.json()["item"]
            assert accepted.json()["call"] == "call-1"
            _, task = await center.comes_in(KIM)
            early = await ask(KIM, "POST", f"/v1/desk/items/{item}/wrap-up", summary="s", disposition="resolved")
            assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
            center.hang_up()
            await task
            await asyncio.sleep(0.5)
            shown = (await ask(KIM, "GET", f"/v1/desk/items/{item}/wrap-up")).json()
            assert shown["summary"] == "of call-1"
            filed = await ask(KIM, "POST", f"/v1/desk/items/{item}/wrap-up", summary="s", disposition="resolved")
            assert filed.json() == {"kept": 0.5, "unedited": False}
            after = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()
            assert (after["me"]["routing"], after["item"]) == ("idle", None)
            again = await ask(KIM, "POST", f"/v1/desk/items/{item}/wrap-up", summary="s", disposition="resolved")
            assert again.status_code == 403

    center = waiting(script)
    assert [event["agent"] for event in center.of("wrap_up.done")] == ["kim"]


def test_of_two_who_press_accept_one_has_the_call_and_a_declined_one_rings_elsewhere() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await ask(KIM, "POST", "/v1/desk/presence", presence="available")
            offer = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()["offer"]["offer"]
            stolen = await ask(LEE, "POST", f"/v1/desk/offers/{offer}/accept")
            assert (stolen.status_code, stolen.json()["code"]) == (403, "not_yours")
            once, twice = await asyncio.gather(
                ask(KIM, "POST", f"/v1/desk/offers/{offer}/accept"), ask(KIM, "POST", f"/v1/desk/offers/{offer}/accept")
            )
            assert once.json() == twice.json()  # a second press of the same hand is no second call
            gone = await ask(KIM, "POST", f"/v1/desk/offers/{offer}/reject", why="lunch")
            assert (gone.status_code, gone.json()["code"]) == (409, "offer_gone")
        center.hang_up()

    waiting(script)


def test_what_agents_type_to_say_why_names_nobody() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            me = await ask(KIM, "POST", "/v1/desk/presence", presence="away", reason="writing to jane@mail.example")
            assert me.json()["reason"] == "writing to [email]"
            await ask(KIM, "POST", "/v1/desk/presence", presence="available", reason="lunch")
            offer = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()["offer"]["offer"]
            said = "카드번호 4539-1488-0343-6467인 분이에요"
            assert (await ask(KIM, "POST", f"/v1/desk/offers/{offer}/reject", why=said)).is_success
            kept = str([event.payload for event in await center.floors.events("shop")])
            assert "writing to [email]" in kept and "카드번호 [card]" in kept and "lunch" in kept
            assert "jane" not in kept and "4539" not in kept
        center.hang_up()

    waiting(script)


def test_a_failed_device_gives_the_call_to_somebody_else_and_sign_off_leaves_the_floor() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            await ask(KIM, "POST", "/v1/desk/presence", presence="available")
            offer = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()["offer"]["offer"]
            assert (await ask(KIM, "POST", f"/v1/desk/offers/{offer}/device-error", message="no mic")).is_success
            me = (await ask(KIM, "GET", "/v1/desk/snapshot")).json()["me"]
            assert me["routing"] == "not_responding"
            assert (await ask(KIM, "POST", "/v1/desk/heartbeat")).json() == {"signed_on": True}
            await ask(KIM, "POST", "/v1/desk/sign-off")
            assert (await ask(KIM, "POST", "/v1/desk/heartbeat")).json() == {"signed_on": False}
        center.hang_up()

    waiting(script)


def test_what_a_page_does_by_itself_is_no_use_of_a_session_and_what_somebody_does_is() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            Doorman.uses.clear()
            await ask(KIM, "POST", "/v1/desk/presence", presence="available")
            await ask(KIM, "POST", "/v1/desk/heartbeat")
            await ask(KIM, "POST", "/v1/desk/heartbeat", active=True)
            await ask(KIM, "POST", "/v1/desk/heartbeat", active=False)
            await ask(KIM, "POST", "/v1/desk/latency", stage="partial", ms=12.5)
            assert Doorman.uses == [True, False, True, False, False]
        center.hang_up()

    waiting(script)


def test_only_people_of_the_desk_get_in_and_what_they_send_is_checked() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            assert (await ask(None, "GET", "/v1/desk/snapshot")).status_code == 401
            assert (await ask(KIM, "POST", "/v1/desk/presence", presence="asleep")).status_code == 422
            assert (await ask(KIM, "POST", "/v1/desk/latency", stage="partial", ms=12.5)).status_code == 204
            assert (await ask(KIM, "POST", "/v1/desk/latency", stage="made up", ms=1)).status_code == 422
            assert (await ask(KIM, "GET", "/v1/desk/search", q="returns")).json() == [
                {"title": "returns", "language": "en"}
            ]
            assert (await ask(KIM, "GET", "/v1/desk/search", q="returns", language="fr")).status_code == 422
        center.hang_up()

    waiting(script)


def test_behind_a_number_that_no_event_can_have_nothing_is_followed() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            for path in ("/v1/desk/feed", "/v1/desk/calls/call-1/feed"):
                assert (await ask(LEE, "GET", path, after=10**19)).status_code == 422
        center.hang_up()

    waiting(script)
