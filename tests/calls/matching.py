"""Whether what happened in a call is what the scenario expects: pure, on plain events.

A field of an event matches its value exactly; ``/…/`` is a regular expression that is found somewhere;
``{contains: x}`` looks for x in the field, whatever its shape; ``{not: x}`` turns any of these round. A dotted name
goes down into lists and mappings: ``citations.0.document``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.calls.scenario import Expected, Matcher, Scenario


@dataclass(frozen=True, slots=True)
class Happened:
    """One event: of the ledger (``seq`` from 1), or of the far end (``seq`` 0); ``at`` in seconds of the call."""

    kind: str
    payload: dict[str, Any]
    at: float
    seq: int = 0

    @property
    def logged(self) -> bool:
        """Whether it stands in the ledger."""
        return self.seq > 0


def matches(matcher: Matcher, event: Happened) -> bool:
    """Whether the event is one of those."""
    return event.kind == matcher.kind and all(
        _fits(wanted, _field(event.payload, name)) for name, wanted in matcher.fields.items()
    )


def problems(scenario: Scenario, events: Sequence[Happened]) -> Iterator[str]:
    """Everything that is not as the scenario, or any call at all, must be."""
    yield from _in_order(scenario.expect, events)
    for matcher in scenario.absent:
        for event in events:
            if matches(matcher, event):
                yield f"must not happen: {describe(matcher)}\n    but did: {show(event)}"
    yield from _never([event for event in events if event.logged])


def _in_order(expected: Sequence[Expected], events: Sequence[Happened]) -> Iterator[str]:
    """The expected events are there, in that order, others between them, each in time after the one before."""
    place, before = 0, 0.0
    for wanted in expected:
        found = next((i for i in range(place, len(events)) if matches(wanted, events[i])), None)
        if found is None:
            close = [show(event) for event in events[place:] if event.kind == wanted.kind]
            yield f"expected: {describe(wanted)}\n    after event {place}; there was " + (
                "\n        ".join(close) or "none"
            )
            return
        took = events[found].at - before
        if wanted.within is not None and took > wanted.within:
            yield f"too late: {describe(wanted)} came {took:.2f} s after the expected one before, not {wanted.within:g}"
        place, before = found + 1, events[found].at


def _never(events: Sequence[Happened]) -> Iterator[str]:
    """What no call may show, whatever its scenario: a log with holes, or words that nobody decided."""
    if [event.seq for event in events] != list(range(1, len(events) + 1)):
        yield f"the log has holes: {[event.seq for event in events]}"
    if not events or events[-1].kind != "call.ended":
        yield "the log does not end with call.ended"
    decided = {e.payload["reply"]: e.payload["text"] for e in events if e.kind == "reply.decided"}
    for event in events:
        if event.kind == "reply.heard":
            whole, heard = decided.get(event.payload["reply"], ""), event.payload["text"]
            if not whole.startswith(heard):
                yield f"heard what was not decided: {heard!r}"
            if event.payload["complete"] != (heard == whole):
                yield f"heard completely or not? {show(event)}"


def _field(payload: Any, name: str) -> Any:
    value = payload
    for part in name.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.lstrip("-").isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _fits(wanted: Any, value: Any) -> bool:
    match wanted:
        case {"contains": part}:
            return str(part) in (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        case {"not": other}:
            return not _fits(other, value)
        case str() if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
            return value is not None and re.search(wanted[1:-1], str(value)) is not None
        case _:
            return bool(wanted == value)


def describe(matcher: Matcher) -> str:
    """A matcher as it was written."""
    return matcher.kind + (f" {json.dumps(matcher.fields, ensure_ascii=False)}" if matcher.fields else "")


_SHOWN = (
    "turn reply text digits silent decision expects complete drained evidence reason queue purpose name action "
    "arguments digit component error fallback latency before after document".split()
)


def show(event: Happened) -> str:
    """An event in one line, with what a person wants to see of it."""
    shown = {key: event.payload[key] for key in _SHOWN if event.payload.get(key) not in (None, "", False)}
    return f"{event.at:7.2f}  {event.kind:22}{json.dumps(shown, ensure_ascii=False, default=str)}"
