"""The machine's clock."""

from __future__ import annotations

from datetime import timedelta

from dialog.clock import SystemClock


def test_it_only_grows_and_knows_the_day_of_a_zone() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    east, west = clock.today("Pacific/Kiritimati"), clock.today("Pacific/Pago_Pago")
    assert timedelta(0) < east - west <= timedelta(days=2)
