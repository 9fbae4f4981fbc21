from __future__ import annotations

from gateway.desk.handoff import HandoffDesk
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import HandoffState
from tests.gateway.session.stage import handover


async def test_a_hand_off_is_durable_when_its_id_is_given() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="l", language="en")
    escalation = handover().escalation
    assert escalation is not None
    handoff = await HandoffDesk(ledger).queue(log, escalation, "en")
    [queued] = await ledger.handoffs("shop")
    assert (queued.handoff_id, queued.reason, queued.queue) == (handoff, "caller_asked", "general")
    assert queued.summary["text"] == "The caller wants a person."


async def test_what_an_agent_has_taken_is_not_abandoned() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="l", language="en")
    desk = HandoffDesk(ledger)
    escalation = handover().escalation
    assert escalation is not None
    taken, left = await desk.queue(log, escalation, "en"), await desk.queue(log, escalation, "en")
    await ledger.move_handoff("shop", taken, before=HandoffState.QUEUED, after=HandoffState.ACCEPTED)
    await desk.leave(log, taken)
    await desk.leave(log, left)
    await log.acknowledged()
    states = {handoff.handoff_id: handoff.state for handoff in await ledger.handoffs("shop")}
    assert states == {taken: "accepted", left: "abandoned"}
    told = [e.payload for e in await ledger.events("shop", "c") if e.kind == "handoff.abandoned"]
    assert told == [{"handoff": left}]
