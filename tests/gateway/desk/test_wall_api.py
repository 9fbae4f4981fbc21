"""The wall, in virtual time."""

from __future__ import annotations

import asyncio

from tests.gateway.desk.center import KIM, LEE, Center, waiting
from tests.gateway.desk.http import routes


def test_supervisors_see_queues_people_and_live_calls_and_agents_do_not() -> None:
    async def script(center: Center) -> None:
        async with routes(center) as ask:
            assert (await ask(KIM, "GET", "/v1/wall")).status_code == 403
            await center.sits_down(KIM)
            await center.accepts(KIM)
            await asyncio.sleep(1.0)
            wall = (await ask(LEE, "GET", "/v1/wall")).json()
            assert [queue["id"] for queue in wall["queues"]] == ["general", "orders"]
            assert [(agent["agent"], agent["routing"]) for agent in wall["agents"]] == [("kim", "on_contact")]
            assert wall["targets"] == []
            [call] = wall["calls"]
            assert (call["call"], call["owner"], call["agent"], call["language"]) == ("call-1", "agent", "kim", "en")
            assert (call["queue"], call["waiting"]) == ("general", False)
            assert call["confidence"] == [1.0]
            assert not call["falling"]
        center.hang_up()

    waiting(script)
