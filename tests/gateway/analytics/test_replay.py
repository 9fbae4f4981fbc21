from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.access.identity import Identity, Role
from gateway.analytics.replay import queues_of, shown_call, shown_event
from gateway.analytics.search import FoundCall, Outline
from gateway.session.records import CallRecord, ContactEvent

BEGUN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def record(direction: str = "inbound", **changes: Any) -> CallRecord:
    values: dict[str, Any] = {
        "tenant": "shop",
        "call_id": "c1",
        "line": "+827080001000",
        "language": "ko",
        "direction": direction,
        "channel": "voice",
        "caller": "+821012345678",
        "called": "+827080001000",
        "started_at": BEGUN,
        "ended_at": BEGUN + timedelta(seconds=93),
        "end_reason": "completed",
        "node": "n",
        "epoch": 1,
        **changes,
    }
    return CallRecord(**values)


def event(kind: str, **payload: Any) -> dict[str, Any]:
    return shown_event(ContactEvent("shop", "c1", 3, BEGUN, kind, payload))["payload"]


def test_a_callers_number_is_masked_and_ours_is_not() -> None:
    shown = shown_call(FoundCall(record(), Outline()))
    assert (shown["caller"], shown["called"], shown["line"]) == ("+821*****5678", "+827080001000", "+827080001000")
    assert shown["seconds"] == 93.0


def test_of_a_call_of_ours_it_is_the_other_number() -> None:
    shown = shown_call(FoundCall(record("outbound", caller="+827080001000", called="+821012345678"), Outline()))
    assert (shown["caller"], shown["called"]) == ("+827080001000", "+821*****5678")


def test_a_withheld_number_and_a_call_that_goes_on_are_nothing() -> None:
    shown = shown_call(FoundCall(record(caller=None, ended_at=None, end_reason=None), Outline()))
    assert (shown["caller"], shown["seconds"], shown["opening"]) == (None, None, None)


def test_numbers_that_were_said_are_masked_wherever_they_stand() -> None:
    outline = Outline(opening="제 번호는 010-1234-5678이에요")
    assert "1234" not in str(shown_call(FoundCall(record(), outline)))
    for payload in (
        {"text": "call me at 010-1234-5678"},
        {"summary": {"known": {"contact": "minji@shop.example"}, "tried": ["+82 10 1234 5678"]}},
    ):
        shown = str(event("handoff.queued", **payload))
        assert "1234" not in shown and "minji" not in shown


def test_recognized_words_are_told_as_times_alone() -> None:
    words = [{"text": "0101234", "start": 1.5, "end": 1.9, "confidence": 0.9}]
    assert event("transcript.final", text="0101234", words=words)["words"] == [{"start": 1.5, "end": 1.9}]


def test_the_offer_of_a_call_keeps_its_line_and_a_recording_its_place_to_itself() -> None:
    call = {"line": "+827080001000", "direction": "inbound", "called": "1588"}
    offered = event("call.offered", caller="+821012345678", **call)
    assert offered == {**call, "caller": "+821*****5678"}
    assert event("call.offered", caller=None, **call) == {**call, "caller": None}
    assert event("recording.stored", path="/data/shop/c1.wav", seconds=3.0) == {"seconds": 3.0}


def test_what_is_masked_is_a_copy() -> None:
    payload = {"text": "010-1234-5678", "words": [{"text": "x", "start": 1, "end": 2}]}
    shown_event(ContactEvent("shop", "c1", 3, BEGUN, "transcript.final", payload))
    assert payload["text"] == "010-1234-5678" and payload["words"] == [{"text": "x", "start": 1, "end": 2}]


@pytest.mark.parametrize(("own", "seen"), [((), None), (("orders",), ("orders",))])
def test_who_has_no_queues_of_their_own_sees_every_call(own: tuple[str, ...], seen: tuple[str, ...] | None) -> None:
    assert queues_of(Identity("shop", "u", "Kim", frozenset({Role.ANALYST}), own)) == seen
