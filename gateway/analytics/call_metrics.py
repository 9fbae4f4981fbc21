"""What happens in calls, counted for Prometheus: from the contact events of this node, as they become durable.

For whoever runs the gateway, now; each node counts its own calls, and the sum over nodes is right. Counters begin anew
with the process, so that no figure for a report or a bill comes from here (``kpis`` has those).

Labels are names out of our own enumerations, and the tenants' own queues: there are few of each.

Refuses: labels with a call, a caller, an agent or anything that was said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from prometheus_client import Histogram

from gateway.session.records import ContactEvent, EventKind
from infra.telemetry.metrics import metrics

Payload = Mapping[str, object]

MOST_CALLS = 10_000
"""Calls whose state is known at once; of further ones it is not counted."""

WAITS = (1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Buckets for people's waiting, in seconds; 20 is the usual goal of a queue."""
LENGTHS = (5.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0, 3600.0)
"""Buckets for the length of calls, in seconds."""

_OFFERED = metrics.counter("aicc_contacts_offered", "Contacts that began", ("channel", "direction"))
_CLOSED = metrics.counter("aicc_contacts_ended", "Contacts that ended", ("channel", "reason"))
_STATES = metrics.gauge("aicc_contacts", "Contacts that go on, by whom they are with", ("state",))
_LENGTH = metrics.histogram("aicc_contact_seconds", "How long contacts lasted", ("channel",), LENGTHS)
_TURNS = metrics.counter("aicc_turns", "Turns of callers", ("language",))
_REPLIES = metrics.counter("aicc_replies", "Replies of the dialog, by what they are", ("decision",))
_STAGES = metrics.histogram(
    "aicc_turn_stage_seconds", "From the caller's last word to our first sound (total), stage by stage", ("stage",)
)
_SEARCHES = metrics.histogram("aicc_retrieval_seconds", "How long the knowledge was searched")
_BARGE_INS = metrics.counter("aicc_barge_ins", "Replies that callers spoke over")
_ACTIONS = metrics.counter("aicc_actions", "Business actions that were carried out, or not", ("outcome",))
_ACTION_SECONDS = metrics.histogram("aicc_action_seconds", "How long business actions took")
_FAILED_PARTS = metrics.counter("aicc_component_failures", "Parts that failed in a call, which went on", ("component",))
_ESCALATIONS = metrics.counter("aicc_escalations", "Decisions that a person takes over", ("reason",))
_WAITING = metrics.gauge("aicc_queue_waiting", "Callers on the line who wait for a person", ("tenant", "queue"))
_QUEUE_LEFT = metrics.histogram(
    "aicc_queue_wait_seconds", "How long callers waited for a person, by what came of it", ("outcome",), WAITS
)
_TRANSFERS = metrics.counter("aicc_transfers", "Ways to a target outside that were tried", ("way", "outcome"))

STAGES = ("endpointing", "dialog", "synthesis", "playback", "total")

_STATE_AFTER: Mapping[str, str] = {
    EventKind.CALL_OFFERED: "bot",
    EventKind.HANDOFF_QUEUED: "queue",
    EventKind.HANDOFF_ABANDONED: "bot",
    EventKind.HANDOFF_ACCEPTED: "person",
}
_MOVING = frozenset(
    {
        *_STATE_AFTER,
        EventKind.AGENT_JOINED,
        EventKind.CALLBACK_REQUESTED,
        EventKind.CALL_ENDED,
        EventKind.CONTROL_CHANGED,
    }
)
"""What changes with whom a call is, or who waits."""
_OWNERS = {"bot": "bot", "agent": "person", "supervisor": "person"}
_OUTCOMES = {
    EventKind.ACTION_SUCCEEDED: "succeeded",
    EventKind.ACTION_FAILED: "failed",
    EventKind.ACTION_UNKNOWN: "unknown",
}


class CallMetrics:
    """Counts a node's events. ``saw`` each of them in order; those of calls that began before are counted as well, but
    their state is not known."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str], tuple[str, ContactEvent]] = {}
        """Of each call that goes on its state and how it was offered."""
        self._states: Counter[str] = Counter()
        self._waiting: dict[tuple[str, str], tuple[str, str]] = {}
        """By call: the tenant and queue in which it waits."""
        # What is there from the beginning, as nought: an alert sees a rise only from something.
        for outcome in _OUTCOMES.values():
            _ACTIONS.labels(outcome)
        for outcome in ("accepted", "abandoned"):
            _QUEUE_LEFT.labels(outcome)
        for state in ("bot", "queue", "person"):
            _STATES.labels(state)

    async def saw(self, event: ContactEvent) -> None:
        """Count one event."""
        kind = event.kind
        if (count := _COUNT.get(kind)) is not None:
            count(event.payload)
        if kind in _MOVING:
            key = (event.tenant, event.call_id)
            self._move(key, event)
            self._queue(key, event)

    def _move(self, key: tuple[str, str], event: ContactEvent) -> None:
        """Who has the call from here on."""
        known = self._calls.get(key)
        state = _STATE_AFTER.get(event.kind)
        if event.kind == EventKind.CONTROL_CHANGED:
            state = _OWNERS.get(str(event.payload.get("owner")))
        if event.kind == EventKind.AGENT_JOINED and event.payload.get("mode") == "talk":
            state = "person"
        if event.kind == EventKind.CALL_OFFERED:
            _OFFERED.labels(_name(event.payload, "channel"), _name(event.payload, "direction")).inc()
            if known is None and len(self._calls) < MOST_CALLS:
                self._set(key, "bot", event)
        elif event.kind == EventKind.CALL_ENDED:
            self._end(key, event)
        elif state is not None and known is not None:
            self._set(key, state, known[1])

    def _set(self, key: tuple[str, str], state: str, offered: ContactEvent) -> None:
        before = self._calls.get(key)
        self._calls[key] = state, offered
        self._states[state] += 1
        if before is not None:
            self._states[before[0]] -= 1
            _STATES.labels(before[0]).set(self._states[before[0]])
        _STATES.labels(state).set(self._states[state])

    def _end(self, key: tuple[str, str], event: ContactEvent) -> None:
        state, offered = self._calls.pop(key, ("", None))
        channel = "unknown" if offered is None else _name(offered.payload, "channel")
        _CLOSED.labels(channel, _name(event.payload, "reason")).inc()
        if offered is not None:
            self._states[state] -= 1
            _STATES.labels(state).set(self._states[state])
            _LENGTH.labels(channel).observe(max(0.0, (event.at - offered.at).total_seconds()))

    def _queue(self, key: tuple[str, str], event: ContactEvent) -> None:
        """Who waits for a person, and how long they did."""
        kind, payload = event.kind, event.payload
        if kind == EventKind.HANDOFF_QUEUED and len(self._waiting) < MOST_CALLS:
            self._leave(key)
            place = (event.tenant, _name(payload, "queue"))
            self._waiting[key] = place
            _WAITING.labels(*place).inc()
        elif kind in (EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_ABANDONED):
            outcome = "accepted" if kind == EventKind.HANDOFF_ACCEPTED else "abandoned"
            if self._leave(key) and isinstance(waited := payload.get("waited"), int | float):
                _QUEUE_LEFT.labels(outcome).observe(waited)
        elif kind in (EventKind.CALLBACK_REQUESTED, EventKind.CALL_ENDED):
            self._leave(key)

    def _leave(self, key: tuple[str, str]) -> bool:
        place = self._waiting.pop(key, None)
        if place is not None:
            _WAITING.labels(*place).dec()
        return place is not None


def _observe_stages(payload: Payload) -> None:
    stages = payload.get("stages")
    if isinstance(stages, Mapping):
        for stage in STAGES:
            if isinstance(seconds := stages.get(stage), int | float):
                _STAGES.labels(stage).observe(seconds)


def _observe(histogram: Histogram, payload: Payload) -> None:
    if isinstance(seconds := payload.get("seconds"), int | float):
        histogram.observe(seconds)


def _acted(outcome: str) -> Callable[[Payload], None]:
    def count(payload: Payload) -> None:
        _ACTIONS.labels(outcome).inc()
        _observe(_ACTION_SECONDS, payload)

    return count


def _name(payload: Payload, key: str) -> str:
    """A label's value."""
    value = payload.get(key)
    return value[:64] if isinstance(value, str) and value else "unknown"


_COUNT: Mapping[str, Callable[[Payload], None]] = {
    EventKind.CALLER_TURN: lambda told: _TURNS.labels(_name(told, "language")).inc(),
    EventKind.REPLY_DECIDED: lambda told: _REPLIES.labels(_name(told, "decision")).inc(),
    EventKind.REPLY_STARTED: _observe_stages,
    EventKind.RETRIEVAL_DONE: lambda told: _observe(_SEARCHES, told),
    EventKind.BARGE_IN: lambda told: _BARGE_INS.inc(),
    EventKind.COMPONENT_FAILED: lambda told: _FAILED_PARTS.labels(_name(told, "component")).inc(),
    EventKind.ESCALATION_DECIDED: lambda told: _ESCALATIONS.labels(_name(told, "reason")).inc(),
    EventKind.TRANSFER_ANSWERED: lambda told: _TRANSFERS.labels(_name(told, "way"), "answered").inc(),
    EventKind.TRANSFER_FAILED: lambda told: _TRANSFERS.labels(_name(told, "way"), _name(told, "failure")).inc(),
    **{kind: _acted(outcome) for kind, outcome in _OUTCOMES.items()},
}
"""What is counted of an event by its payload alone."""
