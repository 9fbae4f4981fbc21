from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping

import pytest

from gateway.pages.event_stream import MOST_WAITING, Source, Tell, answer, last_seen


async def forever(_tell: Tell) -> None:
    await asyncio.Event().wait()


def told(*events: tuple[str, object, int | None]) -> Source:
    async def source(tell: Tell) -> None:
        for kind, data, seq in events:
            tell(kind, data, seq)
        await asyncio.Event().wait()

    return source


async def allowed() -> bool:
    return True


def pieces(*sources: Source, still: Callable[[], object] = allowed, heartbeat: float = 0.05) -> AsyncIterator[bytes]:
    return answer(sources, still, heartbeat).body_iterator  # type: ignore[arg-type,return-value]


async def test_what_has_a_number_bears_it_and_what_has_none_does_not() -> None:
    stream = pieces(told(("item.queued", {"a": "한"}, 7), ("queues", [], None)))
    beginning, first, second = [await anext(stream) for _ in range(3)]
    assert beginning.startswith(b"retry: ")
    assert first.decode() == 'id: 7\nevent: item.queued\ndata: {"a":"한"}\n\n'
    assert second == b"event: queues\ndata: []\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_silent_stream_beats_and_ends_when_whoever_reads_may_not_go_on() -> None:
    asked = []

    async def twice() -> bool:
        asked.append(True)
        return len(asked) < 3

    beats = [piece async for piece in pieces(forever, still=twice)]
    assert [b"event: heartbeat" in piece for piece in beats] == [True, True, True]
    assert len(asked) == 3


async def test_also_a_busy_stream_ends_when_whoever_reads_may_not_go_on() -> None:
    async def busy(tell: Tell) -> None:
        while True:
            tell("x", 1)
            await asyncio.sleep(0)

    async def never() -> bool:
        return False

    async with asyncio.timeout(5):
        got = [piece async for piece in pieces(busy, still=never, heartbeat=0.02)]
    assert got[-1] == b"event: x\ndata: 1\n\n"


async def test_a_page_that_does_not_take_what_it_is_told_is_ended_and_so_are_the_sources() -> None:
    ended = asyncio.Event()

    async def flood(tell: Tell) -> None:
        try:
            for number in range(MOST_WAITING + 10):
                tell("x", number, number)
            await asyncio.Event().wait()
        finally:
            ended.set()

    got = [piece async for piece in pieces(flood)]
    assert len(got) < MOST_WAITING
    assert ended.is_set()


async def test_a_source_that_fails_ends_the_stream_after_what_was_told() -> None:
    async def fails(tell: Tell) -> None:
        tell("x", 1)
        raise RuntimeError("gone")

    got = [piece async for piece in pieces(fails)]
    assert got[-1] == b"event: x\ndata: 1\n\n"


@pytest.mark.parametrize(
    ("said", "asked", "seen"),
    [("", 4, 4), ("9", 4, 9), ("3", 4, 4), ("nonsense", 4, 4), ("-1", 0, 0), ("9" * 30, 2, 2), ("٣", 2, 2)],
)
def test_a_page_goes_on_behind_the_last_number_it_can_have_seen(said: str, asked: int, seen: int) -> None:
    assert last_seen({"last-event-id": said}, asked) == seen


async def test_a_page_that_stops_reading_is_not_waited_for_and_what_feeds_it_ends() -> None:
    sent, ended = [], asyncio.Event()

    async def flood(tell: Tell) -> None:
        try:
            while True:
                tell("x", 1)
                await asyncio.sleep(0.001)
        finally:
            ended.set()

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)
        if len(sent) > 3:
            await asyncio.Event().wait()  # the socket's buffer is full, and stays so

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    async with asyncio.timeout(5):
        await answer([flood], allowed, taken_within=0.05)(scope, receive, send)
    assert ended.is_set()
    assert len(sent) == 4
