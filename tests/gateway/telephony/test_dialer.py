"""What the port for placing calls says of progress."""

from __future__ import annotations

from gateway.telephony.dialer import Progress


def test_a_call_that_rings_or_goes_on_is_not_over() -> None:
    assert {progress for progress in Progress if not progress.final} == {Progress.RINGING, Progress.TALKING}
