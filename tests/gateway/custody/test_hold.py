from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gateway.custody.hold import Hold


def test_a_hold_stands_until_it_is_released() -> None:
    hold = Hold("h", "c", "a lawsuit", "anna", datetime(2026, 11, 1, tzinfo=UTC))
    assert hold.stands
    assert not replace(hold, released_by="anna", released_at=datetime(2026, 12, 1, tzinfo=UTC)).stands
