from __future__ import annotations

import pytest

from gateway.analytics import whole_log as module
from gateway.analytics.whole_log import whole_log
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EventKind


async def test_a_log_is_read_whole_and_in_order_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="chat", language="en")
    for digit in range(7):
        log.append(EventKind.DTMF_PRESSED, {"digit": str(digit)})
    await log.acknowledged()
    assert [event.seq for event in await whole_log(ledger, "shop", "c")] == list(range(1, 9))  # and that it was offered
    assert await whole_log(ledger, "shop", "nobody") == []
    monkeypatch.setattr(module, "MOST_EVENTS", 3)
    assert [event.seq for event in await whole_log(ledger, "shop", "c")] == [1, 2, 3]
    await ledger.close()
