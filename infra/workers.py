"""Model work off the media loop: a bounded pool of processes that host stateful engines.

A *host* is any object that a picklable top-level callable builds inside the process. ``pool.call`` runs a method of
some host. ``pool.lease`` opens a session on one host (its ``open_session(emit, *args)`` returns the session object),
and everything that is asked of the lease happens in that process, in order, until it is released.

Everything is bounded. Calls: ``backlog`` waiting per process, the newest is refused (``PoolFull``). Leases:
``capacity`` per process, the newest is refused (``PoolFull``). Casts: ``window`` unprocessed per lease, the newest is
refused (``cast`` returns ``False``). Events: ``window`` * 8 unread per lease, the oldest is dropped and counted.

A process that dies, or answers no ping for ``stuck_after`` seconds, is started again with growing pauses; what was in
flight there raises ``WorkerLost``, and the leases it held are told. A ping stands in line like all other work, so it
also measures how long work waits (``pool.waiting``).

Refuses: knowing what an engine is; threads on the loop's side; letting a process outlive its pool.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import pickle
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from os import pathsep
from pathlib import Path
from typing import Any, Final

from infra import worker_process as wire
from infra.config import child_environment
from infra.errors import AiccError
from infra.worker_process import RemoteError

__all__ = ["Lease", "PoolFull", "RemoteError", "WorkerLost", "WorkerPool", "WorkerTimeout"]

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 10.0
STEADY_AFTER: Final = 30.0
"""Seconds of life after which a process that dies is started again without a pause."""
EVENTS_PER_CAST: Final = 8
PING_EVERY: Final = 0.25
"""Seconds after which a process that has answered is asked again."""


class WorkerLost(AiccError):
    """The process that had this work died or was closed. Ask again: another process takes it."""

    code = "worker_lost"


class WorkerTimeout(AiccError):
    """A worker did not answer in the time given. Its answer, if it still comes, is thrown away."""

    code = "worker_timeout"


class PoolFull(AiccError):
    """Every process has as much as it may take. Refuse the call, or configure more processes."""

    code = "worker_pool_full"


class Lease:
    """One session on one process. Made by ``WorkerPool.lease``; belongs to the event loop that made it."""

    def __init__(self, worker: _Worker, number: int, window: int) -> None:
        self._worker = worker
        self._number = number
        self._window = window
        self._outstanding = 0
        self._events: deque[Any] = deque(maxlen=window * EVENTS_PER_CAST)
        self._wake: asyncio.Future[None] | None = None
        self._opened: Callable[[], None] | None = None
        self._end: AiccError | None = None
        self._released = False
        self.dropped_events = 0
        """How many events nobody read in time."""

    @property
    def lost(self) -> bool:
        """Whether the process or the session is gone, so that only a new lease helps."""
        return self._end is not None

    @property
    def room(self) -> int:
        """How many casts it takes now."""
        return 0 if self._end or self._released else self._window - self._outstanding

    def cast(self, method: str, *args: object) -> bool:
        """Ask for a method without waiting for it. ``False``: refused, the window is full or the session is gone."""
        if self.room <= 0:
            return False
        self._worker.send((wire.Ask.CAST, self._number, method, args))
        self._outstanding += 1
        return True

    def when_room(self, callback: Callable[[], None]) -> None:
        """Call back once when casts were taken off the window. A later callback replaces an earlier one."""
        self._opened = callback

    async def call(self, method: str, *args: object, timeout: float = 10.0) -> Any:
        """Run a method of the session after everything asked before. Raises as ``WorkerPool.call`` does."""
        if self._end is not None:
            raise self._end
        if self._released:
            raise WorkerLost("this lease was released; take a new one")
        return await self._worker.ask(timeout, lambda number: (wire.Ask.CALL, number, self._number, method, args))

    async def events(self) -> AsyncIterator[Any]:
        """What the session emits, in order, until the release. One reader.

        Raises ``WorkerLost`` when the process is gone, or the error with which a cast failed.
        """
        while True:
            while self._events:
                yield self._events.popleft()
            if self._end is not None:
                raise self._end
            if self._released:
                return
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None

    async def release(self, timeout: float = 5.0) -> None:
        """End the session and give its place back. May be called twice, and after the process is lost."""
        if self._released:
            return
        self._released = True
        self._notify()
        await self._worker.release(self._number, timeout)

    def heard(self, event: object) -> None:
        """An event arrived (for the worker's connection only)."""
        if self._released:
            return
        if len(self._events) == self._events.maxlen:
            self.dropped_events += 1
        self._events.append(event)
        self._notify()

    def taken(self, count: int) -> None:
        """Casts were processed (for the worker's connection only)."""
        self._outstanding -= count
        if (callback := self._opened) is not None:
            self._opened = None
            callback()

    def broken(self, error: AiccError) -> None:
        """The session is gone (for the worker's connection only)."""
        if self._end is None:
            self._end = error
            self._notify()

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class _Connection(asyncio.Protocol):
    """Cuts the stream of one process into messages."""

    def __init__(self, heard: Callable[[tuple[Any, ...]], None], closed: Callable[[], None]) -> None:
        self._heard = heard
        self._closed = closed
        self._buffer = bytearray()
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= wire.HEADER.size:
            (length,) = wire.HEADER.unpack_from(buffer, at)
            end = at + wire.HEADER.size + length
            if len(buffer) < end:
                break
            self._heard(pickle.loads(memoryview(buffer)[at + wire.HEADER.size : end]))
            at = end
        del buffer[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()
        self._closed()


class _Worker:
    """One place in the pool: a process, and the next one when it dies."""

    def __init__(self, pool: WorkerPool, index: int) -> None:
        self._pool = pool
        self.index = index
        self.process: subprocess.Popen[bytes] | None = None
        self.leases: dict[int, Lease] = {}
        self.pending: dict[int, asyncio.Future[Any]] = {}
        self.ready = False
        self._transport: asyncio.WriteTransport | None = None
        self._connection: _Connection | None = None
        self._started: asyncio.Future[None] | None = None
        self._gone: asyncio.Event = asyncio.Event()
        self._pinged: float | None = None
        self._waited = 0.0
        self._spent = self._spent_before = 0.0

    @property
    def load(self) -> tuple[int, int]:
        return len(self.leases), len(self.pending)

    @property
    def waiting(self) -> float:
        """Seconds from the last ping to its answer, or until now while there is none and that is longer."""
        return self._waited if self._pinged is None else max(self._waited, time.monotonic() - self._pinged)

    @property
    def spent(self) -> float:
        """Processor seconds that its processes had spent at the last answer to a ping, in all."""
        return self._spent_before + self._spent

    async def keep(self, first: asyncio.Future[None]) -> None:
        """Supervise: start, watch, start again, for ever. ``first`` learns how the first start went."""
        pause = FIRST_PAUSE
        while not self._pool.closing.is_set():
            begun = time.monotonic()
            try:
                await self._start()
                if not first.done():
                    first.set_result(None)
                await self._watch()
            except AiccError as error:
                log.warning("worker %s/%d did not start: %s", self._pool.name, self.index, error)
                if not first.done():
                    first.set_exception(error)
                    return
            finally:
                await self._bury()
            if self._pool.closing.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - begun > STEADY_AFTER else min(pause * 2, LONGEST_PAUSE)
            self._pool.restarts += 1
            log.warning("worker %s/%d is gone; starting it again in %.2f s", self._pool.name, self.index, pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._pool.closing.wait()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._gone = asyncio.Event()
        self._started = loop.create_future()
        ours, theirs = socket.socketpair()
        try:
            ours.setblocking(False)
            self.process = self._pool.spawn(theirs)
        except OSError as error:
            ours.close()
            raise WorkerLost(f"no process could be started for the pool {self._pool.name}: {error}") from error
        finally:
            theirs.close()
        self._transport, self._connection = await loop.create_unix_connection(
            lambda: _Connection(self._heard, self._closed), sock=ours
        )
        self._transport.write(self._pool.hello)
        try:
            async with asyncio.timeout(self._pool.stuck_after):
                await self._started
        except TimeoutError:
            raise WorkerTimeout(f"worker {self._pool.name} built no host in {self._pool.stuck_after:g} s") from None
        self.ready = True
        self._pool.announce()

    async def _watch(self) -> None:
        """Return when the process is gone, or has not answered for too long."""
        limit = self._pool.stuck_after
        while not self._gone.is_set():
            if self._pinged is None:
                self._pinged = time.monotonic()
                self.send((wire.Ask.PING, 0))
            elif time.monotonic() - self._pinged > limit:
                log.error("worker %s/%d answered nothing for %g s; ending it", self._pool.name, self.index, limit)
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(PING_EVERY, limit)):
                    await self._gone.wait()

    async def _bury(self) -> None:
        """Whatever the reason: no process, no connection, nobody left waiting."""
        self.ready = False
        self._pinged, self._waited = None, 0.0
        self._spent_before, self._spent = self.spent, 0.0
        process, transport = self.process, self._transport
        self.process = self._transport = None
        lost = WorkerLost(f"a process of the pool {self._pool.name} was lost with this work in it")
        if self._started is not None and not self._started.done():
            self._started.cancel()
        for future in self.pending.values():
            if not future.done():
                future.set_exception(lost)
        self.pending.clear()
        for lease in self.leases.values():
            lease.broken(lost)
        self.leases.clear()
        if transport is not None and self._connection is not None:
            transport.abort()
            await self._connection.ended.wait()
        if process is not None:
            process.kill()
            await reaped(process, 5.0)

    async def stop(self, grace: float) -> None:
        """Ask the process to end, and wait ``grace`` seconds for it; then the supervisor buries it."""
        if grace > 0 and self._transport is not None and self.process is not None:
            self.send((wire.Ask.STOP,))
            await reaped(self.process, grace)
        self._closed()

    def send(self, message: tuple[Any, ...]) -> None:
        data = wire.frame(message)
        if self._transport is not None:
            self._transport.write(data)

    async def ask(self, timeout: float, message: Callable[[int], tuple[Any, ...]]) -> Any:
        if not self.ready:
            raise WorkerLost(f"the process of the pool {self._pool.name} is gone")
        if len(self.pending) >= self._pool.backlog:
            raise PoolFull(f"{len(self.pending)} calls wait for a process of the pool {self._pool.name}; try later")
        number = next(self._pool.numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.send(message(number))
        self.pending[number] = future
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise WorkerTimeout(f"a process of the pool {self._pool.name} did not answer in {timeout:g} s") from None
        finally:
            self.pending.pop(number, None)

    async def release(self, lease: int, timeout: float) -> None:
        if lease not in self.leases:
            return
        try:
            await self.ask(timeout, lambda number: (wire.Ask.RELEASE, number, lease))
        except (WorkerLost, WorkerTimeout, PoolFull, RemoteError) as error:
            # The place is given back all the same: a session that does not close dies with its process.
            log.warning("a lease on %s/%d did not end in order: %s", self._pool.name, self.index, error)
        finally:
            self.leases.pop(lease, None)

    def _heard(self, message: tuple[Any, ...]) -> None:
        kind = message[0]
        if kind == wire.Tell.EVENT:
            if lease := self.leases.get(message[1]):
                lease.heard(message[2])
        elif kind == wire.Tell.TAKEN:
            if lease := self.leases.get(message[1]):
                lease.taken(message[2])
        elif kind in (wire.Tell.RESULT, wire.Tell.ERROR):
            future = self.pending.get(message[1])
            if future is not None and not future.done():
                if kind == wire.Tell.RESULT:
                    future.set_result(message[2])
                else:
                    future.set_exception(message[2])
        elif kind == wire.Tell.BROKEN:
            if lease := self.leases.get(message[1]):
                lease.broken(message[2])
        elif kind == wire.Tell.PONG:
            if self._pinged is not None:
                self._waited, self._pinged = time.monotonic() - self._pinged, None
            self._spent = message[2]
        elif self._started is not None and not self._started.done():
            if kind == wire.Tell.READY:
                self._started.set_result(None)
            else:
                self._started.set_exception(message[1])

    def _closed(self) -> None:
        self._gone.set()
        if self._started is not None and not self._started.done():
            self._started.set_exception(
                WorkerLost(
                    f"a process of the pool {self._pool.name} ended before its host was built; see its error output"
                )
            )


class WorkerPool:
    """``processes`` children, each with one host of its own."""

    def __init__(
        self,
        factory: Callable[..., object],
        *args: object,
        processes: int,
        name: str,
        capacity: int = 1,
        backlog: int = 64,
        window: int = 64,
        threads: int = 1,
        niceness: int = 0,
        stuck_after: float = 60.0,
    ) -> None:
        """Describe a pool; nothing is started yet.

        ``factory(*args)`` builds the host in the child and must be importable there (a top-level callable of a module
        other than ``__main__``). ``capacity``, ``backlog`` and ``window`` are the limits of the module's docstring;
        ``threads`` is how many threads numeric libraries may use in each process; ``niceness`` is added to each;
        ``stuck_after`` is in seconds and must be longer than the longest single call.
        """
        if getattr(factory, "__module__", None) == "__main__":
            raise ValueError("the factory must be importable in a child: move it out of the main module")
        self.name = name
        self.capacity = capacity
        self.backlog = backlog
        self.window = window
        self.stuck_after = stuck_after
        self.closing = asyncio.Event()
        self.restarts = 0
        """How many times a process was started again."""
        self.numbers = itertools.count(1)
        self.hello = wire.frame((wire.Ask.HELLO, pickle.dumps((wire.Ask.HELLO, factory, args))))
        self._per_process = (threads, niceness)
        self._processes = processes
        self._workers: list[_Worker] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._news: asyncio.Event = asyncio.Event()

    @property
    def free(self) -> int:
        """How many leases could be had now."""
        return sum(self.capacity - len(worker.leases) for worker in self._workers if worker.ready)

    @property
    def waiting(self) -> float:
        """Seconds that work waits at present before the slowest process takes it up; ``inf`` while none is ready.

        At most ``PING_EVERY`` old. What a host queues inside itself is not in it.
        """
        return max((worker.waiting for worker in self._workers if worker.ready), default=math.inf)

    @property
    def spent(self) -> float:
        """Processor seconds that all processes have spent, those that are gone included; at most ``PING_EVERY`` old."""
        return sum(worker.spent for worker in self._workers)

    @property
    def cores(self) -> int:
        """How many cores its processes can keep busy at once."""
        threads, _ = self._per_process
        return self._processes * threads

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the children that live."""
        return tuple(worker.process.pid for worker in self._workers if worker.process is not None)

    async def start(self, timeout: float = 30.0) -> None:
        """Start every process and wait until each has built its host.

        Raises what the factory raised (``RemoteError`` when it was no ``AiccError``), ``WorkerLost`` when a process
        ended, ``WorkerTimeout``; then nothing is left running.
        """
        if self._workers or self.closing.is_set():
            raise RuntimeError(f"the pool {self.name} was started before; make a new one")
        self._workers = [_Worker(self, index) for index in range(self._processes)]
        firsts = [asyncio.get_running_loop().create_future() for _ in self._workers]
        self._keepers = [
            asyncio.create_task(worker.keep(first), name=f"{self.name}-{worker.index}")
            for worker, first in zip(self._workers, firsts, strict=True)
        ]
        ready = False
        try:
            async with asyncio.timeout(timeout):
                await asyncio.gather(*firsts)
            ready = True
        except TimeoutError:
            raise WorkerTimeout(f"the pool {self.name} was not ready in {timeout:g} s") from None
        finally:
            if not ready:
                await self.close(grace=0)
            for first in firsts:  # a failed one that nobody looked at must not warn
                if first.done() and not first.cancelled():
                    first.exception()

    async def call(self, method: str, *args: object, timeout: float = 10.0) -> Any:
        """Run a method of the least busy host.

        Raises the host's own ``AiccError``, ``RemoteError``, ``WorkerLost``, ``WorkerTimeout`` or ``PoolFull``.
        """
        started = time.monotonic()
        worker = await self._pick(timeout, leases=False)
        rest = max(0.0, timeout - (time.monotonic() - started))
        return await worker.ask(rest, lambda number: (wire.Ask.CALL, number, 0, method, args))

    async def lease(self, *args: object, timeout: float = 10.0) -> Lease:
        """Open a session (``host.open_session(emit, *args)``) on the process with the fewest; raises as ``call``."""
        started = time.monotonic()
        worker = await self._pick(timeout, leases=True)
        number = next(self.numbers)
        lease = Lease(worker, number, self.window)
        worker.leases[number] = lease
        rest = max(0.0, timeout - (time.monotonic() - started))
        step = max(1, self.window // 8)
        opened = False
        try:
            await worker.ask(rest, lambda call: (wire.Ask.LEASE, call, number, step, args))
            opened = True
        finally:
            # Failed, or given up by the caller: the child may still open it, so it is told to close it again.
            if not opened and worker.leases.pop(number, None) is not None and worker.ready:
                worker.send((wire.Ask.RELEASE, 0, number))
        return lease

    async def close(self, grace: float = 2.0) -> None:
        """End every process: asked first, killed after ``grace`` seconds. May be called twice."""
        workers, keepers = self._workers, self._keepers
        self._workers, self._keepers = [], []
        self.closing.set()
        self._news.set()
        await asyncio.gather(*(worker.stop(grace) for worker in workers))
        await asyncio.gather(*keepers, return_exceptions=True)

    def spawn(self, connection: socket.socket) -> subprocess.Popen[bytes]:
        """Start one child at the other end of ``connection`` (for the supervisor only)."""
        path = pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        threads, niceness = self._per_process
        count = str(threads)
        environment = child_environment(
            PYTHONPATH=path, OMP_NUM_THREADS=count, OPENBLAS_NUM_THREADS=count, MKL_NUM_THREADS=count
        )
        descriptor = connection.fileno()
        program = "from infra.worker_process import main; main()"
        return subprocess.Popen(
            [sys.executable, "-P", "-c", program, str(descriptor), str(niceness), f"aicc-worker-{self.name}"],
            stdin=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            env=environment,
        )

    def announce(self) -> None:
        """A process became ready (for the supervisor only)."""
        self._news.set()

    async def _pick(self, timeout: float, *, leases: bool) -> _Worker:
        """The ready worker with the least to do. Waits while all are being started again."""
        try:
            async with asyncio.timeout(timeout):
                while not (ready := [worker for worker in self._workers if worker.ready]):
                    if not self._workers:
                        raise WorkerLost(f"the pool {self.name} is not running")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise WorkerLost(f"no process of the pool {self.name} came back in {timeout:g} s") from None
        worker = min(ready, key=lambda one: one.load if leases else one.load[::-1])
        if leases and len(worker.leases) >= self.capacity:
            raise PoolFull(
                f"all {len(ready) * self.capacity} places of the pool {self.name} are taken; refuse, or add processes"
            )
        return worker


async def reaped(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait until a child has ended and take its exit status, ``timeout`` seconds at most. ``False``: it still lives."""
    limit = time.monotonic() + timeout
    pause = 0.002
    while process.poll() is None:
        if time.monotonic() >= limit:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True
