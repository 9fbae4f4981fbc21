"""What pages are told as it happens, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.access.identity import Identity
from gateway.desk.feeds import MOST_BEHIND, CallFeed, FloorFeed
from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.events import FloorEvent
from gateway.desk.floor.store import SILENT_AFTER
from gateway.pages.event_stream import Source
from gateway.session.control import Owner
from gateway.session.people import Person
from tests.gateway.desk.center import KIM, LEE, PARK, Center, waiting


class Reader:
    """Takes what sources tell."""

    def __init__(self, sources: list[Source]) -> None:
        self.told: list[tuple[str, Any, int | None]] = []
        self.tasks = [asyncio.create_task(source(self._tell)) for source in sources]  # type: ignore[arg-type]

    def _tell(self, kind: str, data: Any, seq: int | None = None) -> None:
        self.told.append((kind, data, seq))

    def kinds(self, beginning: str = "") -> list[str]:
        return [kind for kind, _, seq in self.told if seq is not None and kind.startswith(beginning)]

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def floor_feed(center: Center, who: Identity, after: int = 0) -> Reader:
    return Reader(FloorFeed(center.desk, who, after).sources())


def test_an_agent_is_told_of_their_own_calls_alone_and_a_supervisor_of_everything_without_gaps() -> None:
    async def script(center: Center) -> None:
        kim, park, lee = (floor_feed(center, who) for who in (KIM, PARK, LEE))
        await center.sits_down(KIM)
        await center.accepts(KIM)
        await center.sits_down(PARK)
        await asyncio.sleep(3.0)
        assert {data["agent"] for kind, data, seq in kim.told if seq} == {"kim"}
        assert kim.kinds("offer.") == ["offer.made", "offer.accepted"]
        [made] = [data for kind, data, _ in kim.told if kind == "offer.made"]
        assert made["card"]["wish"] == "a person"
        assert park.kinds("item.") == []
        numbers = [seq for _, _, seq in lee.told if seq is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        assert [kind for kind, _, seq in lee.told if seq is None and kind == "queues"]
        [*_, call] = [data for kind, data, _ in lee.told if kind == "call"]
        assert (call["owner"], call["agent"]) == ("agent", "kim")
        assert "call" not in [kind for kind, _, _ in kim.told]
        center.hang_up()
        await asyncio.sleep(3.0)
        assert [data for kind, data, _ in lee.told if kind == "call"][-1].get("ended_at")
        for reader in (kim, park, lee):
            await reader.close()

    waiting(script)


def test_a_feed_goes_on_behind_a_number_and_tells_nothing_twice() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        whole = floor_feed(center, KIM)
        await asyncio.sleep(1.0)
        seen = [seq for _, _, seq in whole.told if seq is not None]
        rest = floor_feed(center, KIM, after=seen[2])
        await asyncio.sleep(1.0)
        assert [seq for _, _, seq in rest.told if seq is not None] == seen[3:]
        await whole.close()
        await rest.close()
        center.hang_up()

    waiting(script)


def test_an_agent_whose_call_goes_to_somebody_else_is_told_so_and_nothing_after_that() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        kim = floor_feed(center, KIM)
        await center.calls.transfer(KIM, "call-1", "orders", None, 2)
        await center.sits_down(PARK)
        await center.accepts(PARK)
        await asyncio.sleep(1.0)
        told = [(kind, data["agent"]) for kind, data, seq in kim.told if seq and kind.startswith("item.")]
        assert told[-1] == ("item.requeued", None)
        await kim.close()
        center.hang_up()

    waiting(script)


def test_a_call_is_told_from_its_first_event_on_in_order_and_what_is_only_seen_has_no_number() -> None:
    async def script(center: Center) -> None:
        room = center.session.room
        reader = Reader(CallFeed(center.desk, room, 0).sources())
        await asyncio.sleep(0.1)
        room.live.publish("partial", speaker="caller", utterance=1, text="call me at +82 10-1234-5678")
        await asyncio.sleep(0.5)
        [(_, partial, seq)] = [one for one in reader.told if one[0] == "partial"]
        assert seq is None
        assert "1234" not in partial["text"]
        center.hang_up()
        await asyncio.sleep(1.0)
        numbers = [seq for _, _, seq in reader.told if seq is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        kinds = [kind for kind, _, seq in reader.told if seq is not None]
        assert kinds[0] == "call.offered"
        assert "call.ended" in kinds
        [offered] = [data for kind, data, _ in reader.told if kind == "call.offered"]
        assert "at" in offered and offered["seq"] == 1
        await reader.close()

    waiting(script)


def test_an_open_feed_alone_proves_no_desk_and_whoever_is_silent_gets_no_call() -> None:
    async def script(center: Center) -> None:
        async with center.floors.open("shop") as floor:
            floor.sign_in("kim", center.now(), name="Kim", languages=("en",))
            floor.set_presence("kim", Presence.AWAY, center.now())
        reader = floor_feed(center, KIM)  # of a machine that was shut: nobody says any more that its connection is dead
        await asyncio.sleep(SILENT_AFTER.total_seconds() + 5.0)
        assert (await center.floors.snapshot("shop")).agents["kim"].presence is Presence.OFFLINE
        await reader.close()
        center.hang_up()

    waiting(script)


@pytest.mark.parametrize("after", [10**17, -MOST_BEHIND - 100])
def test_a_feed_behind_a_number_that_is_none_or_far_away_begins_anew_and_spoils_nobody_elses(after: int) -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        latest = (await center.floors.snapshot("shop")).seq
        whole = floor_feed(center, LEE, after=latest)
        strange = floor_feed(center, LEE, after=after if after > 0 else latest + after)
        await asyncio.sleep(1.0)
        assert ("reset", {}, None) in strange.told
        assert strange.tasks[0].done()
        reads = center.floors.events
        asked: list[int] = []

        async def counted(tenant: str, *, after_seq: int = 0, limit: int = 100) -> Sequence[FloorEvent]:
            asked.append(after_seq)
            return await reads(tenant, after_seq=after_seq, limit=limit)

        center.floors.events = counted  # type: ignore[method-assign]
        await center.sits_down(PARK)
        await asyncio.sleep(1.0)
        numbers = [seq for _, _, seq in whole.told if seq is not None]
        assert numbers == list(range(latest + 1, latest + 1 + len(numbers))) and numbers
        assert max(asked) < 10**6
        await whole.close()
        await strange.close()
        center.hang_up()

    waiting(script)


def test_a_supervisor_of_some_queues_is_told_of_their_calls_alone() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        mine = floor_feed(center, replace(LEE, queues=("general",)))
        other = floor_feed(center, replace(LEE, queues=("orders",)))
        await asyncio.sleep(2.0)
        assert mine.kinds("item.") and [kind for kind, _, _ in mine.told if kind == "call"]
        assert other.kinds("item.") == []
        assert "call" not in [kind for kind, _, _ in other.told]
        await mine.close()
        await other.close()
        center.hang_up()

    waiting(script)


def test_an_agent_is_told_of_their_call_on_another_platform_and_of_nobody_elses() -> None:
    async def script(center: Center) -> None:
        kim, park = floor_feed(center, KIM), floor_feed(center, PARK)
        room = center.session.room
        await asyncio.sleep(1.5)
        room.take(Person("kim", "Kim", Owner.AGENT))
        room.overheard = True
        await asyncio.sleep(1.5)
        assert center.desk.overheard(KIM) == "call-1"
        room.overheard = False
        await asyncio.sleep(1.5)
        told = [[data["call"] for kind, data, _ in reader.told if kind == "overheard"] for reader in (kim, park)]
        assert told == [["call-1", None], []]
        await kim.close()
        await park.close()
        center.hang_up()

    waiting(script)
