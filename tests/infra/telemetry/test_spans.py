"""Times of spans as OTLP counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from infra.telemetry.spans import nanoseconds


def test_a_moment_is_counted_exactly_to_the_microsecond() -> None:
    at = datetime(2026, 11, 22, 9, 0, 0, 123456, UTC)
    assert nanoseconds(at) == 1795338000123456000
    assert nanoseconds(at.astimezone(timezone(timedelta(hours=9)))) == 1795338000123456000
    assert nanoseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
