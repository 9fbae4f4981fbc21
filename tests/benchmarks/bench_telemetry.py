"""What telemetry costs the loop that calls run on: for each contact event, counting it and tracing it.

Run: ``python -m tests.benchmarks.bench_telemetry [--calls 400]``

A call with 30 events (two turns, a search, an action, a person) is taken again and again under other ids, by the
counter and by the tracer; spans are put into the queue and thrown away there, as when a collector is away. Beside it,
in the same run, what the ledger itself needs to make such an event ready to be written: its payload encoded and
decoded.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from gateway.analytics.call_metrics import CallMetrics
from gateway.analytics.following import Saw
from gateway.analytics.tracing.tracer import Tracer
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent, decode, encode
from infra.telemetry.traces import SpanSender
from tests.gateway.analytics.tracing.told import an_order_is_asked_for

ROUNDS = 3


async def seconds(saw: Saw, events: Sequence[ContactEvent]) -> float:
    """For each event."""
    begun = time.perf_counter()
    for event in events:
        await saw(event)
    return (time.perf_counter() - begun) / len(events)


async def only_encoded(event: ContactEvent) -> None:
    decode(encode(event.payload))


async def measured(calls: int) -> dict[str, float]:
    one = an_order_is_asked_for()
    events = [replace(event, call_id=f"call-{number}") for number in range(calls) for event in one]
    ledger = MemoryContactLog()
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        sender = SpanSender(lambda spans: False, most_waiting=8192)
        works: dict[str, Saw] = {
            "made ready by the ledger": only_encoded,
            "counted": CallMetrics().saw,
            "traced": Tracer(ledger, sender.put).saw,
            "traced, one call in ten": Tracer(ledger, sender.put, 0.1).saw,
        }
        for name, saw in works.items():
            best[name] = min(best.get(name, 1.0), await seconds(saw, events))
        await sender.close(within=5)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=400)
    found = asyncio.run(measured(parser.parse_args().calls))
    table = Table("a contact event is", "µs", "times the ledger's", title="Best of three rounds", box=None)
    for name, took in found.items():
        table.add_row(name, f"{took * 1e6:.1f}", f"{took / found['made ready by the ledger']:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
