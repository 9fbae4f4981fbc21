"""What a flood of calls does to calls that stand behind the SIP edge, and how long each torture message keeps it.

Run: ``python -m tests.benchmarks.bench_edge [--calls 50] [--rate 1500] [--seconds 10] [--gateways sip:…,sip:…]``

Four times the same: ``--calls`` calls stand, their sound comes from the gateways in 20 ms packets, and five more
callers a second call and hang up. The first and the third time that is all. In between ``--rate`` INVITEs a second come
from an address that nobody has listed, and in the end from a listed one that sends more than was agreed (and fills the
gateways with what it may send, so that new callers hear 503). Gaps between packets are taken from the kernel's time
stamps, so that our own reading does not count. Without ``--gateways`` two stand-ins, in processes of their own, answer
and play; `aicc serve` with SIP is a gateway as well, where 15880000 is a number of its tenant.

It fails where a call or a packet's pace was lost: every call ends as it should, new callers are answered beside
strangers' flood, and the 99th percentile of the gaps grows by at most 5 ms over the louder of the quiet runs.
Everything stays on loopback addresses.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from tests.integration.kamailio.edge import NUMBER, STRANGER, TRUNK, Edge
from tests.integration.kamailio.sip import SDP, Call, Party
from tests.integration.kamailio.sound import FRAME, Sound, rtp, sound_address

SPARE = 5
"""Calls that a stand-in takes beyond its share of those that stand; then it says 486, as the gateway does."""

SECOND_TRUNK = "127.0.0.3"
GROWTH = 0.005
TORTURE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sip" / "rfc4475"
LONGEST_TORTURE = 0.005


def stand_in(pipe: Connection, room: int) -> None:
    """A gateway: answers until it is full, and plays to whoever has called."""

    async def gateway() -> None:
        party = await Party.at("127.0.0.1")
        party.behave = lambda _: 200 if len(party.calls) < room else 486
        pipe.send(party.port)
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sounding: dict[str, tuple[tuple[str, int], int]] = {}
        tick, at = 0, time.perf_counter()
        while not pipe.poll():
            tick += 1
            at += FRAME
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            for call_id, call in party.calls.items():
                if call_id not in sounding:
                    sounding[call_id] = sound_address(call.invite), int.from_bytes(os.urandom(4))
                address, source = sounding[call_id]
                out.sendto(rtp(tick, source), address)
        party.close()

    asyncio.run(gateway())


def flood(pipe: Connection, host: str, edge: tuple[str, int], rate: int, seconds: float) -> None:
    """Send INVITEs, each of a call of its own, and count what comes back; giving way, as if from another machine."""
    os.nice(10)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((host, 0))
    out.setblocking(False)
    port = out.getsockname()[1]
    sent, answers, begun = 0, 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        for _ in range(int(elapsed * rate) - sent):
            sent += 1
            out.sendto(flood_invite((host, port), edge, sent), edge)
        with suppress(BlockingIOError):
            while out.recv(4096):
                answers += 1
        time.sleep(0.002)
    pipe.send((sent, answers))


def flood_invite(flooder: tuple[str, int], edge: tuple[str, int], number: int) -> bytes:
    """One of the flood's."""
    sdp = SDP.format(address=flooder[0], port=9)
    return (
        f"INVITE sip:{NUMBER}@{edge[0]}:{edge[1]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {flooder[0]}:{flooder[1]};branch=z9hG4bKf{number}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:f@{flooder[0]}>;tag=f{number}\r\nTo: <sip:{NUMBER}@{edge[0]}>\r\n"
        f"Call-ID: flood-{flooder[1]}-{number}\r\nCSeq: 1 INVITE\r\n"
        f"Contact: <sip:f@{flooder[0]}:{flooder[1]}>\r\nUser-Agent: dialler\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
    ).encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the three runs."""

    name: str
    p50: float
    p99: float
    longest: float
    packets: float
    """Share of the packets that were due and came."""
    completed: int
    calls: int
    set_up: Sequence[float]
    failed: int
    """New calls, during the run, that were refused."""
    flooded: int
    answered: int
    busy: float
    """Share of one core that the edge had."""


def cpu_seconds(session: int) -> float:
    """What the processes of a session have computed."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def new_calls(caller: Party, edge: Edge, seconds: float) -> tuple[list[float], int]:
    """Five callers a second who call and hang up: how long each waited, and how many got no answer."""
    took, failed = [], 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with suppress(TimeoutError):
            outcome = await caller.call(edge.number(), edge.uri, patience=5.0)
            if isinstance(outcome, Call):
                took.append(outcome.took)
                await outcome.bye()
            else:
                failed += 1
        await asyncio.sleep(0.2)
    return took, failed


async def run(name: str, edge: Edge, calls: int, seconds: float, flooder: str | None, rate: int) -> Outcome:
    """One run from the first call to the last BYE."""
    print(f"{name}: {calls} calls", flush=True)
    sound = Sound(TRUNK)
    sound.start()
    caller, others = await Party.at(TRUNK), await Party.at(TRUNK)
    caller.rtp_port = others.rtp_port = sound.port
    standing = []
    for _ in range(calls):
        outcome = await caller.call(edge.number(), edge.uri)
        assert isinstance(outcome, Call), f"not answered: {outcome.start}"
        standing.append(outcome)
        sound.speak_to([call.answer for call in standing])
        await asyncio.sleep(0.03)  # thirty a second, less than what was agreed
    await asyncio.sleep(1.0)
    known = set(sound.arrivals)
    assert edge.process is not None
    since, before = time.time(), cpu_seconds(edge.process.pid)
    ours, theirs = multiprocessing.Pipe()
    process = None
    if flooder is not None:
        process = multiprocessing.get_context("spawn").Process(
            target=flood, args=(theirs, flooder, (edge.host, edge.port), rate, seconds)
        )
        process.start()
        print(f"  {rate} INVITEs a second from {flooder} for {seconds:g} s", flush=True)
    set_up, failed = await new_calls(others, edge, seconds)
    flooded, answered = await asyncio.to_thread(ours.recv) if process is not None else (0, 0)
    until, after = time.time(), cpu_seconds(edge.process.pid)
    gaps = sound.gaps(known, since, until)
    completed = 0
    for call in standing:
        with suppress(TimeoutError):
            completed += not call.ended.is_set() and (await call.bye()).code == 200
    sound.end()
    if process is not None:
        process.join()
    caller.close()
    others.close()
    points = quantiles(gaps, n=100)
    due = calls * (until - since) / FRAME
    busy = (after - before) / (until - since)
    return Outcome(
        name,
        points[49],
        points[98],
        max(gaps),
        len(gaps) / due,
        completed,
        calls,
        set_up,
        failed,
        flooded,
        answered,
        busy,
    )


async def torture(edge: Edge, folder: Path, times: int = 5) -> list[tuple[str, float]]:
    """Each message's time: until an OPTIONS sent right behind it is answered, less what that takes alone; medians."""
    party = await Party.at(TRUNK)

    async def asked(data: bytes) -> float:
        request = party.outside("OPTIONS", edge.uri)
        begun = time.perf_counter()
        if data:
            party.send_bytes(data, (edge.host, edge.port))
        assert (await party.ask(request, edge.uri)).code == 200
        return time.perf_counter() - begun

    alone = median([await asked(b"") for _ in range(50)])
    took = []
    for path in sorted(folder.glob("*.dat")):
        data = path.read_bytes()[:65000]
        took.append((path.stem, max(0.0, median([await asked(data) for _ in range(times)]) - alone)))
    party.close()
    return took


def table_of(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="Calls that stand while others flood")
    for column in ("", "gap p50 ms", "p99 ms", "longest ms", "packets", "completed", "new calls p50/max ms", "refused"):
        table.add_column(column, justify="right")
    for column in ("flood", "answered", "edge, of a core"):
        table.add_column(column, justify="right")
    for it in outcomes:
        new = f"{median(it.set_up) * 1e3:.1f}/{max(it.set_up) * 1e3:.0f} ({len(it.set_up)})" if it.set_up else "none"
        gaps = (f"{seconds * 1e3:.2f}" for seconds in (it.p50, it.p99, it.longest))
        ends = f"{it.completed}/{it.calls}"
        flood = (str(it.flooded), str(it.answered), f"{it.busy:.0%}")
        table.add_row(it.name, *gaps, f"{it.packets:.1%}", ends, new, str(it.failed), *flood)
    return table


def found_wanting(outcomes: Sequence[Outcome], tortured: Sequence[tuple[str, float]]) -> list[str]:
    """What was promised and not held."""
    quiet = max(it.p99 for it in outcomes if not it.flooded)
    wrong = [f"{it.name}: {it.calls - it.completed} calls lost" for it in outcomes if it.completed < it.calls]
    wrong += [f"{it.name}: {it.failed} new calls failed" for it in outcomes[:-1] if it.failed]
    grown = [(it.name, it.p99 - quiet) for it in outcomes if it.flooded]
    wrong += [f"{name}: gaps grew by {growth * 1e3:.1f} ms" for name, growth in grown if growth > GROWTH]
    wrong += [f"{name}: {seconds * 1e3:.1f} ms" for name, seconds in tortured if seconds > LONGEST_TORTURE]
    return wrong


async def bench(arguments: argparse.Namespace, console: Console) -> list[str]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aicc-bench-edge-")))
        gateways = arguments.gateways.split(",") if arguments.gateways else started(stack, 2, arguments.calls)
        # A second trunk, listed like the first, is the one that sends too much.
        edge = Edge(folder, gateways, {"EDGE_TRUNK_RATE": "50"}, trunks=(TRUNK, SECOND_TRUNK))
        await edge.start()
        stack.callback(edge.stop)
        floods = (
            ("quiet", None),
            ("flood, not listed", STRANGER),
            ("quiet, again", None),
            ("flood, listed", SECOND_TRUNK),
        )
        outcomes = [
            await run(name, edge, arguments.calls, arguments.seconds, flooder, arguments.rate)
            for name, flooder in floods
        ]
        console.print(table_of(outcomes))
        tortured = await torture(edge, arguments.torture)
        if tortured:
            name, longest = max(tortured, key=lambda one: one[1])
            middle = median(seconds for _, seconds in tortured) * 1e3
            print(f"{len(tortured)} torture messages: median {middle:.2f} ms, longest {longest * 1e3:.2f} ms ({name})")
        else:
            print(f"no torture messages in {arguments.torture}")
        return found_wanting(outcomes, tortured)


def started(stack: ExitStack, count: int, calls: int) -> list[str]:
    """The addresses of stand-ins, which end with the stack."""
    addresses, room = [], -(-calls // count) + SPARE
    for _ in range(count):
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=stand_in, args=(theirs, room), daemon=True)
        process.start()
        stack.callback(process.join, 5)
        stack.callback(ours.send, "end")
        addresses.append(f"sip:127.0.0.1:{ours.recv()}")
    return addresses


def main(arguments: argparse.Namespace) -> int:
    wrong = asyncio.run(bench(arguments, Console(width=160)))
    print("held" if not wrong else "NOT HELD: " + "; ".join(wrong))
    return len(wrong) > 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--rate", type=int, default=1500, help="INVITEs a second of a flood")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--gateways", default="", help="sip: addresses of gateways that run, instead of stand-ins")
    parser.add_argument("--torture", type=Path, default=TORTURE, help="folder of the messages of RFC 4475")
    sys.exit(main(parser.parse_args()))
