"""Followers get every event once and in order, or are told that they did not."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime

import pytest

from gateway.session.errors import FollowerCutOff
from gateway.session.followers import Follower, Followers
from gateway.session.records import ContactEvent
from infra.storage.errors import DatabaseUnavailable


def event(seq: int, call_id: str = "c", tenant: str = "t") -> ContactEvent:
    return ContactEvent(tenant, call_id, seq, datetime(2026, 11, 21, tzinfo=UTC), "x", {})


class Shelf:
    """Stored events, read in pages of three; each reading lets others run, and may fail or be disturbed."""

    def __init__(self, stored: int = 0) -> None:
        self.stored = stored
        self.failures = 0
        self.readings = 0

    async def read(self, tenant: str, call_id: str, after_seq: int) -> list[ContactEvent]:
        self.readings += 1
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("away")
        return [event(seq, call_id, tenant) for seq in range(after_seq + 1, self.stored + 1)][:3]


async def take(follower: Follower, count: int) -> list[int]:
    async with asyncio.timeout(20):
        return [(await anext(follower)).seq for _ in range(count)]


async def nothing_comes(follower: Follower) -> bool:
    waiting = asyncio.ensure_future(anext(follower))
    for _ in range(10):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return not waiting.done() or waiting.cancelled()


async def test_all_pages_are_read_without_any_news() -> None:
    follower = Followers(Shelf(stored=8).read).add("t", "c", 0)
    assert await take(follower, 8) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert await nothing_comes(follower)


async def test_what_is_stored_and_told_as_well_comes_once() -> None:
    shelf = Shelf(stored=5)
    followers = Followers(shelf.read)
    follower = followers.add("t", "c", 2)
    followers.publish(event(seq) for seq in (3, 4, 5))
    shelf.stored = 6
    followers.publish([event(6)])
    assert await take(follower, 4) == [3, 4, 5, 6]
    assert await nothing_comes(follower)


async def test_a_gap_sends_it_back_to_reading() -> None:
    shelf = Shelf()
    followers = Followers(shelf.read)
    follower = followers.add("t", "c", 0)
    assert await nothing_comes(follower)
    shelf.stored = 9
    followers.publish([event(9)])
    assert await take(follower, 9) == list(range(1, 10))


async def test_a_gap_that_cannot_be_read_is_not_passed_over() -> None:
    followers = Followers(Shelf(stored=1).read)
    follower = followers.add("t", "c", 0)
    assert await take(follower, 1) == [1]
    followers.publish([event(5)])
    with pytest.raises(FollowerCutOff, match="event 2") as caught:
        await take(follower, 1)
    assert caught.value.after_seq == 1


async def test_a_failed_reading_is_told_and_done_again() -> None:
    shelf = Shelf(stored=2)
    shelf.failures = 1
    follower = Followers(shelf.read).add("t", "c", 0)
    with pytest.raises(DatabaseUnavailable):
        await take(follower, 1)
    assert await take(follower, 2) == [1, 2]


async def test_in_doubt_a_call_is_read_again_and_a_tenant_cut_off() -> None:
    shelf = Shelf()
    followers = Followers(shelf.read)
    of_call, of_tenant = followers.add("t", "c", 0), followers.add("t", None, 0)
    assert await nothing_comes(of_call)
    shelf.stored = 2  # and nobody told
    followers.doubt()
    assert await take(of_call, 2) == [1, 2]
    with pytest.raises(FollowerCutOff):
        await take(of_tenant, 1)


async def test_a_full_queue_cuts_off_and_others_go_on() -> None:
    followers = Followers(Shelf().read, most_waiting=3)
    slow, quick = followers.add("t", None, 0), followers.add("t", None, 0)
    for seq in range(1, 6):
        followers.publish([event(seq)])
        assert await take(quick, 1) == [seq]
    with pytest.raises(FollowerCutOff, match="over 3"):
        await take(slow, 1)


async def test_only_what_was_asked_for_comes() -> None:
    followers = Followers(Shelf().read)
    follower = followers.add("t", None, 0)
    assert followers.wanted("t", "any")
    assert not followers.wanted("other", "any")
    followers.publish([event(1, tenant="other"), event(1, call_id="mine")])
    assert await take(follower, 1) == [1]
    assert await nothing_comes(follower)


async def test_a_follower_of_the_node_gets_what_the_node_wrote_and_wants_nothing_of_others() -> None:
    followers = Followers(Shelf().read)
    follower = followers.add_of_node()
    assert not followers.wanted("t", "c")
    followers.publish([event(1, tenant="of another node")])
    followers.publish_own([event(2, tenant="t"), event(7, tenant="u", call_id="d")])
    followers.doubt()  # the connection that tells of other nodes is none of its business
    assert await take(follower, 2) == [2, 7]
    assert await nothing_comes(follower)


async def test_what_the_node_wrote_comes_to_all_who_want_it() -> None:
    followers = Followers(Shelf().read)
    of_node, of_tenant = followers.add_of_node(), followers.add("t", None, 0)
    followers.publish_own(event(seq) for seq in (1, 2))
    assert await take(of_node, 2) == await take(of_tenant, 2) == [1, 2]


async def test_closing_ends_who_follows_the_node() -> None:
    followers = Followers(Shelf().read)
    async with followers.add_of_node() as follower:
        followers.close()
        with pytest.raises(StopAsyncIteration):
            await anext(follower)


async def test_closing_ends_who_waits() -> None:
    followers = Followers(Shelf().read)
    async with followers.add("t", "c", 0) as follower:
        waiting = asyncio.ensure_future(anext(follower))
        await asyncio.sleep(0)
        followers.close()
        with pytest.raises(StopAsyncIteration):
            await waiting
    assert not followers.wanted("t", "c")


async def test_a_follower_that_is_forgotten_costs_nothing() -> None:
    followers = Followers(Shelf().read)
    followers.add("t", "c", 0)
    gc.collect()
    assert not followers.wanted("t", "c")
