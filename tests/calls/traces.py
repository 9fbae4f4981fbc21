"""Whether a call that was played came out at a collector as its trace: one, whole, and without a word of it."""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.analytics.tracing.call_trace import Ids
from tests.calls.exchange import tenant_of
from tests.calls.performance import Played
from tests.infra.telemetry.collector import Collector

SHORTEST = 12
"""Characters of what somebody said that stand nowhere else by chance."""

CALLER = "+15550100"


def untold(played: Played, collector: Collector) -> Iterator[str]:
    """What is wrong with a call's trace; nothing, when all is as it should be."""
    tenant = tenant_of(played.scenario)
    own = Ids(tenant, played.call).trace.to_bytes(16)
    spans = [span for span in collector.spans if span.trace_id == own]
    for problem in (
        *_shape(spans),
        *_turns(played, spans),
        *_agents(played, spans, tenant),
        *_words(played, collector),
    ):
        yield f"{played.scenario.name}: {problem}"


def _shape(spans: list[Span]) -> Iterator[str]:
    """One call, in which everything else has its place and its time."""
    roots = [span for span in spans if not span.parent_span_id]
    if [span.name for span in roots] != ["call"]:
        yield f"its trace has the roots {[span.name for span in roots]}"
        return
    known = {span.span_id for span in spans}
    if len(known) != len(spans):
        yield "a span was sent twice"
    for span in spans:
        if span.parent_span_id and span.parent_span_id not in known:
            yield f"{span.name} is a part of nothing"
        if span.start_time_unix_nano > span.end_time_unix_nano:
            yield f"{span.name} ends before it begins"


def _turns(played: Played, spans: list[Span]) -> Iterator[str]:
    """A span for each turn, and its stages: what was heard, and every reply with how it was spoken."""
    turns = {span.span_id: span for span in spans if span.name == "turn"}
    asked = [event.payload["turn"] for event in played.events if event.kind == "caller.turn"]
    told = [number for span in turns.values() if (number := _number(span, "aicc.turn")) != 0]
    if sorted(told) != sorted(asked):
        yield f"turns {asked} were taken, and {sorted(told)} are told of"
    decided = [event.payload["reply"] for event in played.events if event.kind == "reply.decided"]
    replies = [span for span in spans if span.name == "reply"]
    if len(replies) != len(decided):
        yield f"{len(decided)} replies were decided, and {len(replies)} are told of"
    if any(reply.parent_span_id not in turns for reply in replies):
        yield "a reply belongs to no turn"
    stages = {span.name for span in spans if span.parent_span_id in {reply.span_id for reply in replies}}
    heard = [event for event in played.events if event.kind == "reply.heard" and event.payload["text"]]
    if heard and not stages >= {"synthesis", "playback", "speech"}:
        yield f"of its replies only {sorted(stages)} are told of"


def _agents(played: Played, spans: list[Span], tenant: str) -> Iterator[str]:
    """The dialog's work, as the conventions for generative AI want it."""
    agents = [span for span in spans if span.name == f"invoke_agent {tenant}"]
    answered = {e.payload["turn"] for e in played.events if e.kind == "reply.decided" and e.payload["turn"]}
    if answered and not agents:
        yield "nobody answered in it"
    wanted = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": tenant,
        "gen_ai.conversation.id": played.call,
    }
    for span in agents:
        told = {one.key: one.value.string_value for one in span.attributes}
        if {key: told.get(key) for key in wanted} != wanted:
            yield f"its agent is told of as {told}"


def _words(played: Played, collector: Collector) -> Iterator[str]:
    """Nothing that was said, by anybody, and not who called."""
    sent = b"".join(collector.bodies)
    said = {str(event.payload.get("text", "")) for event in played.events}
    for text in (*(text for text in said if len(text) >= SHORTEST), CALLER, CALLER.removeprefix("+")):
        if text.encode() in sent:
            yield f"{text!r} stands in a trace"


def _number(span: Span, key: str) -> int | None:
    return next((one.value.int_value for one in span.attributes if one.key == key), None)
