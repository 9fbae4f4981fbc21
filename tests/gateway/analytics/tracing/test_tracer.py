"""From the ledger to the collector: what this node makes durable, nothing of other nodes, gaps read again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta

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
from tests.gateway.analytics.tracing.told import BEGAN, CALL, TENANT, Told, an_order_is_asked_for
from tests.infra.telemetry.collector import Collector, collecting
from tests.postgres import until
from tests.sealed_numbers import numbers
from tests.virtual_time import run


class Shelf:
    """Stored events of calls; nobody follows it."""

    def __init__(self, events: Sequence[ContactEvent]) -> None:
        self.stored = list(events)
        self.readings = 0
        self.lost_calls: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

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
    ledger = ContactLog(database, f"node-{uuid.uuid4().hex}", numbers)
    other = ContactLog(database, f"node-{uuid.uuid4().hex}", numbers)
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


def lost_in_mid_call() -> list[ContactEvent]:
    """A call in a queue, whose process died; others closed its record an hour later."""
    told = Told()
    told(0.0, "call.offered", line="1", language="en", direction="inbound", channel="voice")
    told(1.0, "caller.turn", turn=1, text="my name is Minji", silent=False)
    told(2.0, "reply.decided", turn=1, reply=1, decision="answer", text="Hello Minji")
    told(3.0, "handoff.queued", handoff="h1", reason="asked", queue="orders", skills=[], summary={})
    heard = (BEGAN + timedelta(seconds=3.0)).isoformat()
    told(3600.0, "call.ended", reason="node_lost", node="n", last_heard_of=heard, abandoned_handoffs=[])
    return told.events


async def test_of_a_lost_call_those_are_sent_that_its_process_could_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracers, "PAGE", 2)
    events = lost_in_mid_call()
    before, after = list[Span](), list[Span]()
    alive = Tracer(Shelf([]), before.extend)
    for event in events[:-1]:
        await alive.saw(event)
    await Tracer(Shelf(events), after.extend).lost(TENANT, CALL)
    assert not {span.id for span in before} & {span.id for span in after}, "nothing is told twice"
    whole: list[Span] = []
    tracer = Tracer(Shelf([]), whole.extend)
    for event in events:
        await tracer.saw(event)
    assert {span.id for span in (*before, *after)} == {span.id for span in whole}
    root = after[-1]
    assert (root.name, root.parent, root.error) == ("call", None, "node_lost")
    assert {span.name for span in after} >= {"turn", "queue", "reply"}
    assert max(span.end for span in after) == BEGAN + timedelta(seconds=3), "when it was last heard of"


async def test_of_a_lost_call_that_was_not_chosen_or_is_cut_off_there_is_nothing() -> None:
    events, before = lost_in_mid_call(), missed("unreadable")
    spans: list[Span] = []
    await Tracer(Shelf(events), spans.extend, ratio=0.0).lost(TENANT, CALL)
    await Tracer(Shelf(events[:-1]), spans.extend).lost(TENANT, CALL)
    await Tracer(Shelf([]), spans.extend).lost(TENANT, CALL)
    assert spans == []
    assert missed("unreadable") - before == 2


async def test_a_call_whose_node_died_has_a_whole_trace_after_the_next_start(database: Database) -> None:
    tenant, call, node = f"t-{uuid.uuid4().hex}", uuid.uuid4().hex, f"node-{uuid.uuid4().hex}"
    dead, next_one = (ContactLog(database, node, numbers) for _ in range(2))
    await dead.start()
    with collecting() as collector:
        settings = TracesSettings(endpoint=collector.endpoint)
        async with tracing(dead, settings, node):
            await asyncio.sleep(0)  # the follower stands
            log = dead.open_call(tenant=tenant, call_id=call, line="1", language="en")
            for turn in (1, 2):
                log.append("caller.turn", {"turn": turn, "text": "my name is Minji", "silent": False})
            await log.acknowledged()
        assert await next_one.start() >= 1
        try:
            async with tracing(next_one, settings, node):
                await until(lambda: ended(collector, tenant, call))
        finally:
            await next_one.close()
            await dead.close()
        spans = [span for span in collector.spans if span.trace_id == Ids(tenant, call).trace.to_bytes(16)]
    assert [span.name for span in spans if not span.parent_span_id] == ["call"]
    assert len({span.span_id for span in spans}) == len(spans)
    ids = {span.span_id for span in spans}
    assert all(span.parent_span_id in ids for span in spans if span.parent_span_id)
    assert sum(span.name == "turn" for span in spans) == 2


async def ended(collector: Collector, tenant: str, call: str) -> bool:
    """Whether the collector was told of a call's end."""
    own = Ids(tenant, call).root.to_bytes(8)
    return any(span.span_id == own for span in collector.spans)


async def test_without_a_collector_nothing_is_followed() -> None:
    going_on = asyncio.all_tasks()
    async with tracing(MemoryContactLog(), TracesSettings(), "node-1"):
        assert asyncio.all_tasks() == going_on


def test_who_was_cut_off_follows_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "MOST_WAITING", 5)
    spans = list[Span]()

    async def scene() -> None:
        ledger = MemoryContactLog()
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

    run(scene())
    assert [span.name for span in spans] == ["turn", "call"]
    assert len(spans[0].moments) == 20
