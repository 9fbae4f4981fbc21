"""The wire keeps order, batches sound, and stays bounded when the other end stands still."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.telephony.sip import worker_link
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.worker_link import WorkerLink
from gateway.telephony.sip.worker_messages import Splitter, encode_note

FRAME = bytes(range(256)) + bytes(64)


class End:
    """One end, and what it heard."""

    def __init__(self) -> None:
        self.heard: list[wire.Sound | wire.Note] = []
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.link = WorkerLink(self.hear, self.lost.set_result)
        self.fails_at: wire.Note | None = None

    def hear(self, message: wire.Sound | wire.Note) -> None:
        if message == self.fails_at:
            raise ArithmeticError("a mistake")
        self.heard.append(message)


@asynccontextmanager
async def wired() -> AsyncIterator[tuple[End, socket.socket]]:
    """One end, and the bare socket at the other."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    end = End()
    await asyncio.get_running_loop().create_unix_connection(lambda: end.link, sock=ours)
    with theirs:
        yield end, theirs
        end.link.close()


async def read(theirs: socket.socket, messages: int) -> tuple[list[object], int]:
    """So many messages, and in how many pieces they came."""
    splitter, got, pieces = Splitter(), [], 0
    async with asyncio.timeout(20):
        while len(got) < messages:
            got += splitter.feed(await asyncio.get_running_loop().sock_recv(theirs, 1 << 20))
            pieces += 1
    return got, pieces


async def test_the_sound_of_a_turn_leaves_together_and_before_what_is_said_after_it() -> None:
    async with wired() as (end, theirs):
        for call in range(50):
            assert end.link.sound(call, FRAME, at=call)
        end.link.note(wire.Clear(1))
        end.link.sound(1, FRAME)
        got, pieces = await read(theirs, 52)
    assert got == [*(wire.Sound(call, call, FRAME) for call in range(50)), wire.Clear(1), wire.Sound(1, 0, FRAME)]
    assert pieces <= 3


async def test_what_the_other_end_does_not_take_is_bounded_and_notes_are_kept() -> None:
    async with wired() as (end, theirs):
        sent = 0
        for _ in range(20_000):
            sent += end.link.sound(1, FRAME)
            end.link.flush()
        end.link.note(wire.Stop())
        assert end.link.dropped == 20_000 - sent > 0
        assert sent * len(FRAME) < 4 * worker_link.MOST_WAITING
        got, _ = await read(theirs, sent + 1)
    assert got[-1] == wire.Stop()


async def test_a_mistake_over_one_message_ends_none_of_the_others() -> None:
    mistakes: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: mistakes.append(context["exception"]))
    async with wired() as (end, theirs):
        end.fails_at = wire.Key(1, "5")
        theirs.send(encode_note(wire.Key(1, "5")) + encode_note(wire.Key(2, "6")))
        async with asyncio.timeout(20):
            while not end.heard:
                await asyncio.sleep(0.001)
    assert end.heard == [wire.Key(2, "6")]
    assert [type(mistake) for mistake in mistakes] == [ArithmeticError]


async def test_a_broken_message_ends_the_wire() -> None:
    async with wired() as (end, theirs):
        theirs.send(b"\xff\xff\xff\xff\x00")
        assert "are the most" in await asyncio.wait_for(end.lost, 20)


async def test_an_end_that_is_gone_is_told_once_and_takes_nothing_more() -> None:
    async with wired() as (end, theirs):
        theirs.close()
        assert "closed" in await asyncio.wait_for(end.lost, 20)
        end.link.note(wire.Stop())
        assert not end.link.sound(1, FRAME)
