"""A call's events become a trace: one root, a span for each turn and stage, nothing that anybody said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.analytics.tracing import call_trace
from gateway.analytics.tracing.call_trace import MOST_MOMENTS, CallTrace, Ids, afterwards
from gateway.session import records
from gateway.session.records import ContactEvent, EventKind
from infra.telemetry.spans import Span
from tests.gateway.analytics.tracing.told import BEGAN, CALL, TENANT, Told, an_order_is_asked_for


def traced(events: Iterable[ContactEvent]) -> list[Span]:
    """What is sent of a call, as the tracer does it."""
    first, *rest = events
    trace = CallTrace(first)
    spans: list[Span] = []
    for event in rest:
        spans += afterwards(event) if trace.ended else trace.take(event)
    return spans


def named(spans: Iterable[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


def one(spans: Iterable[Span], name: str) -> Span:
    (span,) = named(spans, name)
    return span


def when(span: Span) -> tuple[float, float]:
    """From when to when, in seconds of the call."""
    return round((span.start - BEGAN).total_seconds(), 3), round((span.end - BEGAN).total_seconds(), 3)


def inside(spans: list[Span], parent: Span) -> list[str]:
    return [span.name for span in spans if span.parent == parent.id]


def test_a_call_is_one_trace_with_one_root() -> None:
    spans = traced(an_order_is_asked_for())
    assert {span.trace for span in spans} == {Ids(TENANT, CALL).trace}
    (root,) = [span for span in spans if span.parent is None]
    assert (root.name, when(root), root.serves, root.error) == ("call", (0.0, 50.5), True, "")
    assert root.attributes == {
        "gen_ai.conversation.id": CALL, "aicc.tenant": TENANT, "aicc.language": "en", "aicc.direction": "inbound",
        "aicc.channel": "voice", "aicc.protocol": "twilio", "aicc.rate": 8000, "aicc.turns": 2,
        "aicc.end": "caller_hung_up", "aicc.bot_only": False,
    }  # fmt: skip
    assert len({span.id for span in spans}) == len(spans)
    assert {span.parent for span in spans} <= {None, *(span.id for span in spans)}
    assert inside(spans, root) == ["turn", "turn", "queue", "hold", "transfer", "person", "turn", "wrap_up"]


def test_no_span_reaches_beyond_its_parent_within_a_turn() -> None:
    spans = {span.id: span for span in traced(an_order_is_asked_for())}
    for span in spans.values():
        parent = spans.get(span.parent or 0)
        if parent is not None and span.name != "wrap_up":
            assert parent.start <= span.start <= span.end <= parent.end, (span, parent)


def test_the_stages_that_the_caller_waited_for_lie_end_to_end() -> None:
    spans = traced(an_order_is_asked_for())
    greeting, turn, last = sorted(named(spans, "turn"), key=lambda span: span.start)
    assert inside(spans, greeting) == ["reply"]
    assert when(turn) == (5.1, 8.1)  # a second of speech, and what we took to be sure that it was over
    assert turn.attributes == {"aicc.turn": 1, "aicc.latency": 0.82}
    assert [moment.name for moment in turn.moments] == ["barge_in"]
    assert when(one(spans, "hearing")) == (5.1, 6.1)
    assert when(one(spans, "endpointing")) == (6.1, 6.4)
    agent = one(spans, "invoke_agent hanbit-store")
    assert when(agent) == (6.4, 6.8) and agent.parent == turn.id
    _, reply = named(spans, "reply")
    assert [(name, when(one([s for s in spans if s.parent == reply.id], name))) for name in inside(spans, reply)] == [
        ("synthesis", (6.8, 6.9)),
        ("playback", (6.9, 6.92)),
        ("speech", (6.92, 8.1)),
    ]
    assert reply.attributes["aicc.complete"] is False
    assert [moment.name for moment in last.moments] == ["escalation.decided"]


def test_the_dialogs_answer_is_told_as_the_conventions_for_generative_ai_want_it() -> None:
    spans = traced(an_order_is_asked_for())
    agent = one(spans, "invoke_agent hanbit-store")
    assert agent.attributes == {
        "gen_ai.conversation.id": CALL, "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": TENANT,
        "gen_ai.output.type": "speech", "gen_ai.agent.version": "3f2a3f2a3f2a", "gen_ai.request.model": "tiny-20250514",
        "aicc.decision": "act", "aicc.confidence": 0.8, "aicc.language": "en", "aicc.citations": 1,
        "aicc.silent": False, "aicc.continues": False, "aicc.seconds.understand": 0.01, "aicc.seconds.retrieve": 0.05,
    }  # fmt: skip
    retrieval, action = one(spans, "retrieval hanbit-store/en"), one(spans, "execute_tool order_status")
    assert (retrieval.parent, action.parent) == (agent.id, agent.id)
    assert (when(retrieval), when(action)) == ((6.45, 6.5), (6.5, 6.7))
    assert retrieval.attributes["aicc.passages"] == 1
    assert action.attributes["gen_ai.tool.name"] == "order_status" and action.attributes["aicc.outcome"] == "succeeded"


def test_queue_person_hold_and_transfer_are_spans_of_the_call() -> None:
    spans = traced(an_order_is_asked_for())
    queue, person, hold, moved = (one(spans, name) for name in ("queue", "person", "hold", "transfer"))
    assert [when(span) for span in (queue, person, hold, moved)] == [
        (9.2, 20.0),
        (20.5, 50.0),
        (30.0, 35.0),
        (36.0, 40.0),
    ]
    assert queue.attributes == {"aicc.reason": "asked", "aicc.queue": "orders", "aicc.outcome": "accepted"}
    assert person.attributes["aicc.role"] == "agent" and "Lee" not in str(person)
    assert (moved.error, moved.attributes["aicc.failure"]) == ("failed", "busy")
    assert when(one(spans, "wrap_up")) == (55.5, 95.5)


def test_what_is_open_ends_with_the_call_and_a_broken_call_is_an_error() -> None:
    told = Told()
    told(0, "call.offered", language="ko", channel="voice")
    told(1, "caller.turn", turn=1, silent=False)
    told(1, "action.started", name="refund", key="k")
    told(2, "reply.decided", reply=1, turn=1, decision="answer")
    told(3, "call.held", by="caller")
    told(9, "call.ended", reason="connection_lost")
    spans = traced(told.events)
    assert when(one(spans, "execute_tool refund")) == (1, 9)
    assert one(spans, "execute_tool refund").attributes["aicc.outcome"] == "ended"
    assert when(one(spans, "hold")) == (3, 9)
    assert one(spans, "reply").attributes["aicc.heard"] is False
    root = one(spans, "call")
    assert (root.error, root.attributes["error.type"]) == ("connection_lost", "connection_lost")


def test_an_action_that_failed_is_an_error_of_its_kind_and_not_of_its_words() -> None:
    told = Told()
    told(0, "call.offered")
    told(1, "action.started", name="refund", key="k")
    told(2, "action.failed", name="refund", key="k", error="rejected", detail="no refund for Minji", attempts=2)
    told(3, "call.ended", reason="completed")
    action = one(traced(told.events), "execute_tool refund")
    assert (action.error, action.attributes["error.type"], action.attributes["aicc.attempts"]) == (
        "rejected",
        "rejected",
        2,
    )
    assert "Minji" not in str(action)


def test_what_became_known_later_finds_its_trace() -> None:
    told = Told()
    event = told(600, "action.reconciled", action="6d06", name="refund", outcome="action.succeeded", key="k")
    (span,) = afterwards(event)
    ids = Ids(TENANT, CALL)
    assert (span.trace, span.parent) == (ids.trace, ids.root)
    assert span.attributes == {"aicc.action": "refund", "aicc.outcome": "action.succeeded"}
    (scored,) = afterwards(
        told(601, "quality.scored", rubric="service", score=82.5, passed=True, criteria=[{"note": "x"}])
    )
    assert scored.parent == ids.root
    assert scored.attributes == {"aicc.rubric": "service", "aicc.score": 82.5, "aicc.passed": True}
    assert afterwards(told(602, "recording.stored", path="/secret/path.wav")) == []


def test_ids_are_the_calls_own_and_the_same_every_time() -> None:
    assert Ids("t", "c").trace == Ids("t", "c").trace < 2**128
    assert len({Ids("t", "c").trace, Ids("t", "d").trace, Ids("u", "c").trace}) == 3
    assert 0 < Ids("t", "c").root < 2**64


def test_a_turn_holds_so_many_moments_and_counts_the_rest() -> None:
    told = Told()
    told(0, "call.offered")
    for _ in range(MOST_MOMENTS + 5):
        told(1, "component.failed", component="retriever", error="it hung", fallback="none")
    told(2, "call.ended", reason="completed")
    turn = one(traced(told.events), "turn")
    assert len(turn.moments) == MOST_MOMENTS and turn.attributes["aicc.moments_left_out"] == 5


@pytest.mark.parametrize(
    "payload", [{}, {"turn": "x", "reply": None, "stages": 3, "words": [1], "passages": "p", "at": []}]
)
def test_missing_and_wrong_keys_are_borne(payload: dict[str, Any]) -> None:
    told = Told()
    told(0, "call.offered", **payload)
    for kind in EventKind:
        if kind is not EventKind.CALL_ENDED:
            told(1, kind, **payload)
    told(2, "call.ended", **payload)
    assert traced(told.events)[-1].name == "call"


def test_a_search_and_a_deed_have_something_to_stand_below_though_nothing_was_said() -> None:
    told = Told()
    told(0, "call.offered")
    told(1, "action.started", name="look_up", key="k")
    told(2, "action.succeeded", name="look_up", key="k")
    told(3, "caller.turn", turn=1)
    told(4, "retrieval.done", turn=1, passages=[], seconds=0.5)
    told(9, "call.ended", reason="caller_hung_up")
    spans = traced(told.events)
    first, second = named(spans, f"invoke_agent {TENANT}")
    assert (when(first), when(second)) == ((1, 2), (3, 4))
    assert {one(spans, "execute_tool look_up").parent, one(spans, f"retrieval {TENANT}/-").parent} == {
        first.id,
        second.id,
    }


def test_a_reply_to_the_turn_before_does_not_count_for_this_one() -> None:
    told = Told()
    told(0, "call.offered")
    told(1, "caller.turn", turn=1)
    told(5, "caller.turn", turn=2)
    told(6, "reply.decided", reply=1, turn=1, decision="answer")
    told(8, "reply.decided", reply=2, turn=2, decision="clarify")
    told(9, "call.ended", reason="completed")
    (agent,) = named(traced(told.events), f"invoke_agent {TENANT}")
    assert when(agent) == (5, 8) and agent.attributes["aicc.decision"] == "clarify"


@given(st.data())
def test_every_span_but_the_root_is_part_of_one_that_is_there_whatever_did_not_happen(data: st.DataObject) -> None:
    first, *rest, ended, wrapped_up = an_order_is_asked_for()
    kept = data.draw(st.lists(st.sampled_from(rest), unique_by=lambda event: event.seq))
    happened = sorted(kept, key=lambda event: event.seq)
    spans = traced([first, *happened, ended, wrapped_up])
    ids = [span.id for span in spans]
    assert len(set(ids)) == len(ids)
    assert {span.parent for span in spans if span.parent is not None} <= set(ids)
    assert [span.name for span in spans if span.parent is None] == ["call"]
    assert all(span.start <= span.end for span in spans)


SAID = (
    "제 카드 번호는 4111 1111 1111 1111 이에요", "01012345678", "4111111111111111", "hong@naver.com", "900101-1234567",
    "홍길동", "My name is Minji",
)  # fmt: skip
KEYS = sorted(set(re.findall(r"[a-z_]{2,}", Path(records.__file__).read_text(encoding="utf-8"))))
"""Every word of the module that names the keys of all payloads, and so every key."""


@pytest.mark.parametrize("said", SAID)
def test_nothing_that_could_have_been_said_stands_in_a_span_whichever_key_it_was_under(said: str) -> None:
    payload: dict[str, Any] = dict.fromkeys(KEYS, said)
    nested = {**payload, "words": [{"text": said, "start": 1.0, "end": 2.0}], "passages": [payload], "stages": payload}
    told = Told()
    told(0, "call.offered", **payload)
    for kind in EventKind:
        if kind is not EventKind.CALL_ENDED:
            told(1, kind, **nested)
            told(1, kind, **nested | {"turn": 1, "reply": 1})
    told(2, "call.ended", **payload)
    told(3, "wrap_up.done", **payload)
    spans = traced(told.events)
    assert len(spans) > 10
    assert said not in repr(spans)


SPOKEN = """text words query result arguments detail summary note instruction number caller called ani dnis headers
prefilled heard digits digit customer sentences window asserted diverted_from""".split()


def test_not_even_a_single_word_of_what_was_said_stands_in_a_span() -> None:
    spoken = dict.fromkeys(SPOKEN, "canary")
    told = Told()
    told(0, "call.offered", **spoken)
    for kind in EventKind:
        if kind is not EventKind.CALL_ENDED:
            told(1, kind, turn=1, reply=1, **spoken)
    told(2, "call.ended", reason="completed", **spoken)
    assert "canary" not in repr(traced(told.events))


def test_every_kind_that_is_listed_is_a_kind() -> None:
    listed = {*call_trace._MOMENTS, *call_trace._BEGINS, *call_trace._ENDS, *call_trace._DONE}
    assert listed <= set(EventKind)
