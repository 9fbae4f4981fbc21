from datetime import UTC, datetime
from typing import Any

from gateway.desk.trends import MOST_CALLS, Trends
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def event(call: str, kind: str, **payload: Any) -> ContactEvent:
    return ContactEvent("shop", call, 1, NOW, kind, payload)


def test_answers_count_and_small_talk_does_not_until_the_call_is_over() -> None:
    trends = Trends(MemoryContactLog())
    trends.saw(event("a", "reply.decided", decision="converse", confidence=1.0))
    trends.saw(event("a", "reply.decided", decision="answer", confidence=0.9))
    trends.saw(event("a", "reply.decided", decision="clarify", confidence=0.4))
    trends.saw(event("b", "reply.decided", decision="answer", confidence=0.8))
    assert trends.of("a").values == (0.9, 0.4)
    assert trends.of("a").falling
    assert not trends.of("b").falling
    trends.saw(event("a", "call.ended", reason="completed"))
    assert trends.of("a").values == ()


def test_calls_whose_end_nobody_saw_do_not_pile_up() -> None:
    trends = Trends(MemoryContactLog())
    for number in range(MOST_CALLS + 10):
        trends.saw(event(str(number), "reply.decided", decision="answer", confidence=0.9))
    assert trends.of("0").values == ()
    assert trends.of(str(MOST_CALLS)).values == (0.9,)
