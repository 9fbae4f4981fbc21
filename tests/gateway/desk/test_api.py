from __future__ import annotations

from gateway.desk.api import desk_router
from gateway.desk.handoff import HandoffDesk
from gateway.session.memory_log import MemoryContactLog
from tests.gateway.http import client
from tests.gateway.session.stage import handover


async def test_who_waits_is_shown_with_the_summary_and_only_to_its_tenant() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="l", language="en")
    escalation = handover().escalation
    assert escalation is not None
    await HandoffDesk(ledger).queue(log, escalation, "en")
    async with client(desk_router(ledger)) as http:
        [waiting] = (await http.get("/v1/tenants/shop/handoffs?state=queued")).json()
        assert waiting["summary"]["text"] == "The caller wants a person."
        assert (await http.get("/v1/tenants/shop/handoffs?state=ended")).json() == []
        assert (await http.get("/v1/tenants/other/handoffs")).json() == []
        assert (await http.get("/v1/tenants/shop/handoffs?state=nonsense")).status_code == 422
