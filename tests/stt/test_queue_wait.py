from __future__ import annotations

import pytest

from stt import queue_wait
from stt.queue_wait import SPAN, QueueWait


def test_without_work_there_is_no_wait() -> None:
    assert QueueWait().quantile(0.95, 0.0) == 0.0


@pytest.mark.parametrize(("share", "waited"), [(0.0, 0.01), (0.5, 0.51), (0.95, 0.96), (1.0, 1.0)])
def test_a_quantile_is_what_that_share_did_not_exceed(share: float, waited: float) -> None:
    waits = QueueWait()
    for hundredth in range(100, 0, -1):
        waits.add(hundredth / 100, 0.0)
    assert waits.quantile(share, 1.0) == pytest.approx(waited)


def test_what_is_long_ago_counts_no_more() -> None:
    waits = QueueWait()
    waits.add(9.0, 0.0)
    waits.add(0.1, SPAN)
    assert waits.quantile(1.0, SPAN) == 9.0
    assert waits.quantile(1.0, SPAN + 0.1) == 0.1
    assert waits.quantile(1.0, 3 * SPAN) == 0.0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_wait, "MOST", 3)
    waits = QueueWait()
    for wait in (5.0, 1.0, 1.0, 1.0):
        waits.add(wait, 0.0)
    assert waits.quantile(1.0, 0.0) == 1.0
