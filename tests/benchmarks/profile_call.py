"""Where the microseconds of a call go: CPU time of the gateway's loop thread under N calls, by room and by function.

    python -m tests.benchmarks.profile_call [--calls 20] [--seconds 15] [--top 40] [--mode turn|feed]

cProfile runs in the gateway's own loop thread, with the thread's CPU time for a clock (waiting costs nothing) and with
built-ins counted in their callers. It makes everything slower, small functions most: trust the order, not the sums. The
sums without it stand beside: CPU per call and second of the process, and the share of each of its threads.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from gateway.commands.bench.generators import generate
from gateway.commands.bench.load import LoadOutcome, LoadPlan
from gateway.commands.bench.measured_tenant import MeasuredTenant, measured_tenant
from gateway.commands.bench.processes import divide, pin
from gateway.commands.gateway_process import GatewayProcess, gateway_process
from gateway.telephony.caller import dial, new_call_sid
from tests.house import EXAMPLE, ROOT

INSIDE = "--inside"
TICK = os.sysconf("SC_CLK_TCK")


def inside(output: Path) -> None:
    """Be the gateway, and profile the loop's thread from SIGUSR1 to SIGUSR2."""
    from gateway.__main__ import main

    profile = cProfile.Profile(time.thread_time, builtins=False)

    def end(*_: object) -> None:
        profile.disable()
        profile.dump_stats(output)

    signal.signal(signal.SIGUSR1, lambda *_: profile.enable(subcalls=True, builtins=False))
    signal.signal(signal.SIGUSR2, end)
    main()


def threads(pid: int) -> dict[int, float]:
    """CPU seconds of each thread of a process; the one with the process's own id runs the loop."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        found[int(task.name)] = (int(fields[11]) + int(fields[12])) / TICK
    return found


def room(file: str) -> str:
    """The room of the house, or the library, that a file belongs to."""
    path = Path(file)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return "/".join(path.relative_to(ROOT).parts[:2]).removesuffix(".py")
    parts = path.parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return f"python: {path.parent.name if path.parent.name in ('asyncio', 'json', 'concurrent') else path.stem}"


def report(stats: pstats.Stats, call_seconds: float, top: int) -> None:
    """Print own time by room and by function, in microseconds for each call and second."""
    rows: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    total = sum(row[2] for row in rows.values())
    rooms: Counter[str] = Counter()
    for (file, _, _), row in rows.items():
        rooms[room(file)] += row[2]
    print(f"\nprofiled: {total / call_seconds * 1e6:.0f} µs per call and second (with the profiler's own cost)")
    print(f"\n{'room':<44}{'µs/call·s':>12}{'share':>8}")
    for name, own in rooms.most_common(25):
        print(f"{name:<44}{own / call_seconds * 1e6:>12.0f}{own / total:>8.1%}")
    print(f"\n{'function, by own time':<84}{'calls/s·call':>13}{'own µs':>9}{'with all below µs':>19}")
    for (file, line, name), (_, number, own, below, _) in sorted(rows.items(), key=lambda item: -item[1][2])[:top]:
        where = f"{room(file)} {Path(file).name}:{line} {name}"[:83]
        costs = f"{own / call_seconds * 1e6:>9.0f}{below / call_seconds * 1e6:>19.0f}"
        print(f"{where:<84}{number / call_seconds:>13.1f}{costs}")


def tell(outcome: LoadOutcome, spent: dict[int, float], call_seconds: float, loop: int) -> None:
    """Print what the callers met with, and the CPU time of the process and of each of its threads."""
    print(
        f"\n{outcome.connected} calls, {outcome.failed} failed, {outcome.turns} turns, {outcome.unanswered} unanswered"
    )
    print(f"  gateway {sum(spent.values()) / call_seconds * 1000:.2f} ms per call and second; by thread:")
    for thread, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        if seconds > 0.02:
            name = "the loop" if thread == loop else f"thread {thread}"
            print(f"    {name:<16}{seconds / call_seconds * 1000:>8.2f} ms")
    for name, seen in (("gap", outcome.gaps), ("first audio", outcome.first_audio), ("generator late", outcome.lag)):
        print(
            f"  {name}: p50 {seen.percentile(0.5)} ms, p95 {seen.percentile(0.95)} ms, p99 {seen.percentile(0.99)} ms"
        )


async def observe(house: GatewayProcess, tenant: MeasuredTenant, order: argparse.Namespace, *, profiled: bool) -> float:
    """Load the gateway, profiled or not, and tell what that cost; the call-seconds."""
    offer = await dial(
        f"{house.gateway.url}/telephony/twilio/voice", ani="+15550100", dnis=tenant.number, call_sid=new_call_sid()
    )
    plan = LoadPlan(
        url=offer.url,
        calls=order.calls,
        mode=order.mode,
        seconds=order.seconds,
        begin=time.monotonic() + 2.0,
        parameters=dict(offer.parameters),
        recordings=tuple(map(str, tenant.recordings)),
    )
    load = asyncio.create_task(generate(plan))
    await asyncio.sleep(plan.opens - time.monotonic())
    before = threads(house.pid)
    if profiled:
        os.kill(house.pid, signal.SIGUSR1)
    await asyncio.sleep(plan.closes - time.monotonic())
    if profiled:
        os.kill(house.pid, signal.SIGUSR2)
    after = threads(house.pid)
    outcome = await load
    call_seconds = max(outcome.connected, 1) * order.seconds
    print(f"\n--- {'with' if profiled else 'without'} the profiler")
    tell(outcome, {thread: after[thread] - before.get(thread, 0.0) for thread in after}, call_seconds, house.pid)
    return call_seconds


async def profile(arguments: argparse.Namespace, place: Path) -> None:
    """Start the gateway, load it, print the findings."""
    cores = divide(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores.others)
    output = place / "profile.out"
    tenant = measured_tenant(EXAMPLE, place)
    command = (sys.executable, "-m", "tests.benchmarks.profile_call", INSIDE, str(output))
    settings = {
        **tenant.scripted(),
        "AICC_GATEWAY_NODE": "profile",
        "AICC_GATEWAY_MAX_CALLS": "10000",
        "AICC_GATEWAY_MAX_LOOP_LAG": "10",  # a profiled loop is late, and no call is to be refused for that
    }
    async with gateway_process(place / "data", [tenant.folder], settings, command=command) as house:
        pin(house.pid, frozenset({cores.measured}))
        await observe(house, tenant, arguments, profiled=False)
        call_seconds = await observe(house, tenant, arguments, profiled=True)
        while not output.is_file():
            await asyncio.sleep(0.1)
    report(pstats.Stats(str(output)), call_seconds, arguments.top)


def main() -> None:
    """Profile, or be profiled."""
    if INSIDE in sys.argv:
        at = sys.argv.index(INSIDE)
        output = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
        inside(output)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--mode", choices=("turn", "feed"), default="turn")
    with tempfile.TemporaryDirectory(prefix="aicc-profile-") as place:
        asyncio.run(profile(parser.parse_args(), Path(place)))


if __name__ == "__main__":
    main()
