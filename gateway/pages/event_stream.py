"""Server-sent events (WHATWG HTML, section 9.2) out of several sources at once, for the browser's own EventSource.

An event with a number carries it as its id, so that a browser that was cut off says where it was; others have none. A
heartbeat is an event, not a comment, so that a page can notice a connection that is open and dead. What a page does not
take in time ends its stream; it comes back behind the last number it saw.

Refuses: knowing what is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import aclosing
from typing import Any

import orjson
from fastapi.responses import StreamingResponse

HEARTBEAT = 15.0
"""Seconds between two signs of life; then it is also asked whether whoever reads may go on."""

TAKEN_WITHIN = 30.0
"""Seconds in which a page has to take what it is sent. One that has stopped reading is not waited for: nobody would ask
any more whether it may go on, and what tells it events would go on for nobody."""

LARGEST = 10**18 - 1
"""The largest number that an event may have."""

MOST_WAITING = 1_000
"""Events that wait for one page; beyond it the stream is ended."""

Tell = Callable[..., None]
"""Takes an event: its kind, its data, and ``seq`` where it has a number."""

Source = Callable[[Tell], Awaitable[None]]
"""Tells events until it ends, and with it the stream."""

log = logging.getLogger(__name__)


class _Outbox:
    def __init__(self) -> None:
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.full = asyncio.Event()

    def tell(self, kind: str, data: Any, seq: int | None = None) -> None:
        number = "" if seq is None else f"id: {seq}\n"
        try:
            self.waiting.put_nowait(f"{number}event: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n")
        except asyncio.QueueFull:
            self.full.set()


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Told(StreamingResponse):
    """A stream that ends where whoever reads takes nothing for a while; what feeds it ends with it."""

    def __init__(self, events: AsyncGenerator[bytes], taken_within: float) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._generated = events
        self._taken_within = taken_within

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: MutableMapping[str, Any]) -> None:
            async with asyncio.timeout(self._taken_within):
                await send(message)

        async with aclosing(self._generated):
            try:
                await super().stream_response(in_time)
            except TimeoutError:  # the server closes the connection of a response that is not whole
                log.info("a page has taken nothing for %g s: its stream is ended", self._taken_within)


async def always() -> bool:
    """Whoever was let in may read on."""
    return True


def answer(
    sources: Sequence[Source],
    still_allowed: Callable[[], Awaitable[bool]] = always,
    heartbeat: float = HEARTBEAT,
    taken_within: float = TAKEN_WITHIN,
) -> StreamingResponse:
    """The response that tells what the sources tell, until one of them ends or whoever reads may not go on, or takes
    nothing for ``taken_within`` seconds."""
    return _Told(_events(sources, still_allowed, heartbeat), taken_within)


async def _events(
    sources: Sequence[Source], still_allowed: Callable[[], Awaitable[bool]], heartbeat: float
) -> AsyncGenerator[bytes]:
    outbox = _Outbox()
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(source(outbox.tell)) for source in sources]
    tasks.append(asyncio.ensure_future(outbox.full.wait()))
    next_one = asyncio.ensure_future(outbox.waiting.get())
    clock = asyncio.get_running_loop().time
    try:
        yield b"retry: 1000\nevent: heartbeat\ndata: {}\n\n"
        beat_at = clock() + heartbeat
        while True:
            patience = max(0.0, beat_at - clock())
            done, _ = await asyncio.wait({*tasks, next_one}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if outbox.full.is_set():
                return
            if clock() >= beat_at:  # however much there is to tell
                if not await still_allowed():
                    return
                yield b"event: heartbeat\ndata: {}\n\n"
                beat_at = clock() + heartbeat
            if next_one in done:
                yield next_one.result()
                next_one = asyncio.ensure_future(outbox.waiting.get())
            elif done:
                _report(done)
                while not outbox.waiting.empty():
                    yield outbox.waiting.get_nowait()
                return
    finally:
        for task in (*tasks, next_one):
            task.cancel()
        await asyncio.gather(*tasks, next_one, return_exceptions=True)


def last_seen(headers: Mapping[str, str], after: int) -> int:
    """Behind which number a page wants to go on: what its browser says it saw last, else what the page asked for."""
    said = headers.get("last-event-id", "")
    known = said.isascii() and said.isdigit() and len(said) <= len(str(LARGEST))
    return max(after, int(said)) if known else after


def _report(ended: set[asyncio.Future[Any]]) -> None:
    """A source that failed ends the stream; the page comes back behind its last number, and we learn why."""
    for source in ended:
        if not source.cancelled() and (error := source.exception()) is not None:
            log.warning("what a page is told has ended: %r", error, exc_info=error)
