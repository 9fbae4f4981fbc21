"""From the ledger to the collector: what this node makes durable, nothing of other nodes, gaps read again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import pytest

from gateway.analytics.following import follow_node
from gateway.analytics.tracing import tracer as tracers
from gateway.analytics.tracing.call_trace import Ids
from gateway.analytics.tracing.tracer import Tracer, tracing
from gateway.session import followers
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent
from gateway.session.store import ContactLog
from infra.settings import TracesSettings
from infra.storage.database import Database
from infra.telemetry.metrics import metrics
from infra.telemetry.spans import Span
from tests.gateway.analytics.tracing.told import TENANT, Told, an_order_is_asked_for
from tests.infra.telemetry.collector import collecting


class Shelf:
    """Stored events of calls; nobody follows it."""

    def __init__(self, events: Sequence[ContactEvent]) -> None:
        self.stored = list(events)
        self.readings = 0

    def subscribe_node(self) -> followers.Follower:
        raise AssertionError("the test tells the tracer itself")

    async def events(
        self, tenant: str, call_id: str, *, after_seq: int = 0, limit: int = 1000
    ) -> Sequence[ContactEvent]:
        self.readings += 1
        return [event for event in self.stored if event.seq > after_seq][:limit]


async def names(events: Sequence[ContactEvent], shelf: Shelf, ratio: float = 1.0) -> list[str]:
    spans: list[Span] = []
    tracer = Tracer(shelf, spans.extend, ratio)
    for event in events:
        await tracer.saw(event)
    return [span.name for span in spans]


def missed(why: str) -> float:
    return metrics.value("aicc_trace_calls_missed_total", {"why": why})


async def test_what_passed_by_is_read_and_the_trace_is_the_same() -> None:
    events = an_order_is_asked_for()
    whole = await names(events, Shelf([]))
    shelf = Shelf(events)
    assert await names([*events[:3], *events[9:]], shelf) == whole
    assert shelf.readings == 1
    assert whole[-2:] == ["call", "wrap_up"]


async def test_a_call_whose_gap_cannot_be_read_is_given_up_and_counted() -> None:
    events, before = an_order_is_asked_for(), missed("unreadable")
    assert await names([events[0], *events[5:]], Shelf(events[:2])) == ["wrap_up"]
    assert missed("unreadable") - before == 1


async def test_an_event_that_comes_twice_counts_once() -> None:
    events = an_order_is_asked_for()
    twice = [one for event in events for one in (event, event) if event.seq > 1]
    assert await names([events[0], *twice[:-1]], Shelf(events)) == await names(events, Shelf(events))


async def test_a_share_of_the_calls_is_chosen_by_their_ids() -> None:
    chosen = []
    for number in range(200):
        told = Told(call=f"call-{number}")
        told(0, "call.offered")
        told(1, "call.ended", reason="completed")
        if await names(told.events, Shelf([]), ratio=0.25):
            chosen.append(Ids(TENANT, f"call-{number}").trace)
    assert 25 <= len(chosen) <= 75
    assert await names(an_order_is_asked_for(), Shelf([]), ratio=0.0) == []


async def test_of_too_many_calls_at_once_the_further_ones_have_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracers, "MOST_CALLS", 1)
    before = missed("too_many")
    first, second = Told(call="one"), Told(call="two")
    for told in (first, second):
        told(0, "call.offered")
        told(1, "call.ended", reason="completed")
    events = [first.events[0], second.events[0], second.events[1], first.events[1]]
    assert await names(events, Shelf([])) == ["call"]
    assert missed("too_many") - before == 1


async def test_a_call_in_the_ledger_arrives_at_the_collector(database: Database) -> None:
    tenant, call = f"t-{uuid.uuid4().hex}", uuid.uuid4().hex
    ledger = ContactLog(database, f"node-{uuid.uuid4().hex}")
    other = ContactLog(database, f"node-{uuid.uuid4().hex}")
    await ledger.start()
    await other.start()
    try:
        with collecting() as collector:
            settings = TracesSettings(endpoint=collector.endpoint)
            async with tracing(ledger, settings, "node-1"):
                await asyncio.sleep(0)  # the follower stands
                for log in (ledger.open_call(tenant=tenant, call_id=call, line="1", language="en"),
                            other.open_call(tenant=tenant, call_id=f"{call}-2", line="1", language="en")):  # fmt: skip
                    log.append("caller.turn", {"turn": 1, "text": "my name is Minji", "silent": False})
                    log.append("reply.decided", {"turn": 1, "reply": 1, "decision": "answer", "text": "Hello Minji"})
                    log.end("completed")
                    await log.acknowledged()
            spans = collector.spans
            (resource,) = collector.requests[0].resource_spans
            assert b"Minji" not in b"".join(collector.bodies)
    finally:
        await ledger.close()
        await other.close()
    assert {span.trace_id for span in spans} == {Ids(tenant, call).trace.to_bytes(16)}
    assert {span.name for span in spans} == {"call", "turn", "reply", f"invoke_agent {tenant}"}
    assert {one.key: one.value.string_value for one in resource.resource.attributes} == {
        "service.name": "aicc",
        "service.instance.id": "node-1",
    }


async def test_without_a_collector_nothing_is_followed() -> None:
    class Unfollowed(MemoryContactLog):
        def subscribe_node(self) -> followers.Follower:
            raise AssertionError("nobody asked for traces")

    async with tracing(Unfollowed(), TracesSettings(), "node-1"):
        await asyncio.sleep(0)


async def test_who_was_cut_off_follows_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "MOST_WAITING", 5)
    ledger, spans = MemoryContactLog(), list[Span]()
    await ledger.start()
    running = asyncio.create_task(follow_node(ledger, Tracer(ledger, spans.extend).saw, "not traced"))
    await asyncio.sleep(0)
    log = ledger.open_call(tenant="t", call_id="c", line="1", language="en")
    await log.acknowledged()
    await asyncio.sleep(0.01)
    for number in range(20):
        log.append("component.failed", {"component": f"c{number}"})
    await log.acknowledged()
    await asyncio.sleep(0.01)
    log.end("completed")
    await log.acknowledged()
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    await ledger.close()
    assert [span.name for span in spans] == ["turn", "call"]
    assert len(spans[0].moments) == 20
