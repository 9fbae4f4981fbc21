from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.desk.floor import followers as module
from gateway.desk.floor.events import FloorEvent, Kind
from gateway.desk.floor.followers import FloorFollowers
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.desk.floor.hall import NOW


class Book:
    """Stored events, and who follows them."""

    def __init__(self) -> None:
        self.events: list[FloorEvent] = []
        self.away = False
        self.reads = 0
        self.followers = FloorFollowers(self.read)

    async def read(self, tenant: str, after_seq: int) -> Sequence[FloorEvent]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.away:
            raise DatabaseUnavailable("away")
        return [event for event in self.events if event.seq > after_seq][:2]

    def happen(self, count: int = 1) -> None:
        for _ in range(count):
            self.events.append(FloorEvent(len(self.events) + 1, NOW, Kind.AGENT_PRESENCE, "anna", {}))


async def test_a_slow_follower_misses_nothing_and_gets_nothing_twice() -> None:
    book = Book()
    book.happen(3)
    follower = book.followers.add("shop", 1)
    async with asyncio.timeout(20):
        got = [(await anext(follower)).seq, (await anext(follower)).seq]
        book.happen(4)
        book.followers.hint("shop")
        got += [(await anext(follower)).seq for _ in range(4)]
    assert got == [2, 3, 4, 5, 6, 7]


async def test_a_hint_wakes_those_of_the_tenant() -> None:
    book = Book()
    mine, other = book.followers.add("shop", 0), book.followers.add("bank", 0)
    waiting = [asyncio.create_task(anext(follower)) for follower in (mine, other)]
    await asyncio.sleep(0.01)
    book.happen()
    book.followers.hint("shop")
    done, pending = await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert (done, pending) == ({waiting[0]}, {waiting[1]})
    book.followers.close()
    with pytest.raises(StopAsyncIteration):
        await waiting[1]


async def test_without_any_hint_it_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKS_EVERY", 0.01)
    book = Book()
    async with asyncio.timeout(20), book.followers.add("shop", 0) as follower:
        waiting = asyncio.create_task(anext(follower))
        await asyncio.sleep(0.02)
        book.happen()
        assert (await waiting).seq == 1


async def test_what_cannot_be_read_is_said_and_read_again() -> None:
    book = Book()
    book.happen()
    follower = book.followers.add("shop", 0)
    book.away = True
    with pytest.raises(DatabaseUnavailable):
        await anext(follower)
    book.away = False
    assert (await anext(follower)).seq == 1


async def test_a_closed_follower_ends() -> None:
    book = Book()
    book.happen()
    async with book.followers.add("shop", 0) as follower:
        pass
    assert [event async for event in follower] == []


async def test_many_followers_share_their_reading() -> None:
    book = Book()
    followers = [book.followers.add("shop", 0) for _ in range(40)]
    waiting = [asyncio.create_task(anext(follower)) for follower in followers]
    await asyncio.sleep(0.01)
    assert book.reads <= 2
    book.happen()
    book.followers.hint("shop")
    assert {event.seq for event in await asyncio.gather(*waiting)} == {1}
    assert book.reads <= 4


async def test_who_is_far_behind_reads_for_themselves_and_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RECENT", 3)
    book = Book()
    book.happen(9)
    async with asyncio.timeout(20):
        ahead = book.followers.add("shop", 0)
        assert [(await anext(ahead)).seq for _ in range(9)] == list(range(1, 10))
        behind = book.followers.add("shop", 2)
        assert [(await anext(behind)).seq for _ in range(7)] == list(range(3, 10))


async def test_who_knows_more_than_was_read_here_goes_on_from_there() -> None:
    book = Book()
    book.happen(5)
    async with asyncio.timeout(20):
        early = book.followers.add("shop", 0)
        assert (await anext(early)).seq == 1
        late = book.followers.add("shop", 4)
        assert (await anext(late)).seq == 5
        assert [(await anext(early)).seq for _ in range(4)] == [2, 3, 4, 5]
