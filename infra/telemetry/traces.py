"""Traces for a collector: finished spans are queued without waiting, and sent over OTLP/HTTP beside the program.

A span is plain data (``spans``), made by whoever knows what happened; nothing here looks at a clock or at a context.
The queue is bounded. Policy: what does not fit is dropped, the newest first, and counted, and so is what the collector
did not take within the time limit. A collector that is away costs spans, never calls.

Source: OpenTelemetry Protocol 1.x, "OTLP/HTTP" (binary protobuf), sent by the SDK's own exporter.

Refuses: deciding what is in a span; sampling, which whoever makes the spans does by their trace.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from infra.settings import TracesSettings
from infra.telemetry.metrics import metrics
from infra.telemetry.spans import Span, nanoseconds

BATCH_SPANS = 512
"""Spans in one request at most."""

BATCH_SECONDS = 1.0
"""Seconds that spans are gathered for one request."""

_SENT = metrics.counter("aicc_trace_spans_sent", "Spans that the collector took")
_DROPPED = metrics.counter(
    "aicc_trace_spans_dropped", "Spans dropped: the queue was full, or the collector did not take them", ("why",)
)
for _why in ("full", "collector", "stopped"):
    _DROPPED.labels(_why)  # nought from the beginning: an alert sees a rise only from something
_WAITING = metrics.gauge("aicc_trace_spans_waiting", "Spans that wait to be sent")

log = logging.getLogger(__name__)


Export = Callable[[Sequence[Span]], bool]
"""Sends spans and says whether they were taken. May block for as long as its time limit; called in a thread."""


class SpanSender:
    """A bounded queue of finished spans, and the task that sends them."""

    def __init__(self, export: Export, most_waiting: int) -> None:
        self._export = export
        self._most = most_waiting
        self._queue: deque[Span] = deque()
        self._news = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spans")
        self._refused = False

    def put(self, spans: Iterable[Span]) -> None:
        """Take spans to be sent. Never waits; on the event loop."""
        for span in spans:
            if len(self._queue) >= self._most:
                _DROPPED.labels("full").inc()
            else:
                self._queue.append(span)
        _WAITING.set(len(self._queue))
        if self._queue:
            self._news.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._news.wait()
            if len(self._queue) < BATCH_SPANS:
                await asyncio.sleep(BATCH_SECONDS)
            await self._send()

    async def close(self, within: float) -> None:
        """Send what waits, once ``run`` has ended; what is not sent ``within`` seconds is dropped."""
        try:
            async with asyncio.timeout(within):
                while self._queue:
                    await self._send()
        except TimeoutError:
            _DROPPED.labels("stopped").inc(len(self._queue))
            self._queue.clear()
            _WAITING.set(0)
        finally:
            self._thread.shutdown(wait=False)

    async def _send(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(BATCH_SPANS, len(self._queue)))]
        if not self._queue:
            self._news.clear()
        _WAITING.set(len(self._queue))
        taken = await asyncio.get_running_loop().run_in_executor(self._thread, self._export, batch)
        if taken:
            _SENT.inc(len(batch))
        else:
            _DROPPED.labels("collector").inc(len(batch))
        if taken == self._refused:  # said once, when it changes
            self._refused = not taken
            log.warning("the collector takes %s", "spans again" if taken else "no spans: they are dropped")


def otlp(settings: TracesSettings, resource: Mapping[str, str], *, scope: str, schema: str) -> Export:
    """What sends spans to the collector of the settings, as those of ``resource`` (its attributes, such as
    ``service.name``), instrumented by ``scope`` after the conventions at ``schema`` (a schema URL)."""
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    exporter = OTLPSpanExporter(
        endpoint=settings.endpoint,
        headers={name: value.get_secret_value() for name, value in settings.headers.items()},
        timeout=settings.timeout,
        compression=Compression.Gzip,
    )
    # That a collector is away is told by the sender, once, and counted; not for every batch.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.CRITICAL)
    made_by = InstrumentationScope(scope, schema_url=schema)
    whose = Resource(dict(resource), schema_url=schema)

    def context(trace: int, span: int) -> SpanContext:
        return SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))

    def readable(span: Span) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            context=context(span.trace, span.id),
            parent=None if span.parent is None else context(span.trace, span.parent),
            resource=whose,
            attributes=dict(span.attributes),
            events=[Event(one.name, dict(one.attributes), nanoseconds(one.at)) for one in span.moments],
            kind=SpanKind.SERVER if span.serves else SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.UNSET),
            start_time=nanoseconds(span.start),
            end_time=nanoseconds(span.end),
            instrumentation_scope=made_by,
        )

    def export(spans: Sequence[Span]) -> bool:
        return exporter.export([readable(span) for span in spans]) is SpanExportResult.SUCCESS

    return export
