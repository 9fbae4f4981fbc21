"""A call as its log tells it, for the tests of tracing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.session.records import ContactEvent

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TENANT, CALL = "hanbit-store", "0f6b2c"


class Told:
    """Events of one call, numbered as they are told."""

    def __init__(self, call: str = CALL, tenant: str = TENANT) -> None:
        self.events: list[ContactEvent] = []
        self._call, self._tenant = call, tenant

    def __call__(self, at: float, kind: str, /, **payload: Any) -> ContactEvent:
        """``at`` seconds after the call began."""
        moment = BEGAN + timedelta(seconds=at)
        event = ContactEvent(self._tenant, self._call, len(self.events) + 1, moment, kind, payload)
        self.events.append(event)
        return event


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"text": text, "start": start, "end": end, "confidence": 0.9}


def an_order_is_asked_for() -> list[ContactEvent]:
    """A greeting, a question that is looked up and done, talked over by the caller, then a person."""
    told = Told()
    told(
        0.0,
        "call.offered",
        line="0215881234",
        language="en",
        direction="inbound",
        channel="voice",
        caller="01012345678",
    )
    told(0.1, "call.answered", protocol="twilio", rate=8000, headers={"from": "Minji"})
    told(0.2, "reply.decided", reply=1, turn=0, decision="converse", text="Hello", language="en", citations=[])
    told(0.4, "reply.started", reply=1, turn=0, latency=None, stages={})
    told(4.0, "reply.heard", reply=1, turn=0, text="Hello", complete=True)
    told(4.0, "disclosure.heard", text="Hello")
    words = [word("where", 5.0, 5.4), word("is", 5.4, 5.6), word("it", 5.6, 6.0)]
    told(6.3, "transcript.final", text="where is it", words=words, language="en", confidence=0.9)
    told(6.4, "caller.turn", turn=1, text="where is it", language="en", confidence=0.9, silent=False, continues=False)
    told(6.5, "retrieval.done", turn=1, query="where is it", passages=[{"id": "p", "document": "d"}], seconds=0.05)
    told(6.5, "action.started", action="6d06", name="order_status", key="k1")
    told(
        6.7,
        "action.succeeded",
        action="6d06",
        name="order_status",
        key="k1",
        seconds=0.2,
        attempts=1,
        result={"a": "b"},
    )
    timings = {"understand": 0.01, "retrieve": 0.05}
    told(6.8, "reply.decided", reply=2, turn=1, decision="act", text="On its way", confidence=0.8, timings=timings,
         citations=[{"passage": "p"}], release="3f2a" * 16, model="tiny-20250514", language="en")  # fmt: skip
    stages = {"endpointing": 0.3, "dialog": 0.4, "synthesis": 0.1, "playback": 0.02, "total": 0.82}
    told(6.92, "reply.started", reply=2, turn=1, latency=0.82, stages=stages)
    told(8.0, "barge_in", reply=2, at=8.0, heard="On its")
    told(8.1, "reply.heard", reply=2, turn=1, text="On its", complete=False)
    told(9.0, "caller.turn", turn=2, text="a person please", language="en", confidence=0.9, silent=False)
    told(9.1, "escalation.decided", turn=2, reason="asked", queue="orders", summary={"wish": "a person please"})
    told(9.2, "handoff.queued", handoff="h1", reason="asked", queue="orders", skills=[], summary={"wish": "x"})
    told(20.0, "handoff.accepted", handoff="h1", agent="a1", queue="orders", waited=10.8)
    told(20.5, "agent.joined", agent="a1", name="Lee", role="agent", mode="talk")
    told(30.0, "call.held", by="agent")
    told(35.0, "call.resumed", by="agent", seconds=5.0)
    told(36.0, "transfer.tried", handoff="h1", target="billing", way="refer")
    told(
        40.0,
        "transfer.failed",
        handoff="h1",
        target="billing",
        way="refer",
        failure="busy",
        reason="busy here",
        code=486,
    )
    told(50.0, "agent.left", agent="a1", why="hung_up")
    told(50.5, "call.ended", reason="caller_hung_up")
    told(95.5, "wrap_up.done", agent="a1", disposition="solved", note="called twice", seconds=40.0, unedited=True)
    return told.events
