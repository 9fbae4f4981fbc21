"""``aicc bench capacity``: how many calls one core carries within the limits, found by offering more and more.

A real gateway process on one core, everything else (its worker processes, PostgreSQL, the callers) on the others. Only
recognition is scripted, for it has its own cores in production; voice activity, turn-taking, dialog, synthesis, ledger
and recording are the real ones.

Refuses: a verdict on a machine that did something else meanwhile. Such steps are tried again once, and then marked.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, assert_never

from gateway.commands.bench import processes, steps
from gateway.commands.bench.generators import generate
from gateway.commands.bench.load import LoadOutcome, LoadPlan
from gateway.commands.bench.measured_tenant import MeasuredTenant, measured_tenant
from gateway.commands.bench.meter import histogram_percentile, scrape
from gateway.commands.bench.order import Order, Subject
from gateway.commands.bench.search import Search
from gateway.commands.bench.steps import Step
from gateway.commands.gateway_process import GatewayNotStarted, gateway_process
from gateway.commands.server import NoGateway, RunningGateway
from gateway.telephony.caller import dial, new_call_sid
from gateway.telephony.errors import CallRefused
from gateway.telephony.streams.documents import StreamOffer
from infra.errors import AiccError

REST_WITHIN = 20.0
FLOOR_SECONDS = 5.0
LOOP_LAG = "aicc_loop_lag_seconds"
IN_PROGRESS = "aicc_calls_in_progress"


class NotMeasurable(AiccError):
    """This machine cannot be measured on."""

    code = "not_measurable"


@dataclass(slots=True)
class Findings:
    """What a run found."""

    mode: Subject
    steps: list[Step] = field(default_factory=list)
    best: int = 0
    comparable: bool = True

    def verdict(self) -> dict[str, Any]:
        """The line of JSON."""
        figures = steps.verdict(self.steps, self.best)
        figures["valid"] = figures["valid"] and self.comparable
        return figures


@dataclass(frozen=True, slots=True)
class _Server:
    """What is loaded: where it listens, what its calls bring along, and what is known of it from outside."""

    pid: int
    url: str
    parameters: Mapping[str, str]
    recordings: tuple[Path, ...]
    base_mb: float | None
    gateway: RunningGateway | None = None
    data: Path | None = None

    async def metrics(self) -> str:
        """Its metrics, nothing where it has none or does not answer."""
        if self.gateway is None:
            return ""
        try:
            async with self.gateway.client() as client:
                return (await client.get("/metrics")).text
        except (OSError, NoGateway):
            return ""


@dataclass(frozen=True, slots=True)
class _Usage:
    """What was used since boot or start, in CPU seconds."""

    server: float | None
    workers: float
    database: float
    core: processes.CoreTimes | None


async def capacity(order: Order, example: Path, place: Path | None, tell: Callable[[str], None]) -> Findings:
    """Find the most calls; ``place`` keeps the measured gateway's data for a next time, none: a temporary directory.

    ``tell`` gets each line of the table as it is known. Raises ``NotMeasurable`` and what starting a gateway raises.
    """
    if not sys.platform.startswith("linux"):
        raise NotMeasurable("the figures of a process are read from /proc: run this on Linux")
    allowed = os.sched_getaffinity(0)
    cores = processes.divide(allowed)
    try:
        with nullcontext(str(place)) if place else tempfile.TemporaryDirectory(prefix="aicc-bench-") as folder:
            return await _Run(order, measured_tenant(example, Path(folder)), Path(folder), cores, tell).find()
    finally:
        processes.pin(os.getpid(), frozenset(allowed))


class _Run:
    """One run of steps."""

    def __init__(
        self, order: Order, tenant: MeasuredTenant, place: Path, cores: processes.Cores, tell: Callable[[str], None]
    ) -> None:
        self._order = order
        self._tenant = tenant
        self._place = place
        self._cores = cores
        self._tell = tell

    async def find(self) -> Findings:
        """Offer more and more calls until the answer is known."""
        findings = Findings(self._order.mode, comparable=not self._cores.shared)
        if self._cores.shared:
            self._tell("There is only one core here: the callers run on it as well, so the figures are not comparable.")
        search = Search(self._order.most, self._order.tries)
        self._tell(steps.header())
        doubted: set[int] = set()
        calls = search.next()
        while calls is not None:
            async with self._server() as server:
                broke = False
                while not broke and calls is not None:
                    step = await self._step(server, calls, self._order.seconds)
                    if self._order.mode != "floor":
                        step = replace(step, floor_cpu_ms_per_call_s=await self._floor(calls))
                    self._tell(steps.row(step))
                    broke = bool(step.breaks() or step.refused)
                    if broke and step.doubts() and calls not in doubted:
                        doubted.add(calls)  # once more, on a fresh gateway: somebody else may have broken it
                        continue
                    findings.steps.append(step)
                    search.tried(calls, 0 if step.faults() else step.carried, broke=broke)
                    calls = search.next()
        findings.best = search.best
        return findings

    async def _floor(self, calls: int) -> float | None:
        """CPU in milliseconds per call and second of a bare echo of so many calls, now."""
        async with self._echo("floor") as server:
            return (await self._step(server, calls, FLOOR_SECONDS)).cpu_ms_per_call_s

    def _server(self) -> AbstractAsyncContextManager[_Server]:
        match self._order.mode:
            case "turn" | "feed":
                return self._gateway()
            case "echo":
                return self._echo("door")
            case "floor":
                return self._echo("floor")
            case _:
                assert_never(self._order.mode)

    @asynccontextmanager
    async def _gateway(self) -> AsyncIterator[_Server]:
        tenant, data = self._tenant, self._place / "data"
        settings = {
            **tenant.scripted(),
            # What is borne is found here, and none is refused for what a gateway forecasts of itself.
            "AICC_GATEWAY_MAX_CALLS": "100000",
            "AICC_GATEWAY_MAX_LOOP_LAG": "100",
            "AICC_GATEWAY_NODE": "bench",
        }
        async with gateway_process(data, [tenant.folder], settings) as house:
            self._confine(house.pid, data)
            offer = await _offer(house.gateway, tenant.number)
            cold = _Server(house.pid, offer.url, dict(offer.parameters), tenant.recordings, None, house.gateway, data)
            if self._order.warm_up:
                await generate(self._plan(cold, 2, self._order.warm_up, ramp=1.0, settle=0.0))
                await self._rest(cold)
            warm = processes.memory_mb(house.pid)
            yield _Server(house.pid, offer.url, dict(offer.parameters), tenant.recordings, warm, house.gateway, data)

    @asynccontextmanager
    async def _echo(self, which: str) -> AsyncIterator[_Server]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway.commands.bench.echo", which), stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            url = (await asyncio.wait_for(process.stdout.readline(), REST_WITHIN)).decode().strip()
            if not url:
                raise GatewayNotStarted(f"the echo ({which}) did not start")
            self._confine(process.pid)
            yield _Server(
                process.pid,
                url,
                {},
                self._tenant.recordings,
                processes.memory_mb(process.pid),
            )
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def _confine(self, measured: int, data: Path | None = None) -> None:
        """One process on the measured core, and on the others its workers, its database, and us with the generators."""
        processes.pin(measured, frozenset({self._cores.measured}))
        database = processes.working_in(data) if data is not None else []
        for pid in {*processes.descendants(measured), *database, os.getpid()} - {measured}:
            processes.pin(pid, self._cores.others)

    def _plan(self, server: _Server, calls: int, seconds: float, *, ramp: float, settle: float) -> LoadPlan:
        return LoadPlan(
            url=server.url,
            calls=calls,
            mode="echo" if server.gateway is None else "feed" if self._order.mode == "feed" else "turn",
            seconds=seconds,
            begin=time.monotonic() + 1.5,  # the generators have to start
            ramp=ramp,
            settle=settle,
            parameters=dict(server.parameters),
            recordings=tuple(map(str, server.recordings)),
        )

    async def _step(self, server: _Server, calls: int, seconds: float) -> Step:
        talk = server.gateway is not None
        plan = self._plan(
            server, calls, seconds, ramp=self._order.ramp(calls), settle=self._order.settle if talk else 1.0
        )
        load = asyncio.create_task(generate(plan))
        try:
            await _until(plan.opens)
            before, lag_before = self._usage(server), scrape(await server.metrics(), LOOP_LAG)
            await _until(plan.closes)
            after, memory = self._usage(server), processes.memory_mb(server.pid)
            lag_after = scrape(await server.metrics(), LOOP_LAG)
            outcome = await load
        finally:
            load.cancel()
        await self._rest(server)
        lag = histogram_percentile(lag_before, lag_after, 0.99)
        per_call = None
        if memory is not None and server.base_mb is not None and outcome.connected:
            per_call = (memory - server.base_mb) / outcome.connected
        return _step(plan, outcome, before, after, memory_per_call=per_call, lag=lag)

    def _usage(self, server: _Server) -> _Usage:
        def used(pids: list[int]) -> float:
            return sum(processes.cpu_seconds(pid) or 0.0 for pid in pids)

        workers = set(processes.descendants(server.pid))
        database = set(processes.working_in(server.data)) - {server.pid} if server.data is not None else set()
        return _Usage(
            processes.cpu_seconds(server.pid),
            used(sorted(workers - database)),
            used(sorted(database)),
            processes.core_times(self._cores.measured),
        )

    async def _rest(self, server: _Server) -> None:
        """Wait until the server's calls have ended."""
        deadline = time.monotonic() + REST_WITHIN
        while time.monotonic() < deadline:
            lines = (await server.metrics()).splitlines()
            if not any(line.startswith(IN_PROGRESS) and float(line.split()[-1]) > 0 for line in lines):
                return
            await asyncio.sleep(0.2)


def _step(
    plan: LoadPlan,
    outcome: LoadOutcome,
    before: _Usage,
    after: _Usage,
    *,
    memory_per_call: float | None,
    lag: float | None,
) -> Step:
    """The figures of a step, from what the callers met with and what was used meanwhile."""
    call_seconds = outcome.connected * plan.seconds

    def each(later: float | None, earlier: float | None) -> float | None:
        if later is None or earlier is None or not call_seconds:
            return None
        return round((later - earlier) / call_seconds * 1000, 3)

    busy = foreign = stolen = None
    if before.server is not None and after.server is not None:
        busy = round((after.server - before.server) / plan.seconds, 3)
    if before.core is not None and after.core is not None and busy is not None:
        foreign = round(max((after.core.busy - before.core.busy) / plan.seconds - busy, 0.0), 3)
        stolen = round((after.core.stolen - before.core.stolen) / plan.seconds, 3)
    return Step(
        offered=plan.calls,
        carried=outcome.connected,
        refused=outcome.refused,
        failed=outcome.failed,
        turns=outcome.turns,
        unanswered=outcome.unanswered,
        p50_gap_ms=outcome.gaps.percentile(0.5),
        p99_gap_ms=outcome.gaps.percentile(0.99),
        loop_lag_p99_ms=None if lag is None else round(lag * 1000, 2),
        cpu_ms_per_call_s=each(after.server, before.server),
        rss_mb_per_call=None if memory_per_call is None else round(memory_per_call, 3),
        first_audio_p50_ms=outcome.first_audio.percentile(0.5),
        first_audio_p95_ms=outcome.first_audio.percentile(0.95),
        workers_cpu_ms_per_call_s=each(after.workers, before.workers),
        database_cpu_ms_per_call_s=each(after.database, before.database),
        core_busy=busy,
        generator_late_p99_ms=outcome.lag.percentile(0.99),
        generator_busy=outcome.busy,
        foreign=foreign,
        stolen=stolen,
        failures=tuple(f"{number} x {why}" for why, number in outcome.failures.most_common()),
    )


async def _offer(gateway: RunningGateway, number: str) -> StreamOffer:
    """Where the carrier's webhook sends calls; a gateway that just started may be too strained to take one yet."""
    deadline = time.monotonic() + REST_WITHIN
    while True:
        try:
            return await dial(
                f"{gateway.url}/telephony/twilio/voice", ani="+15550100", dnis=number, call_sid=new_call_sid()
            )
        except CallRefused:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)


async def _until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0.0))
