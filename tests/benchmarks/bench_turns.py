"""Time to first audio after the end of the caller's speech, stage by stage, over real calls to a real gateway.

    python -m tests.benchmarks.bench_turns [--turns 32] [--data DIR]

The floor in the same run is what endpointing alone waits: a gateway that answered in no time could not be quicker.
The caller's own figure (first audible sound at their ear) is measured by the client, not by the gateway.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import yaml

from gateway.commands.call import find_line
from gateway.commands.place_call import place_call
from tests.house import EXAMPLE, running_gateway


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


async def measure(turns: int, data: Path) -> dict[str, Any]:
    """Make calls until that many turns were answered; the figures in milliseconds."""
    callers = yaml.safe_load((EXAMPLE / "calls" / "callers.yaml").read_text(encoding="utf-8"))["callers"]
    audio = [str(EXAMPLE / "calls" / caller["file"]) for caller in callers if caller.get("bench")]
    stages: dict[str, list[float]] = {}
    at_ear: list[float] = []

    def note(event: dict[str, Any]) -> None:
        if event["kind"] == "reply.started" and event["payload"].get("stages"):
            for stage, seconds in event["payload"]["stages"].items():
                stages.setdefault(stage, []).append(seconds * 1000)

    async with running_gateway(data) as house:
        tenant, line = await find_line(house.gateway, "hanbit-en")
        while len(stages.get("total", [])) < turns:
            placed = await place_call(
                house.gateway, tenant=tenant, number=line["number"], audio=audio, on_event=note, save=None
            )
            at_ear += [seconds * 1000 for seconds in placed.response_times]
            print(f"  {len(stages.get('total', []))} of {turns} turns", flush=True)
    result: dict[str, Any] = {"turns": len(stages["total"])}
    print(f"\n{'stage':<14}{'median ms':>12}{'p95 ms':>10}{'of total':>10}")
    total = statistics.median(stages["total"])
    for stage, values in stages.items():
        middle, high = statistics.median(values), percentile(values, 0.95)
        print(f"{stage:<14}{middle:>12.0f}{high:>10.0f}{middle / total:>9.0%}")
        result[stage] = {"p50_ms": round(middle, 1), "p95_ms": round(high, 1)}
    print(f"{'at the ear':<14}{statistics.median(at_ear):>12.0f}{percentile(at_ear, 0.95):>10.0f}")
    result["at_ear"] = {"p50_ms": round(statistics.median(at_ear), 1), "p95_ms": round(percentile(at_ear, 0.95), 1)}
    floor = statistics.median(stages["endpointing"])
    print(f"\nfloor (endpointing alone) {floor:.0f} ms; all else adds {total - floor:.0f} ms: {total / floor:.2f} x")
    result["ratio_to_floor"] = round(total / floor, 3)
    return result


def main() -> None:
    """Measure and print; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=32)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    if arguments.data is not None:
        result = asyncio.run(measure(arguments.turns, arguments.data))
    else:
        with tempfile.TemporaryDirectory(prefix="aicc-bench-") as place:
            result = asyncio.run(measure(arguments.turns, Path(place)))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
