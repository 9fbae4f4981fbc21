"""The trace of a call that a real session ran: what it writes down is what the trace is made of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dialog.reply import Decision, Expectation
from gateway.analytics.tracing.call_trace import CallTrace
from gateway.session.memory_log import MemoryContactLog
from infra.telemetry.spans import Span
from tests.gateway.session import stage as stages
from tests.gateway.session.stage import Stage, reply

BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)


def by_the_loop() -> datetime:
    """The ledger's clock goes with the call's."""
    return BEGAN + timedelta(seconds=asyncio.get_running_loop().time() - 1000.0)


async def ask_and_leave(stage: Stage) -> None:
    await stage.until_quiet()
    await stage.speak(1.2)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    monkeypatch.setattr(stages, "MemoryContactLog", lambda clock: MemoryContactLog(clock=by_the_loop))
    stage = Stage(heard=["how long is delivery to Busan"], answers=[[reply("Two days"), BYE]]).play(ask_and_leave)
    trace = CallTrace(stage.events[0])
    return [span for event in stage.events[1:] if not trace.ended for span in trace.take(event)]


def seconds(span: Span) -> float:
    return (span.end - span.start).total_seconds()


def test_the_caller_waits_from_the_end_of_hearing_to_the_beginning_of_speech(spans: list[Span]) -> None:
    (turn,) = [span for span in spans if span.name == "turn" and span.attributes["aicc.turn"] == 1]
    parts = {span.name: span for span in spans if span.parent == turn.id}
    first = min((span for span in spans if span.name == "reply" and span.parent == turn.id), key=lambda one: one.start)
    ways = {span.name: span for span in spans if span.parent == first.id}
    line = [parts["hearing"], parts["endpointing"], parts["invoke_agent shop"], ways["synthesis"], ways["playback"]]
    for before, after in pairwise(line):
        assert abs((after.start - before.end).total_seconds()) < 0.021, (before.name, after.name)  # a frame
    waited = (ways["speech"].start - parts["hearing"].end).total_seconds()
    assert waited == pytest.approx(turn.attributes["aicc.latency"], abs=0.021)
    assert 0.5 < seconds(parts["hearing"]) < 1.3
    assert seconds(ways["speech"]) == pytest.approx(2 * stages.WORD, abs=0.15)


def test_the_greeting_is_a_turn_before_the_first(spans: list[Span]) -> None:
    turns = sorted((span for span in spans if span.name == "turn"), key=lambda span: span.start)
    assert [turn.attributes["aicc.turn"] for turn in turns] == [0, 1]
    assert "disclosure.heard" in [moment.name for moment in turns[0].moments]


def test_nothing_that_was_said_is_in_it(spans: list[Span]) -> None:
    for word in ("delivery", "Busan", "Two days", "Goodbye", "machine", "+15550100"):
        assert word not in repr(spans)


def test_the_call_holds_all_of_it(spans: list[Span]) -> None:
    root = spans[-1]
    assert (root.name, root.parent, root.attributes["aicc.end"]) == ("call", None, "completed")
    assert root.attributes["aicc.bot_only"] is True
    assert all(root.start <= span.start <= span.end <= root.end for span in spans)
