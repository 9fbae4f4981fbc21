"""Follows what this node writes of its calls, and sends each call's trace to a collector.

It stands behind the ledger: what is traced is durable, and nothing of a call waits for it. Events that passed by (the
follower was cut off) are read from the ledger, as long as the call goes on. Of a call whose process died, whoever
closes its record sends what that process could not: the spans that its end ends, the call's own among them.

Refuses: what is in a span (``call_trace``), and how it gets out (``infra.telemetry.traces``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from gateway.analytics.following import FollowedLedger, following
from gateway.analytics.tracing.call_trace import CallTrace, Ids, afterwards
from gateway.analytics.tracing.conventions import SCHEMA, SCOPE
from gateway.session.records import ContactEvent, EventKind
from infra.settings import TracesSettings
from infra.supervision import ended, supervised
from infra.telemetry.metrics import metrics
from infra.telemetry.spans import Span
from infra.telemetry.traces import SpanSender, otlp

MOST_CALLS = 5_000
"""Calls that are traced at once; of further ones there is no trace."""

PAGE = 1_000
"""Events of a lost call that are read at once."""

FLUSH_WITHIN = 5.0
"""Seconds that a node that stops gives the collector to take the rest."""

_MISSED = metrics.counter("aicc_trace_calls_missed", "Calls without a trace, or with a part of one", ("why",))

Take = Callable[[Iterable[Span]], None]
"""Where finished spans go. Must not wait."""


class TracedLedger(FollowedLedger, Protocol):
    """What tracing needs of the ledger."""

    @property
    def lost_calls(self) -> asyncio.Queue[tuple[str, str]]:
        """See ``gateway.session.ledger.Ledger``."""

    async def events(
        self, tenant: str, call_id: str, *, after_seq: int = 0, limit: int = 1000
    ) -> Sequence[ContactEvent]:
        """See ``gateway.session.ledger.Ledger``."""


class Tracer:
    """The traces of a node's calls; of the share ``ratio`` of them, chosen by their ids: all nodes choose the same."""

    def __init__(self, ledger: TracedLedger, take: Take, ratio: float = 1.0) -> None:
        self._ledger = ledger
        self._take = take
        self._below = int(ratio * 2**64)
        self._calls: dict[tuple[str, str], tuple[CallTrace, int]] = {}
        """Calls that go on, with the number of the last event that was taken."""

    async def saw(self, event: ContactEvent) -> None:
        """Take one durable event. Raises the ledger's errors where it has to be read; then the call is given up."""
        key = (event.tenant, event.call_id)
        if event.seq == 1:
            self._begin(key, event)
            return
        known = self._calls.get(key)
        if known is None:
            self._after(event)
            return
        trace, last = known
        if event.seq > last + 1:
            del self._calls[key]  # unless it can be read
            missed = await self._ledger.events(*key, after_seq=last, limit=event.seq - last)
            if not missed or missed[-1].seq != event.seq:
                _MISSED.labels("unreadable").inc()
                return
            self._calls[key] = trace, last
            for one in missed:
                self._next(key, trace, one)
        elif event.seq == last + 1:
            self._next(key, trace, event)

    async def lost(self, tenant: str, call: str) -> None:
        """Send what ends with the end of a call whose process died; the rest was sent by that one, or is lost.

        Raises the ledger's errors.
        """
        trace: CallTrace | None = None
        seen = 0
        while page := await self._ledger.events(tenant, call, after_seq=seen, limit=PAGE):
            for event in page:
                if trace is None:
                    if event.kind != EventKind.CALL_OFFERED or not self._chosen(event):
                        return
                    trace = CallTrace(event)
                    continue
                spans = trace.take(event)
                if trace.ended:
                    self._take(spans)
                    return
            seen = page[-1].seq
        _MISSED.labels("unreadable").inc()

    async def keep_ending(self) -> None:
        """Do so for each lost call that this node has closed, until cancelled."""
        while True:
            tenant, call = await self._ledger.lost_calls.get()
            await supervised(self.lost(tenant, call), f"not traced: the end of lost call {call}")

    def _begin(self, key: tuple[str, str], offered: ContactEvent) -> None:
        if not self._chosen(offered):
            return
        if len(self._calls) < MOST_CALLS:
            self._calls[key] = CallTrace(offered), offered.seq
        else:
            _MISSED.labels("too_many").inc()

    def _next(self, key: tuple[str, str], trace: CallTrace, event: ContactEvent) -> None:
        if trace.ended:
            self._after(event)
            return
        self._take(trace.take(event))
        self._calls[key] = trace, event.seq
        if trace.ended:
            del self._calls[key]

    def _after(self, event: ContactEvent) -> None:
        spans = afterwards(event)
        if spans and self._chosen(event):
            self._take(spans)

    def _chosen(self, event: ContactEvent) -> bool:
        return Ids(event.tenant, event.call_id).trace % 2**64 < self._below


@asynccontextmanager
async def tracing(ledger: TracedLedger, settings: TracesSettings, node: str) -> AsyncIterator[None]:
    """Send the traces of this ``node``'s calls while this is open, if the settings name a collector."""
    if settings.endpoint is None:
        yield
        return
    resource = {"service.name": "aicc", "service.instance.id": node}
    sender = SpanSender(otlp(settings, resource, scope=SCOPE, schema=SCHEMA), settings.queue)
    sending = asyncio.create_task(sender.run(), name="send spans")
    try:
        tracer = Tracer(ledger, sender.put, settings.ratio)
        async with following(ledger, tracer.saw, "not traced"):
            ending = asyncio.create_task(tracer.keep_ending(), name="trace the ends of lost calls")
            try:
                yield
            finally:
                await ended(ending)
    finally:
        sending.cancel()
        await asyncio.wait({sending})
        await sender.close(FLUSH_WITHIN)
