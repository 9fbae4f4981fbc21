"""What SIP calls cost, with RTP both ways: a storm of them, calls per core, and the torture messages' time.

    python -m tests.benchmarks.bench_sip [--calls 300] [--rate 15] [--hold 20] [--steps 10,20,40] [--seconds 10]

sipp calls and speaks (a question every few seconds, PCMU); the gateway is real, and only its recognition is scripted.
Beside it, in the same run and under the same load, stands the echo path: the same SIP processes, and instead of
sessions a leg that sends back what it hears. CPU is user and system time of each process, as the kernel counts it, so
that other work on the machine lengthens a run and does not change what a call costs.

The time of a torture message (RFC 4475) is that of an OPTIONS behind it on the same socket: the stack has one thread
and takes messages in turn, so its answer comes when the message before has been dealt with. An OPTIONS alone stands
beside.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from gateway.commands.bench.measured_tenant import measured_tenant
from gateway.commands.bench.processes import cpu_seconds, descendants
from gateway.commands.gateway_process import gateway_process
from gateway.telephony.leg import CallOffer, HungUp, LegEvent, MediaLeg, MediaReceived, Place
from gateway.telephony.sip.opening import SipEndpoint
from gateway.telephony.sip.settings import PORTS_EACH, SipSettings
from infra.audio import mulaw_encode
from tests.house import EXAMPLE, ROOT
from tests.integration.sip.house import LINE
from tests.integration.sip.likeness import RATE, read_sound
from tests.integration.sip.programs import HOST
from tests.integration.sip.sipp import Outcome, sipp_scenario
from tests.integration.sip.wire import wire
from tests.ports import free_port

MESSAGES = ROOT.parent / "shared" / "data" / "sip" / "rfc4475"
PAUSE = 6.0
"""Seconds between two questions of a caller."""

SETTLE = 3.0
"""Seconds from the last call's beginning until it is measured."""

AIM = 120
ECHO = "--echo"

Tell = Callable[[str], None]

PROCESSES = 2
"""SIP processes: one takes 255 calls at most."""


@dataclass(frozen=True, slots=True)
class Server:
    """What is called: the process with the sessions (or echoes), and its SIP processes."""

    name: str
    pid: int
    port: int
    workers: tuple[int, ...]

    def spent(self) -> tuple[float, float]:
        """CPU seconds of the process with the sessions, and of its SIP processes."""
        return cpu_seconds(self.pid) or 0.0, sum(cpu_seconds(pid) or 0.0 for pid in self.workers)


@dataclass(frozen=True, slots=True)
class Step:
    """So many calls at once: milliseconds of CPU for each call and second."""

    calls: int
    sessions: float
    sip: float
    outcome: Outcome

    @property
    def per_core(self) -> float:
        """Calls that a core would carry at this cost."""
        return 1000 / (self.sessions + self.sip) if self.sessions + self.sip else 0.0


def sip_settings(port: int) -> dict[str, str]:
    """The same for both servers."""
    address = f"{HOST}:{port}"
    shared = {"workers": str(PROCESSES), "max_calls": "250", "rtp_ports": "30000-39999"}
    return {"udp": address, "tcp": address, "codecs": "PCMU", **shared}


def sip_processes(pid: int) -> tuple[int, ...]:
    """The SIP processes among the children of a process."""
    return tuple(child for child in descendants(pid) if b"telephony.sip" in Path(f"/proc/{child}/cmdline").read_bytes())


def callers_sound(folder: Path) -> Path:
    """A question and a pause, as sipp wants it."""
    question, _ = read_sound(EXAMPLE / "calls" / "delivery-time.wav", RATE)
    pause = np.random.default_rng(1).normal(0, 20, int(PAUSE * RATE)).astype("<i2")
    path = folder / "caller.raw"
    path.write_bytes(mulaw_encode(np.concatenate([pause, question]).astype("<i2").tobytes()))
    return path


@asynccontextmanager
async def gateway(place: Path) -> AsyncIterator[Server]:
    """The gateway, which refuses no call for what it forecasts of itself."""
    tenant, port = measured_tenant(EXAMPLE, place), free_port(beside=PROCESSES * PORTS_EACH - 1)
    settings = {
        **tenant.scripted(),
        **{f"AICC_SIP_{name.upper()}": value for name, value in sip_settings(port).items()},
        "AICC_GATEWAY_NODE": "bench-sip",
        "AICC_GATEWAY_MAX_CALLS": "100000",
        "AICC_GATEWAY_MAX_LOOP_LAG": "100",
    }
    async with gateway_process(place / "data", [tenant.folder], settings) as house:
        yield Server("gateway", house.pid, port, sip_processes(house.pid))


@asynccontextmanager
async def echo() -> AsyncIterator[Server]:
    """The echo path, in a process of its own."""
    port = free_port(beside=PROCESSES * PORTS_EACH - 1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.bench_sip", ECHO, str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        await asyncio.wait_for(process.stdout.readline(), 60)
        yield Server("echo", process.pid, port, sip_processes(process.pid))
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


class Everybody:
    """Admission without a limit."""

    def room(self) -> None:
        """There is room."""

    def admit(self, offer: CallOffer, /) -> None:
        """And everybody may come in."""

    def keep(self, offer: CallOffer, /) -> Place:
        """A place is kept for everybody."""
        return lambda: None


async def be_echo(port: int) -> None:
    """Serve until nobody wants it any more."""

    async def serve(leg: MediaLeg) -> None:
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            if isinstance(event, MediaReceived):
                leg.send(event.frame)
            elif isinstance(event, HungUp):
                over.set()

        leg.listen(hear)
        await over.wait()

    endpoint = SipEndpoint(
        SipSettings.model_validate(sip_settings(port)), Everybody(), serve, Path(tempfile.gettempdir())
    )
    async with endpoint.listening():
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def storm(server: Server, place: Path, sound: Path, calls: int, rate: float, hold: float) -> Step:
    """Calls at a rate, shared by the SIP processes, each held for so long; CPU over all of it, for each second of a
    call."""

    async def part(process: int) -> Outcome:
        folder = Path(tempfile.mkdtemp(dir=place)) / "sipp"
        words = {"rtp_port": "[rtpstream_audio_port]", "sound": str(sound)}
        to, share = f"{HOST}:{server.port + process * PORTS_EACH}", calls // PROCESSES
        async with sipp_scenario(
            "load", folder, to=to, service=LINE, calls=share, rate=rate / PROCESSES, pause=hold, **words
        ) as sipp:
            return await sipp.end(within=calls / rate + hold + 60)

    before = server.spent()
    parts = await asyncio.gather(*map(part, range(PROCESSES)))
    failed, errors = sum(one.failed for one in parts), "".join(one.errors for one in parts)
    outcome = Outcome(sum(one.successful for one in parts), failed, errors)
    sessions, sip = (later - earlier for later, earlier in zip(server.spent(), before, strict=True))
    seconds = max(1.0, outcome.successful * hold)
    return Step(calls, 1000 * sessions / seconds, 1000 * sip / seconds, outcome)


async def step(server: Server, place: Path, sound: Path, calls: int, seconds: float) -> Step:
    """So many calls at once, measured while all of them go on."""
    folder = Path(tempfile.mkdtemp(dir=place)) / "sipp"
    words = {"rtp_port": "[rtpstream_audio_port]", "sound": str(sound)}
    rate = max(5.0, calls / 4)
    hold = calls / rate + SETTLE + seconds + 2.0
    async with sipp_scenario(
        "load", folder, to=f"{HOST}:{server.port}", service=LINE, calls=calls, rate=rate, pause=hold, **words
    ) as sipp:
        await asyncio.sleep(calls / rate + SETTLE)
        before, begun = server.spent(), time.monotonic()
        await asyncio.sleep(seconds)
        after, took = server.spent(), time.monotonic() - begun
        outcome = await sipp.end(within=hold + 60)
    sessions, sip = (1000 * (later - earlier) / took / calls for later, earlier in zip(after, before, strict=True))
    return Step(calls, sessions, sip, outcome)


async def torture(port: int, times: int = 5) -> list[tuple[str, float]]:
    """For each message, the median time of an OPTIONS behind it, in milliseconds; the first is an OPTIONS alone."""
    found = []
    for path in (None, *sorted(MESSAGES.glob("*.dat"))):
        spent = []
        for _ in range(times):
            async with wire(port) as line:
                if path is not None:
                    line.send(path.read_bytes()[:60_000])
                spent.append(1000 * await line.ping())
        found.append(("OPTIONS alone" if path is None else path.stem, median(spent)))
    return found


def steps_table(rows: list[tuple[str, Step]]) -> Table:
    table = Table(title=f"CPU of a call with RTP both ways (aim: {AIM} calls a core)")
    for column in ("", "calls", "failed", "sessions, ms/call·s", "SIP, ms/call·s", "calls a core"):
        table.add_column(column, justify="right")
    for name, row in rows:
        figures = (f"{row.sessions:.2f}", f"{row.sip:.2f}", f"{row.per_core:.0f}")
        table.add_row(name, str(row.calls), str(row.outcome.failed), *figures)
    return table


def torture_table(found: list[tuple[str, float]]) -> Table:
    table = Table(title="RFC 4475: an OPTIONS behind each message, median of 5")
    table.add_column("message")
    table.add_column("ms", justify="right")
    slowest = sorted(found[1:], key=lambda row: -row[1])[:5]
    for name, spent in (found[0], *slowest):
        table.add_row(name, f"{spent:.2f}")
    table.caption = f"the five slowest of {len(found) - 1}; {sum(spent > 5 for _, spent in found[1:])} over 5 ms"
    return table


async def measure(order: argparse.Namespace, place: Path, tell: Tell, show: Callable[[Table], None]) -> None:
    """All of it, told step by step."""
    sound = callers_sound(place)
    rows: list[tuple[str, Step]] = []
    for name, opened in (("echo", echo()), ("gateway", gateway(place))):
        tell(f"starting the {name} …")
        async with opened as server:
            for calls in order.steps:
                tell(f"{name}: {calls} calls for {order.seconds:g} s …")
                rows.append((name, await step(server, place, sound, calls, order.seconds)))
            if name == "gateway" and MESSAGES.is_dir():
                show(torture_table(await torture(server.port)))
            tell(f"{name}: {order.calls} calls at {order.rate:g} a second, each held {order.hold:g} s …")
            stormed = await storm(server, place, sound, order.calls, order.rate, order.hold)
            rows.append((f"{name}, storm", stormed))
            tell(f"{name}: {stormed.outcome.successful} succeeded, {stormed.outcome.failed} failed")
    show(steps_table(rows))


def main() -> None:
    """Measure, or be the echo."""
    if ECHO in sys.argv:
        asyncio.run(be_echo(int(sys.argv[-1])))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rate", type=float, default=15.0)
    parser.add_argument("--hold", type=float, default=20.0)
    parser.add_argument("--steps", type=lambda text: [int(part) for part in text.split(",")], default=[10, 20, 40])
    parser.add_argument("--seconds", type=float, default=10.0)
    console = Console(soft_wrap=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="aicc-sip-") as place:
        asyncio.run(measure(parser.parse_args(), Path(place), console.print, console.print))


if __name__ == "__main__":
    main()
