from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.workers import PoolFull, RemoteError, WorkerLost, WorkerPool, WorkerTimeout
from tests.infra import worker_hosts
from tests.infra.worker_hosts import Host, NoSuchVoice


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(Host, **{"processes": 1, "name": "test", **options})
    await pool.start(timeout=20)
    try:
        yield pool
    finally:
        await pool.close()


async def next_event(events: AsyncIterator[Any]) -> Any:
    async with asyncio.timeout(20):
        return await anext(events)


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


async def test_a_call_runs_in_another_process_and_comes_back() -> None:
    pool = WorkerPool(Host, "annyeong", processes=1, name="test")
    await pool.start()
    try:
        assert await pool.call("greet", "Minji") == "annyeong Minji"
        assert await pool.call("pid") != os.getpid()
    finally:
        await pool.close()


async def test_calls_go_to_the_least_busy_process() -> None:
    async with running(processes=2) as pool:
        first, second = await asyncio.gather(pool.call("pid"), pool.call("pid"))
        assert {first, second} == set(pool.pids)


async def test_an_error_with_a_name_arrives_as_itself() -> None:
    async with running() as pool:
        with pytest.raises(NoSuchVoice, match="no voice of that name"):
            await pool.call("fail_by_name")


async def test_any_other_error_arrives_with_its_traceback_and_harms_nothing() -> None:
    async with running() as pool:
        with pytest.raises(RemoteError, match="ZeroDivisionError: seven by nought"):
            await pool.call("fail_plainly")
        with pytest.raises(RemoteError, match="AttributeError"):
            await pool.call("no_such_method")
        with pytest.raises(RemoteError):
            await pool.call("give_back_something_that_cannot_travel")
        assert await pool.call("greet", "again") == "hello again"


async def test_a_call_that_takes_too_long_is_given_up_and_its_answer_thrown_away() -> None:
    async with running() as pool:
        with pytest.raises(WorkerTimeout):
            await pool.call("sleep", 0.3, timeout=0.05)
        assert await pool.call("greet", "next") == "hello next"


async def test_calls_beyond_the_backlog_are_refused() -> None:
    async with running(backlog=2) as pool:
        waiting = [asyncio.create_task(pool.call("sleep", 0.2)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(PoolFull):
            await pool.call("greet", "one too many")
        assert await asyncio.gather(*waiting) == [0.2, 0.2]


async def test_a_killed_process_fails_what_was_in_flight_and_comes_back() -> None:
    async with running() as pool:
        (victim,) = pool.pids
        call = asyncio.create_task(pool.call("sleep", 30, timeout=60))
        await asyncio.sleep(0.05)
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(WorkerLost):
            await call
        assert await pool.call("greet", "you", timeout=20) == "hello you"
        assert pool.restarts == 1
        assert pool.pids != (victim,)


async def test_a_process_that_answers_nothing_is_ended_and_started_again() -> None:
    async with running(stuck_after=2.0) as pool:
        with pytest.raises(WorkerLost):
            await pool.call("sleep", 60, timeout=20)
        await until(lambda: pool.restarts >= 1)


async def test_how_long_work_waits_is_known_while_it_waits_and_afterwards() -> None:
    pool = WorkerPool(Host, processes=2, name="test")
    assert pool.waiting == math.inf
    await pool.start()
    try:
        await until(lambda: pool.waiting < 0.1)
        busy = asyncio.create_task(pool.call("sleep", 2.0))
        await until(lambda: pool.waiting > 0.3)
        assert not busy.done()
        await busy
        await until(lambda: pool.waiting < 0.1)
    finally:
        await pool.close()
    assert pool.waiting == math.inf


async def test_work_in_line_counts_as_waiting() -> None:
    async with running(window=32) as pool:
        lease = await pool.lease(0)
        for _ in range(20):
            assert lease.cast("slow_add", 1, 0.1)
        await until(lambda: pool.waiting > 0.25)
        assert await lease.call("total") == 20
        await lease.release()


async def test_a_lease_keeps_its_state_and_its_order() -> None:
    async with running(capacity=2) as pool:
        one, other = await pool.lease(100), await pool.lease(0)
        for amount in (1, 2, 3):
            assert one.cast("add", amount)
        assert other.cast("add", 7)
        events = one.events()
        assert [await next_event(events) for _ in range(3)] == [101, 103, 106]
        assert await one.call("total") == 106
        assert await next_event(other.events()) == 7
        await one.release()
        await other.release()


async def test_leases_are_spread_and_refused_when_every_place_is_taken() -> None:
    async with running(processes=2, capacity=1) as pool:
        assert pool.free == 2
        leases = [await pool.lease(0), await pool.lease(0)]
        assert pool.free == 0
        with pytest.raises(PoolFull):
            await pool.lease(0)
        await leases[0].release()
        assert pool.free == 1
        again = await pool.lease(0)
        await again.release()
        await leases[1].release()


async def test_a_session_that_does_not_open_gives_its_place_back() -> None:
    async with running() as pool:
        with pytest.raises(NoSuchVoice):
            await pool.lease(-1)
        assert pool.free == 1


async def test_release_closes_the_session_and_ends_its_events(tmp_path: Path) -> None:
    async with running() as pool:
        lease = await pool.lease(0, str(tmp_path / "log"))
        assert lease.cast("add", 1)
        assert await lease.call("total") == 1
        await lease.release()
        await lease.release()
        assert [event async for event in lease.events()] == [1]
        assert (tmp_path / "log").read_text(encoding="utf-8") == "closed\n"
        assert not lease.cast("add", 1)
        with pytest.raises(WorkerLost):
            await lease.call("total")


async def test_casts_beyond_the_window_are_refused_until_some_are_processed() -> None:
    async with running(window=4) as pool:
        lease = await pool.lease(0)
        assert lease.cast("slow_add", 1, 0.2)
        assert [lease.cast("add", 1) for _ in range(5)] == [True, True, True, False, False]
        room = asyncio.Event()
        lease.when_room(room.set)
        async with asyncio.timeout(20):
            await room.wait()
        assert lease.cast("add", 1)
        assert await lease.call("total") == 5
        await lease.release()


async def test_events_that_nobody_reads_are_dropped_from_the_oldest_and_counted() -> None:
    async with running(window=1) as pool:
        lease = await pool.lease(0)
        for _ in range(11):
            await until(lambda: lease.room > 0)
            assert lease.cast("add", 1)
        assert await lease.call("total") == 11
        assert lease.dropped_events == 3
        assert await next_event(lease.events()) == 4
        await lease.release()


async def test_a_lease_learns_that_its_process_is_lost() -> None:
    async with running() as pool:
        lease = await pool.lease(0)
        reading = asyncio.create_task(next_event(lease.events()))
        assert lease.cast("die")
        with pytest.raises(WorkerLost):
            await reading
        assert lease.lost
        assert not lease.cast("add", 1)
        await lease.release()
        fresh = await pool.lease(3, timeout=20)
        assert await fresh.call("total") == 3
        await fresh.release()


async def test_a_cast_that_fails_ends_its_lease_with_the_error_and_no_other() -> None:
    async with running(capacity=2) as pool:
        bad, good = await pool.lease(0), await pool.lease(1)
        assert bad.cast("fail")
        with pytest.raises(NoSuchVoice):
            await next_event(bad.events())
        assert await good.call("total") == 1
        await bad.release()
        await good.release()


async def test_cancelling_a_wait_gives_everything_back() -> None:
    async with running() as pool:
        blocker = asyncio.create_task(pool.call("sleep", 0.3))
        await asyncio.sleep(0.02)
        leasing = asyncio.create_task(pool.lease(0))
        await asyncio.sleep(0.02)
        leasing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leasing
        await blocker
        lease = await pool.lease(9)
        assert await lease.call("total") == 9
        await lease.release()


async def test_a_factory_that_fails_fails_the_start_with_its_own_error() -> None:
    pool = WorkerPool(worker_hosts.build_host_that_cannot, "no model here", processes=2, name="test")
    with pytest.raises(NoSuchVoice, match="no model here"):
        await pool.start()
    assert pool.pids == ()


async def test_a_process_that_ends_at_its_start_fails_the_start() -> None:
    pool = WorkerPool(worker_hosts.build_host_that_ends, processes=1, name="test")
    with pytest.raises(WorkerLost, match="before its host was built"):
        await pool.start()


async def test_close_ends_the_processes_and_refuses_more_work() -> None:
    pool = WorkerPool(Host, processes=2, name="test")
    await pool.start()
    pids = pool.pids
    waiting = asyncio.create_task(pool.call("sleep", 60, timeout=90))
    await asyncio.sleep(0.02)
    await pool.close(grace=0.2)
    with pytest.raises(WorkerLost):
        await waiting
    assert not any(alive(pid) for pid in pids)
    with pytest.raises(WorkerLost):
        await pool.call("greet", "late", timeout=0.1)
    await pool.close()


async def test_a_child_ignores_what_asks_its_gateway_to_stop_and_takes_the_other_signals_as_usual() -> None:
    async with running() as pool:
        assert not await pool.call("ignores", int(signal.SIGHUP))
        for asked in (signal.SIGINT, signal.SIGTERM):
            os.kill(pool.pids[0], asked)
        assert await pool.call("greet", "still") == "hello still"
        assert pool.restarts == 0


async def test_a_child_brings_nothing_heavy_along_and_keeps_numeric_libraries_to_their_share() -> None:
    async with running(threads=1) as pool:
        modules = set(await pool.call("modules"))
        assert modules.isdisjoint({"numpy", "torch", "fastapi", "pydantic", "asyncio", "pytest", "multiprocessing"})
        assert await pool.call("threads_of_numeric_libraries") == "1"


def test_a_factory_of_the_main_module_is_refused_at_once() -> None:
    def factory() -> None: ...

    factory.__module__ = "__main__"
    with pytest.raises(ValueError, match="importable"):
        WorkerPool(factory, processes=1, name="test")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio
        from infra.workers import WorkerPool
        from tests.infra.worker_hosts import Host

        async def main():
            pool = WorkerPool(Host, processes=2, name="orphans")
            await pool.start()
            print(*pool.pids, flush=True)
            await pool.call("spin", 60, timeout=90)

        asyncio.run(main())
        """
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        parent.kill()
        parent.wait(20)
        limit = time.monotonic() + 20
        while any(alive(pid) for pid in pids) and time.monotonic() < limit:
            time.sleep(0.02)
        assert not any(alive(pid) for pid in pids)


async def test_what_the_processes_spend_is_known_and_outlives_them() -> None:
    async with running(processes=1) as pool:
        assert pool.cores == 1
        await pool.call("spin", 0.3)
        await until(lambda: pool.spent > 0.0)
        before = pool.spent
        os.kill(pool.pids[0], signal.SIGKILL)
        await until(lambda: pool.spent > before)
