"""Real processes: what one of them does ends its own calls at most, and none outlives its gateway."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gateway.telephony.leg import HangUpCause
from gateway.telephony.sip import workers as sip_workers
from gateway.telephony.sip.errors import SipUnavailable
from gateway.telephony.sip.workers import SipWorker, SipWorkers
from gateway.telephony.trunk import TrunkOrder
from tests.gateway.telephony.sip.endpoints import HOST, Party, eventually, free_port, needs_the_stack, place, settings

pytestmark = needs_the_stack


def nothing(*given: object) -> None:
    """Calls that come in are of no interest."""


def pid(worker: SipWorker) -> int:
    assert worker._process is not None
    return worker._process.pid


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().split()[2] != "Z"


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_a_port_that_is_taken_is_told_with_what_to_do_and_no_process_is_left(kind: int) -> None:
    port = free_port(2)
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HOST, port + 2))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        workers = SipWorkers(settings(port, workers=2), None, nothing)
        with pytest.raises(SipUnavailable, match=f"cannot listen on {HOST}:{port + 2}.*AICC_SIP_UDP"):
            await workers.start()
    assert all(worker._process is None for worker in workers.each)


async def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SipUnavailable, match=r"aicc\[sip\]"):
        await SipWorkers(settings(free_port()), None, nothing).start()


async def test_a_killed_process_ends_its_own_calls_and_is_replaced(tmp_path: Path) -> None:
    port = free_port(2)
    trunks = {"first": {"domain": f"{HOST}:{port}"}}
    async with place(settings(port, workers=2, trunks=trunks), tmp_path) as here:
        first, second = here.endpoint.workers.each
        order = TrunkOrder(f"sip:1588@{HOST}:{port}", "010", 20.0)
        leg = await here.endpoint.trunks.call(order, nothing)  # both are free, so the first one calls itself
        caller, callee = Party(leg), await here.party()
        assert len(first.calls) == 2
        assert not second.calls
        os.kill(pid(first), signal.SIGKILL)
        for party in (caller, callee):
            assert (await asyncio.wait_for(party.end, 20)).cause is HangUpCause.CONNECTION_LOST
        before = pid(second)
        await eventually(lambda: first.is_ready)
        assert pid(second) == before
        again = await here.endpoint.trunks.call(order, nothing)
        assert (await here.party()).leg.info.dnis == "1588"
        await again.hang_up("done")


async def test_a_process_that_stands_still_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_workers, "END_WITHIN", 2.0)
    async with place(settings(free_port(), stuck_after=2.0), tmp_path) as here:
        (worker,) = here.endpoint.workers.each
        stuck = pid(worker)
        os.kill(stuck, signal.SIGSTOP)
        await eventually(lambda: worker._process is not None and pid(worker) != stuck and worker.is_ready, 30)
        assert not alive(stuck)


async def test_a_gateway_that_stood_still_itself_judges_nobody_by_it(tmp_path: Path) -> None:
    async with place(settings(free_port(), stuck_after=2.5), tmp_path) as here:
        (worker,) = here.endpoint.workers.each
        before = pid(worker)
        await asyncio.sleep(0.1)
        time.sleep(4.0)  # noqa: ASYNC251 - it is what is tried
        await asyncio.sleep(0.5)
        assert pid(worker) == before
        assert worker.is_ready


@pytest.mark.parametrize("trouble", [RuntimeError("nobody thought of it"), OSError(24, "Too many open files")])
async def test_a_lost_process_is_replaced_also_after_a_start_that_went_wrong_as_nobody_thought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async with place(settings(free_port()), tmp_path) as here:
        (worker,) = here.endpoint.workers.each
        lost, spawn = pid(worker), sip_workers._spawn

        def only_later(*given: object) -> subprocess.Popen[bytes]:
            monkeypatch.setattr(sip_workers, "_spawn", spawn)
            raise trouble

        monkeypatch.setattr(sip_workers, "_spawn", only_later)
        os.kill(lost, signal.SIGKILL)
        await eventually(lambda: worker.is_ready and pid(worker) != lost, 30)


async def test_a_process_that_cannot_be_watched_is_ended_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(settings(free_port()), tmp_path) as here:
        (worker,) = here.endpoint.workers.each
        lost, end = pid(worker), SipWorker.end

        async def not_now(self: SipWorker, within: float = 0.0) -> None:
            monkeypatch.setattr(SipWorker, "end", end)
            raise RuntimeError("nobody thought of it")

        monkeypatch.setattr(SipWorker, "end", not_now)
        os.kill(lost, signal.SIGSTOP)
        worker._gone.set()  # as if its wire had been lost, while it goes on
        await eventually(lambda: worker.is_ready and pid(worker) != lost, 30)
        assert not alive(lost)


async def test_stopping_ends_calls_in_good_order_and_leaves_no_process(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    trunks = {"other": {"domain": f"{HOST}:{other}"}}
    async with place(settings(other), tmp_path) as far:
        async with place(settings(port, trunks=trunks), tmp_path) as here:
            process = pid(here.endpoint.workers.each[0])
            leg = await here.endpoint.trunks.call(TrunkOrder(f"sip:1@{HOST}:{other}", "010", 20.0), nothing)
            near, party = Party(leg), await far.party()
        assert (await asyncio.wait_for(party.end, 20)).cause is HangUpCause.FAR_END, "it was told by a BYE"
        assert near.end.done()
        assert not alive(process)


async def test_a_killed_gateway_leaves_no_process_and_its_far_ends_are_told(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    program = textwrap.dedent(
        f"""
        import asyncio, pathlib
        from gateway.telephony.trunk import TrunkOrder
        from tests.gateway.telephony.sip.endpoints import place, settings

        async def main():
            trunks = {{"other": {{"domain": "{HOST}:{other}"}}}}
            async with place(settings({port}, trunks=trunks), pathlib.Path({str(tmp_path)!r})) as here:
                leg = await here.endpoint.trunks.call(TrunkOrder("sip:1@{HOST}:{other}", "010", 20.0), lambda: None)
                print(here.endpoint.workers.each[0]._process.pid, flush=True)
                await asyncio.sleep(60)

        asyncio.run(main())
        """
    )
    async with place(settings(other), tmp_path) as far:
        with subprocess.Popen(  # noqa: ASYNC220 - it starts at once, and is read in a thread
            [
                sys.executable,
                "-c",
                program,
            ],
            stdout=subprocess.PIPE,
            text=True,
        ) as gateway:
            party = await far.party(30)
            assert gateway.stdout is not None
            worker = int(await asyncio.to_thread(gateway.stdout.readline))
            gateway.kill()
        assert (await asyncio.wait_for(party.end, 20)).cause is HangUpCause.FAR_END, "it was told by a BYE"
        await eventually(lambda: not alive(worker))
