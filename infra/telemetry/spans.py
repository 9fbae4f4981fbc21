"""What a span of a trace is: plain data with its own ids and times. Pure.

Refuses: any text that nobody has looked at; whoever makes spans answers for what stands in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Attribute = str | int | float | bool

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something without a length that happened within a span."""

    name: str
    at: datetime
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took a while: from ``start`` to ``end``, in UTC. Ids are positive: 128 bits of the trace, 64 of
    the span and of the one that it is part of."""

    trace: int
    id: int
    parent: int | None
    name: str
    start: datetime
    end: datetime
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    serves: bool = False
    """Whether it is how somebody outside was served (OpenTelemetry's kind SERVER), and not a part of our own work."""
    error: str = ""
    """The kind of error that it ended with; empty: none."""


def nanoseconds(at: datetime) -> int:
    """A moment as OTLP counts it: nanoseconds since 1970, exact to the microsecond."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
