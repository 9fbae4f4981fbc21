"""The part of a contact's log that shows why it was judged as it was: what whoever is judged may read, and no more.

Pure. Beside the events that criteria name stand the few that it takes to tell them: when the call and its recording
began, who came in, and the rest of a reply of which one event is named.

Refuses: the whole log, which is for those who see past calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.analytics.quality.standing import Standing
from gateway.session.records import ContactEvent, EventKind

_FRAME = frozenset({EventKind.CALL_OFFERED, EventKind.RECORDING_STARTED, EventKind.AGENT_JOINED})
_REPLY = frozenset({EventKind.REPLY_DECIDED, EventKind.REPLY_STARTED, EventKind.REPLY_HEARD})


def evidence(events: Sequence[ContactEvent], standings: Iterable[Standing]) -> list[ContactEvent]:
    """The events of a contact that its judgements rest on, in order."""
    named = {seq for standing in standings for one in standing.criteria for seq in one.events}
    if not named:
        return []
    replies = {event.payload.get("reply") for event in events if event.seq in named and event.kind in _REPLY}
    return [
        event
        for event in events
        if event.seq in named
        or event.kind in _FRAME
        or (event.kind in _REPLY and event.payload.get("reply") in replies)
    ]
