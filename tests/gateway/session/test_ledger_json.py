from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from gateway.session.ledger_json import event_json, record_json
from gateway.session.records import CallRecord, ContactEvent

BEGUN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RECORD = CallRecord("shop", "c1", "+82", "ko", "inbound", "voice", "+8210", None, BEGUN, None, None, node="n1", epoch=3)


def test_a_record_goes_out_without_the_node_that_holds_it() -> None:
    assert record_json(RECORD) == {
        "call": "c1",
        "line": "+82",
        "language": "ko",
        "direction": "inbound",
        "channel": "voice",
        "caller": "+8210",
        "called": None,
        "started_at": "2026-11-22T09:00:00+00:00",
        "ended_at": None,
        "end_reason": None,
    }


def test_the_end_of_a_call_is_a_time_with_its_zone() -> None:
    ended = record_json(replace(RECORD, ended_at=BEGUN, end_reason="completed"))
    assert (ended["ended_at"], ended["end_reason"]) == ("2026-11-22T09:00:00+00:00", "completed")


def test_an_event_is_plain_json_and_keeps_its_number() -> None:
    told = event_json(ContactEvent("shop", "c1", 7, BEGUN, "caller.turn", {"text": "배송"}))
    assert json.loads(json.dumps(told)) == {
        "call": "c1",
        "seq": 7,
        "at": "2026-11-22T09:00:00+00:00",
        "kind": "caller.turn",
        "payload": {"text": "배송"},
    }
