from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from gateway.analytics.webhooks.message import message_id, message_of
from gateway.session.records import ContactEvent
from tests.sealed_numbers import WORDS

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
EVENT = ContactEvent("shop", "c.1", 7, AT, "caller.turn", {"turn": 1, "text": "배송이 언제 오나요"})


def test_it_is_a_cloudevent_that_says_which_event_of_which_contact() -> None:
    read = JSONFormat().read(lambda attributes, data: CloudEvent(attributes, data), message_of(EVENT))
    assert read.get_attributes() == {
        "specversion": "1.0",
        "id": message_id("shop", "c.1", 7),
        "source": "/tenants/shop/contacts",
        "type": "aicc.caller.turn",
        "subject": "c.1",
        "time": AT,
        "datacontenttype": "application/json",
        "sequence": "0000000007",
        "partitionkey": "c.1",
    }
    assert read.get_data() == {
        "tenant": "shop",
        "contact": "c.1",
        "seq": 7,
        "kind": "caller.turn",
        "payload": EVENT.payload,
    }


def test_the_id_is_the_events_own_and_can_be_signed() -> None:
    ids = {message_id(tenant, contact, seq) for tenant in "ab" for contact in ("c", "c.1") for seq in (1, 2)}
    assert len(ids) == 8
    assert not any("." in one for one in ids)
    assert message_id("a", "c", 1) == message_id("a", "c", 1)


def test_it_tells_that_there_is_a_number_and_not_which() -> None:
    payload = {"direction": "inbound", "line": "+8215", "caller": "+821012345678", "called": "+8215"}
    for caller in (payload["caller"], WORDS.seal(payload["caller"])):
        told = orjson.loads(message_of(replace(EVENT, kind="call.offered", payload={**payload, "caller": caller})))
        assert told["data"]["payload"] == {**payload, "caller": "[phone]"}
    answered = {"protocol": "sip", "ani": "alice", "asserted": None, "headers": {"from": '"Alice" <sip:alice@x>'}}
    told = orjson.loads(message_of(replace(EVENT, kind="call.answered", payload=answered)))
    assert told["data"]["payload"] == {"protocol": "sip", "ani": "[phone]", "asserted": None, "headers": {}}
