from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from gateway.analytics.vcon.identity import vcon_uuid

AT = datetime(2026, 11, 22, 1, 2, 3, 456_000, tzinfo=UTC)


def test_it_is_a_version_8_uuid_that_begins_with_the_milliseconds() -> None:
    made = vcon_uuid(AT, "t", "c", "example.com")
    assert (made.version, made.variant) == (8, RFC_4122)
    assert made.int >> 80 == int(AT.timestamp() * 1000)


def test_its_last_62_bits_are_those_of_the_names_sha1() -> None:
    name = int.from_bytes(hashlib.sha1(b"c.t.example.com").digest()[:8])
    assert vcon_uuid(AT, "t", "c", "example.com").int & ((1 << 62) - 1) == name >> 2


def test_other_calls_of_the_same_millisecond_have_other_ids() -> None:
    made = {vcon_uuid(AT, tenant, str(call), domain) for call in range(500) for tenant in "ab" for domain in "xy"}
    assert len(made) == 2_000


def test_later_calls_sort_behind_earlier_ones() -> None:
    later = AT + timedelta(milliseconds=1)
    assert vcon_uuid(AT, "t", "c", "d").bytes < vcon_uuid(later, "t", "a", "d").bytes
