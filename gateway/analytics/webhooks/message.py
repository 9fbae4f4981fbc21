"""A contact event as others are told of it: a CloudEvent (1.0), structured JSON. Pure.

``subject`` and ``partitionkey`` are the contact, ``sequence`` its number there, so that a receiver can put events in
order and see a gap. The id is the same however often an event is sent.

Refuses: anything that the log does not hold; whose number it was. A receiver learns that there was one, and asks the
gateway's own interface for it, if it may.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from gateway.session.numbers import without_numbers
from gateway.session.records import ContactEvent

CONTENT_TYPE = "application/cloudevents+json"
TYPE_PREFIX = "aicc."

_OURS = UUID("8f0c5c1e-6d43-5a57-9f0e-2b7d2a2f7b5a")
_DIGITS = 10
"""Of a sequence: it is compared as text (CloudEvents' extension ``sequence``)."""


def message_id(tenant: str, contact: str, seq: int) -> str:
    """The id of an event, as message and as CloudEvent."""
    return f"evt_{uuid5(_OURS, f'{tenant}/{contact}/{seq}').hex}"


def message_of(event: ContactEvent) -> bytes:
    """The body of the message."""
    told = CloudEvent(
        {
            "specversion": "1.0",
            "id": message_id(event.tenant, event.call_id, event.seq),
            "source": f"/tenants/{event.tenant}/contacts",
            "type": TYPE_PREFIX + event.kind,
            "subject": event.call_id,
            "time": event.at,
            "datacontenttype": "application/json",
            "sequence": f"{event.seq:0{_DIGITS}}",
            "partitionkey": event.call_id,
        },
        {
            "tenant": event.tenant,
            "contact": event.call_id,
            "seq": event.seq,
            "kind": event.kind,
            "payload": without_numbers(event.kind, event.payload),
        },
    )
    return JSONFormat().write(told)
