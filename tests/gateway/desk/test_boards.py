"""How a floor stands, for those who look at it, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.desk.boards import Board, Boards
from gateway.desk.floor.agent_state import AgentState, Presence
from gateway.desk.floor.figures import QueueFigures
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.store import MemoryFloorStore
from gateway.desk.floor.work_item import waiting_item
from tests.gateway.desk.center import KIM, QUEUES, Center, waiting

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_a_caller_stands_behind_those_who_came_before_and_the_wait_is_told_once_it_is_known() -> None:
    floor = Floor(QUEUES)
    for name in ("one", "two"):
        floor.enqueue(waiting_item(name, name, "general", "en", NOW), NOW)
    second = floor.items["two"]
    assert Board(floor, {}, NOW).waiting(second).seconds is None
    able = {"lang:en": 1}
    floor.agents["kim"] = AgentState("kim", "Kim", NOW, NOW, Presence.AVAILABLE, skills=able)
    known = Board(floor, {"general": QueueFigures(handled=20, handling_seconds=90.0)}, NOW).waiting(second)
    assert (known.position, known.seconds) == (2, 180.0)


def test_whoever_serves_one_of_a_queues_languages_answers_it() -> None:
    floor = Floor(QUEUES)
    korean = {"lang:ko": 1}
    floor.agents["kim"] = AgentState("kim", "Kim", NOW, NOW, Presence.AVAILABLE, skills=korean)
    [general, orders] = Board(floor, {}, NOW).queues()
    assert (general["answering"], orders["answering"]) == (1, 0)


def test_a_queue_is_shown_with_who_waits_who_answers_and_how_the_day_goes() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(10.0)
        [general, orders] = (await center.boards.read("shop")).queues()
        assert (general["id"], general["waiting"], general["answering"]) == ("general", 1, 0)
        assert general["longest_wait"] >= 10.0
        assert general["estimate"] == {"seconds": None, "method": "place_by_handling_time", "sample": 0}
        assert (orders["waiting"], orders["oldest_since"], orders["service_level"]) == (0, None, None)
        await center.sits_down(KIM)
        await center.accepts(KIM)
        [general, _] = (await center.boards.read("shop")).queues()
        assert (general["waiting"], general["answering"], general["answered_today"]) == (0, 1, 1)
        center.hang_up()

    waiting(script)


class Counted(MemoryFloorStore):
    looks = 0

    async def figures(self, tenant: str, since: datetime) -> Mapping[str, QueueFigures]:
        self.looks += 1
        return {}


async def test_one_reading_serves_all_who_look_at_the_same_moment() -> None:
    store, moment = Counted(lambda tenant: QUEUES), [NOW]
    boards = Boards(store, lambda tenant, now: now, lambda: moment[0])
    await asyncio.gather(*(boards.look("shop") for _ in range(20)))
    assert store.looks == 1
    moment[0] = NOW.replace(second=1)
    await boards.look("shop")
    assert store.looks == 2
