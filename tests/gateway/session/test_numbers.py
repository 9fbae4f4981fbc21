"""Numbers of people lie sealed in records and events, and are what they were once they are read."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.errors import TenantNotServed
from gateway.session.numbers import (
    ending,
    numbers_in,
    open_numbers,
    opened_event,
    opened_record,
    sealed_payload,
    sealed_record,
    served,
    without_numbers,
)
from gateway.session.records import CallRecord, ContactEvent, EventKind
from infra.storage.database import Database
from infra.storage.errors import KeyUnavailable, SealBroken
from infra.storage.key_file import FileKeyRing
from infra.storage.sealed_words import SealedWords
from infra.storage.subject_keys import SubjectKeys
from tests.sealed_numbers import WORDS

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HEADERS = {"p-asserted-identity": '"김민지" <sip:+821012345678@carrier>', "x-branch": "seoul"}

NUMBERED: list[tuple[EventKind, dict[str, Any], set[str]]] = [
    (
        EventKind.CALL_OFFERED,
        {"direction": "inbound", "line": "+8215", "caller": "+821012345678", "called": "+8215"},
        {"direction", "line", "called"},
    ),
    (
        EventKind.CALL_OFFERED,
        {"direction": "outbound", "line": "+8215", "caller": "+8215", "called": "+821012345678"},
        {"direction", "line", "caller"},
    ),
    (
        EventKind.CALL_ANSWERED,
        {
            "protocol": "sip", "rate": 8000, "leg": "l", "call_sid": "s", "ani": "010-1234-5678", "dnis": "1588",
            "caller": "+821012345678", "asserted": "minji.kim", "diverted_from": "+82255501234",
            "diverted_why": "busy", "headers": HEADERS, "headers_left_out": 0,
        },
        {"protocol", "rate", "leg", "call_sid", "diverted_why", "headers_left_out"},
    ),
    (EventKind.CALLBACK_REQUESTED, {"handoff": "h", "number": "+821012345678", "window": []}, {"handoff", "window"}),
]  # fmt: skip


def event(kind: str, payload: dict[str, Any]) -> ContactEvent:
    return ContactEvent("t", "c", 1, AT, kind, payload)


def record(
    direction: str = "inbound", caller: str | None = "+821012345678", called: str | None = "+8215"
) -> CallRecord:
    return CallRecord("t", "c", "+8215", "ko", direction, "voice", caller, called, AT, None, None, "n", 1)


@pytest.mark.parametrize(("kind", "payload", "open_fields"), NUMBERED)
def test_what_the_network_says_of_people_lies_sealed_and_is_read_as_it_was(
    kind: EventKind, payload: dict[str, Any], open_fields: set[str]
) -> None:
    lies = dict(sealed_payload(kind, payload, WORDS))
    assert lies.keys() == payload.keys()
    assert {name for name in payload if lies[name] == payload[name]} == open_fields
    written = orjson.dumps(lies).decode()
    for needle in ("1234", "5678", "01234", "김민지", "minji", "seoul"):
        assert needle not in written.replace("siv:", "")
    assert opened_event(event(kind, lies), WORDS) == event(kind, payload)


def test_of_an_event_that_tells_of_nobody_nothing_is_changed() -> None:
    payload = {"text": "my number is [phone]", "number": 7}
    assert sealed_payload(EventKind.CALLER_TURN, payload, WORDS) is payload
    unchanged = event(EventKind.CALLER_TURN, payload)
    assert opened_event(unchanged, WORDS) is unchanged


def test_what_is_not_there_stays_so() -> None:
    for payload in (
        {"direction": "inbound", "caller": None},
        {"direction": "inbound"},
        {"direction": "inbound", "caller": ""},
    ):
        assert sealed_payload(EventKind.CALL_OFFERED, payload, WORDS) == payload
    assert sealed_payload(EventKind.CALL_ANSWERED, {"ani": "", "headers": {}}, WORDS) == {"ani": "", "headers": {}}


def test_what_lies_readable_from_before_is_read_as_it_is() -> None:
    for kind, payload, _ in NUMBERED:
        assert opened_event(event(kind, payload), WORDS) == event(kind, payload)
    assert opened_record(record(), WORDS) == record()


def test_another_key_opens_nothing() -> None:
    other = SealedWords(bytes(32), "numbers")
    lies = sealed_record(record(), WORDS)
    with pytest.raises(SealBroken):
        opened_record(lies, other)
    with pytest.raises(SealBroken):
        opened_event(
            event("callback.requested", dict(sealed_payload("callback.requested", {"number": "1"}, WORDS))), other
        )


@pytest.mark.parametrize(
    ("direction", "ours", "theirs"), [("inbound", "called", "caller"), ("outbound", "caller", "called")]
)
def test_of_a_record_the_customers_number_lies_sealed_and_our_own_readable(
    direction: str, ours: str, theirs: str
) -> None:
    before = record(direction, **{ours: "+8215", theirs: "+821012345678"})
    lies = sealed_record(before, WORDS)
    assert getattr(lies, ours) == "+8215"
    assert getattr(lies, theirs) == WORDS.seal("+821012345678")
    assert lies.number_ending == ending("5678", WORDS)
    opened = opened_record(lies, WORDS)
    assert (opened.caller, opened.called) == (before.caller, before.called)


def test_who_withholds_their_number_has_none_and_no_ending() -> None:
    lies = sealed_record(record(caller=None), WORDS)
    assert (lies.caller, lies.number_ending) == (None, None)


@pytest.mark.parametrize(
    ("number", "same"),
    [("+82 10-1234-5678", "5678"), ("5678", "010 9999 5678"), ("１２３４", "1234"), ("sip:0705678@x", "+15550105678")],
)
def test_numbers_that_end_alike_have_the_same_ending_however_they_are_written(number: str, same: str) -> None:
    assert ending(number, WORDS) == ending(same, WORDS)
    assert ending(number, WORDS) not in {WORDS.seal(number), WORDS.seal(same)}, "an ending is no number"


def test_what_has_too_few_digits_has_no_ending() -> None:
    assert ending("alice", WORDS) is None
    assert ending("101", WORDS) is None


@pytest.mark.parametrize("sealed", [True, False])
def test_who_is_not_to_know_the_number_learns_that_there_is_one(sealed: bool) -> None:
    for kind, payload, open_fields in NUMBERED:
        told = without_numbers(kind, sealed_payload(kind, payload, WORDS) if sealed else payload)
        assert {name: told[name] for name in open_fields} == {name: payload[name] for name in open_fields}
        assert {repr(told[name]) for name in payload.keys() - open_fields} <= {"'[phone]'", "{}"}
    assert without_numbers("call.offered", {"direction": "inbound", "caller": None})["caller"] is None


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_whatever_strangers_send_is_read_as_it_was(number: str, headers: dict[str, str]) -> None:
    payload = {"ani": number, "headers": headers}
    body = orjson.loads(orjson.dumps(sealed_payload(EventKind.CALL_ANSWERED, payload, WORDS)))
    assert opened_event(event(EventKind.CALL_ANSWERED, body), WORDS).payload == payload


def test_only_kinds_that_the_database_lets_be_sealed_have_numbers() -> None:
    numbered = {kind for kind in EventKind if numbers_in(kind, {})}
    assert numbered == {EventKind.CALL_OFFERED, EventKind.CALL_ANSWERED, EventKind.CALLBACK_REQUESTED}


def test_of_a_tenant_that_is_not_served_nothing_is_read() -> None:
    assert served({"shop": WORDS})("shop") is WORDS
    with pytest.raises(TenantNotServed, match="bank"):
        served({"shop": WORDS})("bank")


async def test_they_are_what_they_were_after_a_restart_and_shut_with_another_key_ring(
    database: Database, tmp_path: Path
) -> None:
    tenant = f"numbers-{uuid.uuid4().hex[:8]}"
    await database.enter_tenant(tenant)
    opened = [
        await open_numbers(SubjectKeys(database, FileKeyRing(tmp_path / "ring.json")), [tenant]) for _ in range(2)
    ]
    lies = [sealed_record(record(), words[tenant]) for words in opened]
    assert lies[0] == lies[1]
    assert lies[0].caller != sealed_record(record(), WORDS).caller
    with pytest.raises(KeyUnavailable):
        await open_numbers(SubjectKeys(database, FileKeyRing(tmp_path / "another.json")), [tenant])
