"""Spans leave over OTLP as they are, and a collector that is away or slow costs spans and nothing else."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.trace.v1 import trace_pb2

from infra.config import load
from infra.errors import ConfigError
from infra.settings import TracesSettings
from infra.telemetry import traces
from infra.telemetry.metrics import metrics
from infra.telemetry.spans import Moment, Span
from infra.telemetry.traces import SpanSender, otlp
from tests.infra.telemetry.collector import collecting
from tests.virtual_time import run

AT = datetime(2026, 11, 22, 9, 0, 0, 123456, UTC)


def span(number: int = 1, **more: object) -> Span:
    return Span(2**127 + 1, number, None, "turn", AT, AT + timedelta(seconds=1), **more)  # type: ignore[arg-type]


def dropped(why: str) -> float:
    return metrics.value("aicc_trace_spans_dropped_total", {"why": why})


class Taker:
    """Takes batches, or refuses them."""

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.batches: list[list[int]] = []

    def __call__(self, spans: Sequence[Span]) -> bool:
        self.batches.append([one.id for one in spans])
        return self.takes


async def end(sender: SpanSender, running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.wait({running})
    await sender.close(within=5)


def test_a_span_arrives_as_it_was_made() -> None:
    settings = TracesSettings(endpoint="http://unused", headers={"authorization": "Bearer abc"})
    with collecting() as collector:
        settings = settings.model_copy(update={"endpoint": collector.endpoint})
        send = otlp(
            settings, {"service.name": "aicc"}, scope="aicc.calls", schema="https://opentelemetry.io/schemas/1.41.0"
        )
        moments = (Moment("barge_in", AT + timedelta(milliseconds=500), {"aicc.reply": 3}),)
        about = {"aicc.turn": 1, "aicc.latency": 0.25, "aicc.silent": False, "aicc.tenant": "hanbit-store"}
        root = span(7, attributes=about, serves=True)
        assert send([root, Span(root.trace, 8, 7, "reply", AT, AT, {}, moments, error="timeout")])
        (request,) = collector.requests
    assert collector.headers[0]["authorization"] == "Bearer abc"
    (of_resource,) = request.resource_spans
    assert [(one.key, one.value.string_value) for one in of_resource.resource.attributes] == [("service.name", "aicc")]
    (of_scope,) = of_resource.scope_spans
    assert (of_scope.scope.name, of_scope.schema_url) == ("aicc.calls", "https://opentelemetry.io/schemas/1.41.0")
    first, second = of_scope.spans
    assert (first.trace_id, first.span_id) == (root.trace.to_bytes(16), (7).to_bytes(8))
    assert (first.parent_span_id, second.parent_span_id) == (b"", first.span_id)
    assert first.kind == trace_pb2.Span.SPAN_KIND_SERVER and second.kind == trace_pb2.Span.SPAN_KIND_INTERNAL
    assert first.end_time_unix_nano - first.start_time_unix_nano == 1_000_000_000
    values = {one.key: one.value for one in first.attributes}
    assert (values["aicc.turn"].int_value, values["aicc.latency"].double_value) == (1, 0.25)
    assert values["aicc.silent"].WhichOneof("value") == "bool_value"
    assert (second.status.code, second.status.message) == (trace_pb2.Status.STATUS_CODE_ERROR, "timeout")
    assert [one.name for one in second.events] == ["barge_in"]


def test_a_collector_that_refuses_is_noticed() -> None:
    with collecting() as collector:
        collector.status = 400
        send = otlp(TracesSettings(endpoint=collector.endpoint), {"service.name": "aicc"}, scope="s", schema="")
        assert not send([span()])
        collector.status = 200
        assert send([span()])


def test_spans_are_gathered_and_what_does_not_fit_is_dropped_and_counted() -> None:
    async def scene() -> None:
        taker, before = Taker(), dropped("full")
        sender = SpanSender(taker, most_waiting=traces.BATCH_SPANS + 2)
        running = asyncio.create_task(sender.run())
        sender.put(span(number) for number in range(1, 4))
        await asyncio.sleep(traces.BATCH_SECONDS / 2)
        sender.put([span(4)])
        assert taker.batches == []
        await asyncio.sleep(traces.BATCH_SECONDS)
        assert taker.batches == [[1, 2, 3, 4]]

        sender.put(span(number) for number in range(1, traces.BATCH_SPANS + 10))
        assert dropped("full") - before == 7
        await asyncio.sleep(2 * traces.BATCH_SECONDS)
        assert [len(batch) for batch in taker.batches] == [4, traces.BATCH_SPANS, 2]
        await end(sender, running)

    run(scene())


def test_a_collector_that_is_away_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        taker, before = Taker(takes=False), dropped("collector")
        sender = SpanSender(taker, most_waiting=10)
        running = asyncio.create_task(sender.run())
        for _ in range(3):
            sender.put([span()])
            await asyncio.sleep(2 * traces.BATCH_SECONDS)
        assert dropped("collector") - before == 3
        taker.takes = True
        sender.put([span()])
        await asyncio.sleep(2 * traces.BATCH_SECONDS)
        await end(sender, running)

    with caplog.at_level(logging.WARNING):
        run(scene())
    assert [record.getMessage() for record in caplog.records] == [
        "the collector takes no spans: they are dropped",
        "the collector takes spans again",
    ]


def test_what_waits_at_the_end_is_sent() -> None:
    async def scene() -> None:
        taker = Taker()
        sender = SpanSender(taker, most_waiting=10)
        sender.put([span(1), span(2)])
        await sender.close(within=5)
        assert taker.batches == [[1, 2]]

    run(scene())


def test_the_settings_name_a_whole_address_and_headers() -> None:
    settings = load(TracesSettings, {"AICC_TRACES_ENDPOINT": "http://c:4318/v1/traces", "AICC_TRACES_HEADERS": "a=b=c"})
    assert settings.headers["a"].get_secret_value() == "b=c"
    assert load(TracesSettings, {}).endpoint is None
    with pytest.raises(ConfigError, match="http://"):
        load(TracesSettings, {"AICC_TRACES_ENDPOINT": "collector:4318"})


async def test_a_collector_that_hangs_does_not_hold_up_the_end() -> None:
    answers, before = threading.Event(), dropped("stopped")
    sender = SpanSender(lambda spans: answers.wait(30), most_waiting=2 * traces.BATCH_SPANS)
    sender.put(span(number) for number in range(traces.BATCH_SPANS + 3))
    await sender.close(within=0.01)
    answers.set()
    assert dropped("stopped") - before == 3  # beside those that it has been given already
