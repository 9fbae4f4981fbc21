"""What an operator reads of calls: how many go on and with whom, who waits, how long each stage took."""

from __future__ import annotations

import uuid

import pytest

from gateway.analytics.call_metrics import CallMetrics
from infra.telemetry.metrics import metrics
from tests.gateway.analytics.tracing.told import Told, an_order_is_asked_for


def value(name: str, **labels: str) -> float:
    return metrics.value(name, labels)


class Before:
    """What a counter said before."""

    def __init__(self, name: str, **labels: str) -> None:
        self._name, self._labels, self._before = name, labels, value(name, **labels)

    @property
    def more(self) -> float:
        return value(self._name, **self._labels) - self._before


async def test_a_whole_call_is_counted() -> None:
    counted = {
        "offered": Before("aicc_contacts_offered_total", channel="voice", direction="inbound"),
        "ended": Before("aicc_contacts_ended_total", channel="voice", reason="caller_hung_up"),
        "turns": Before("aicc_turns_total", language="en"),
        "acts": Before("aicc_replies_total", decision="act"),
        "searches": Before("aicc_retrieval_seconds_count"),
        "barge_ins": Before("aicc_barge_ins_total"),
        "actions": Before("aicc_actions_total", outcome="succeeded"),
        "escalations": Before("aicc_escalations_total", reason="asked"),
        "accepted": Before("aicc_queue_wait_seconds_count", outcome="accepted"),
        "transfers": Before("aicc_transfers_total", way="refer", outcome="busy"),
        "totals": Before("aicc_turn_stage_seconds_count", stage="total"),
        "lengths": Before("aicc_contact_seconds_count", channel="voice"),
    }
    times = Before("aicc_turn_stage_seconds_sum", stage="total")
    seen = CallMetrics()
    for event in an_order_is_asked_for():
        await seen.saw(event)
    assert {name: one.more for name, one in counted.items()} == dict.fromkeys(counted, 1.0) | {"turns": 2.0}
    assert times.more == pytest.approx(0.82)


async def test_with_whom_calls_are_and_who_waits_follows_them() -> None:
    tenant = f"t-{uuid.uuid4().hex}"
    told, seen = Told(tenant=tenant), CallMetrics()
    steps = [
        (0, "call.offered", {"channel": "voice"}, {"bot": 1}),
        (1, "handoff.queued", {"handoff": "h", "queue": "orders"}, {"queue": 1}),
        (2, "handoff.accepted", {"handoff": "h", "waited": 1.0}, {"person": 1}),
        (3, "control.changed", {"owner": "bot"}, {"bot": 1}),
        (4, "handoff.queued", {"handoff": "i", "queue": "orders"}, {"queue": 1}),
        (5, "handoff.abandoned", {"handoff": "i", "waited": 1.0}, {"bot": 1}),
        (6, "agent.joined", {"mode": "listen"}, {"bot": 1}),
        (7, "agent.joined", {"mode": "talk"}, {"person": 1}),
        (8, "call.ended", {"reason": "completed"}, {}),
    ]
    for at, kind, payload, expected in steps:
        await seen.saw(told(at, kind, **payload))
        found = {state: value("aicc_contacts", state=state) for state in ("bot", "queue", "person")}
        assert {state: count for state, count in found.items() if count} == expected, kind
        waiting = value("aicc_queue_waiting", tenant=tenant, queue="orders")
        assert waiting == expected.get("queue", 0)


async def test_who_hangs_up_in_the_queue_or_will_be_called_back_waits_no_more() -> None:
    tenant, seen = f"t-{uuid.uuid4().hex}", CallMetrics()
    for leaves in ("call.ended", "callback.requested"):
        told = Told(call=leaves, tenant=tenant)
        await seen.saw(told(0, "call.offered"))
        await seen.saw(told(1, "handoff.queued", queue="orders"))
        assert value("aicc_queue_waiting", tenant=tenant, queue="orders") == 1
        await seen.saw(told(2, leaves))
        assert value("aicc_queue_waiting", tenant=tenant, queue="orders") == 0


async def test_calls_that_began_before_and_payloads_that_are_wrong_are_borne() -> None:
    told, seen = Told(call="unknown"), CallMetrics()
    ended = Before("aicc_contacts_ended_total", channel="unknown", reason="unknown")
    for kind in ("control.changed", "handoff.accepted", "reply.started", "retrieval.done", "action.failed"):
        await seen.saw(told(1, kind, owner=3, waited="x", stages=[1], seconds="y"))
    await seen.saw(told(2, "call.ended", reason=None))
    assert ended.more == 1
    assert value("aicc_contacts", state="bot") == 0
