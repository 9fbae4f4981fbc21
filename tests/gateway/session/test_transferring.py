"""Whole calls that are moved to a target outside, in virtual time: what is dialled, what the caller hears, and what is
written down of it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.session.destination import Destination
from gateway.session.records import EndReason
from gateway.session.transfer import LEAVES_WITHIN
from gateway.telephony.leg import DtmfReceived, HungUp
from gateway.telephony.transfer import NotTransferred, TransferMethod, Transferred, TransferUnclear
from gateway.telephony.trunk import Failure
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.session.desk_stage import KIM, TUNE, heard_at, now
from tests.gateway.session.stage import OUR_VOICE, VOICE
from tests.gateway.session.transfer_stage import Exchange, Gate, Movable, TransferStage, sent_away


def texts(stage: TransferStage) -> list[str]:
    return [event["text"] for event in stage.of("reply.heard")]


async def wait(stage: TransferStage) -> None:
    await stage.event("call.ended", within=900.0)


# --- bridged ----------------------------------------------------------------------------------------------------------
def test_a_bridge_rings_with_music_joins_the_two_and_the_caller_goes_on_with_the_bot_afterwards() -> None:
    seen: dict[str, object] = {}

    async def script(stage: TransferStage) -> None:
        agent = await stage.answered()
        seen["music"] = bool(TUNE.intersection(pcm for _, pcm in stage.leg.sent))
        await asyncio.sleep(0.2)
        agent.loud_until = stage.leg.loud_until = now() + 2.0
        await asyncio.sleep(2.5)
        seen["agent heard"] = len(heard_at(agent, VOICE))
        seen["caller heard"] = len(heard_at(stage.leg, VOICE))
        agent.tell(HungUp("the agent hung up"))
        await stage.until_quiet(2.0)
        await stage.speak(1.2)

    exchange, gate = Exchange(), Gate()
    stage = sent_away(script, trunk=exchange, toll=gate, said=("my order is late", "no thank you"))
    [handoff] = stage.handoffs
    [order] = exchange.orders
    assert order.target == gate.asked[0] == f"sip:queue-{handoff.handoff_id}@pbx.example"
    assert order.line == "+18005550199"
    assert order.beside is stage.leg
    assert order.headers["User-to-User"] == f"{handoff.handoff_id.encode().hex()};encoding=hex"
    assert seen["music"]
    assert seen["agent heard"] > 80  # type: ignore[operator]
    assert seen["caller heard"] > 80  # type: ignore[operator]
    assert any("connecting you to Support" in text for text in texts(stage))
    assert "Back with you" in texts(stage)  # asked whether there is anything else
    assert stage.reason is EndReason.COMPLETED
    assert handoff.state == "ended"
    told = [kind for kind in stage.kinds if kind.startswith(("handoff", "transfer", "control", "agent.j", "agent.l"))]
    assert told == [
        "handoff.queued",
        "transfer.tried",
        "transfer.ringing",
        "transfer.answered",
        "handoff.accepted",
        "control.changed",
        "agent.joined",
        "agent.left",
        "handoff.ended",
        "control.changed",
    ]
    assert gate.spent == [pytest.approx(2.7, abs=0.3)]


def test_a_bridged_call_that_its_caller_ends_ends_the_other_leg_and_what_it_costs() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.answered()
        await asyncio.sleep(60.0)
        stage.hang_up()

    exchange, gate = Exchange(), Gate()
    stage = sent_away(script, trunk=exchange, toll=gate)
    assert stage.reason is EndReason.CALLER_HUNG_UP
    assert exchange.legs[0].hung_up_at is not None
    assert gate.spent == [pytest.approx(60.0, abs=0.5)]
    assert [handoff.state for handoff in stage.handoffs] == ["ended"]


def test_a_caller_who_leaves_while_it_rings_ends_the_outgoing_call() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.ringing")
        stage.hang_up()

    exchange, gate = Exchange(rings=20.0), Gate()
    stage = sent_away(script, trunk=exchange, toll=gate)
    assert stage.reason is EndReason.CALLER_HUNG_UP
    assert (exchange.given_up, exchange.legs, gate.spent) == (1, [], [0.0])
    assert [handoff.state for handoff in stage.handoffs] == ["abandoned"]


def test_by_policy_the_call_ends_with_the_target() -> None:
    async def script(stage: TransferStage) -> None:
        agent = await stage.answered()
        await asyncio.sleep(3.0)
        agent.tell(HungUp("done"))

    stage = sent_away(script, trunk=Exchange(), afterwards="end")
    assert stage.reason is EndReason.COMPLETED
    assert "Back with you" not in texts(stage)


def test_a_bridge_lasts_no_longer_than_it_may_and_the_caller_is_not_dropped() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.answered()
        await asyncio.sleep(130.0)
        assert "Back with you" in stage.mind.history
        stage.hang_up()

    exchange, gate = Exchange(), Gate(seconds=120.0)
    stage = sent_away(script, trunk=exchange, toll=gate)
    assert exchange.legs[0].hung_up_at is not None
    assert gate.spent == [pytest.approx(120.0, abs=0.5)]
    assert stage.of("handoff.ended")[0]["why"] == "the longest call was reached"


def test_somebody_of_our_desk_who_takes_the_call_ends_the_ringing() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.ringing")
        stage.session.room.take(KIM)
        await asyncio.sleep(30.0)
        assert stage.session.room.control.grip.who == "kim"
        stage.hang_up()

    exchange = Exchange(rings=20.0)
    stage = sent_away(script, trunk=exchange)
    assert exchange.given_up == 1
    assert stage.of("transfer.failed") == []


def test_while_it_rings_for_long_the_caller_is_told_that_it_goes_on() -> None:
    stage = sent_away(wait, trunk=Exchange(rings=60.0), ring_seconds=40, otherwise="callback")
    assert any("still ringing at Support" in text for text in texts(stage))


# --- who answers ------------------------------------------------------------------------------------------------------
def test_whoever_answers_hears_who_calls_and_gets_the_caller_with_a_key() -> None:
    async def script(stage: TransferStage) -> None:
        agent = await stage.answered()
        await asyncio.sleep(2.0)
        assert heard_at(agent, OUR_VOICE)  # they are told
        assert stage.session.room.people.seats == []
        agent.tell(DtmfReceived("5", 0.0))
        await asyncio.sleep(1.0)
        assert stage.session.room.people.seats == []
        agent.tell(DtmfReceived("1", 0.0))
        await asyncio.sleep(0.5)
        [(person, _)] = stage.session.room.people.seats
        assert person.id == "outside:support"
        stage.hang_up()

    stage = sent_away(script, trunk=Exchange(), accept="key")
    assert len(stage.of("handoff.accepted")) == 1


def test_a_voicemail_box_that_presses_nothing_does_not_get_the_caller_who_may_choose() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        await stage.until_quiet(1.0)
        stage.press("3")
        await asyncio.sleep(5.0)
        stage.hang_up()

    exchange = Exchange()
    stage = sent_away(script, trunk=exchange, accept="key")
    assert exchange.legs[0].hung_up_at is not None
    assert stage.of("agent.joined") == []
    assert [event["choice"] for event in stage.of("transfer.choice")] == ["bot"]
    assert "Back with you" in texts(stage)


# --- nobody there -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Failure.BUSY, "is busy"),
        (Failure.NO_ANSWER, "Nobody answers"),
        (Failure.DECLINED, "cannot take your call"),
        (Failure.UNREACHABLE, "could not reach"),
    ],
)
def test_whoever_cannot_be_reached_leaves_the_caller_with_a_choice(failure: Failure, told: str) -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        await stage.until_quiet(1.0)
        assert not TUNE.intersection(pcm for at, pcm in stage.leg.sent if at > now() - 0.5)  # no music over a question
        stage.press("1")

    stage = sent_away(script, trunk=Exchange([failure]))
    assert any(told in text for text in texts(stage))
    assert stage.of("transfer.choice") == [
        {"handoff": stage.handoffs[0].handoff_id, "target": "support", "choice": "callback", "by": "caller"}
    ]
    assert stage.reason is EndReason.COMPLETED
    assert "call you back" in texts(stage)[-1]
    assert [handoff.state for handoff in stage.handoffs] == ["queued"]  # our desk calls back


def test_a_choice_can_be_said_and_leads_into_our_own_queue() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        await stage.until_quiet(1.0)
        await stage.speak(1.2)
        await asyncio.sleep(8.0)
        assert [handoff.state for handoff in await stage.ledger.handoffs("shop")] == ["queued"]
        stage.hang_up()

    stage = sent_away(script, trunk=Exchange([Failure.BUSY]), said=("I will wait for an agent",))
    assert any("still finding someone" in text for text in texts(stage))
    assert [handoff.state for handoff in stage.handoffs] == ["abandoned"]


def test_who_says_nothing_twice_waits_for_our_desk() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.choice", within=120.0)
        await asyncio.sleep(2.0)
        stage.hang_up()

    stage = sent_away(script, trunk=Exchange([Failure.BUSY]))
    assert [(event["choice"], event["by"]) for event in stage.of("transfer.choice")] == [("desk", "policy")]
    assert sum("To be called back" in text for text in texts(stage)) == 2


def test_what_is_not_allowed_is_never_dialled() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        stage.hang_up()

    exchange = Exchange()
    stage = sent_away(script, trunk=exchange, toll=Gate(refuses="no prefix allows it"))
    assert exchange.orders == []
    assert stage.of("transfer.failed")[0]["reason"] == "no prefix allows it"


def test_without_a_trunk_a_bridge_is_not_possible_and_the_policy_follows() -> None:
    stage = sent_away(wait, otherwise="callback")
    assert [(event["failure"], event["reason"]) for event in stage.of("transfer.failed")] == [
        ("unreachable", "we have no trunk")
    ]
    assert stage.reason is EndReason.COMPLETED
    assert "call you back" in texts(stage)[-1]


def test_a_gate_that_fails_is_a_way_that_failed() -> None:
    class Broken(Gate):
        async def begin(self, call: str, destination: Destination) -> None:  # type: ignore[override]
            raise DatabaseUnavailable("away")

    stage = sent_away(wait, trunk=Exchange(), toll=Broken(), otherwise="callback")
    assert stage.of("component.failed")[0]["component"] == "transfer"
    assert "call you back" in texts(stage)[-1]


# --- messages ---------------------------------------------------------------------------------------------------------
def test_a_message_is_recorded_and_stands_in_the_record() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        await stage.until_quiet(1.0)
        assert stage.recorder.said == []
        stage.press("4")
        await asyncio.sleep(8.0)
        await stage.speak(2.0)
        await asyncio.sleep(2.0)
        stage.press("#")

    stage = sent_away(script, trunk=Exchange([Failure.BUSY]), said=("please send the blue one",), consent="ask")
    [message] = stage.of("message.left")
    assert message["text"] == "please send the blue one"
    assert message["seconds"] > 4
    assert [event["purpose"] for event in stage.of("consent.given")] == ["message"]
    assert any(any(frame.pcm) for frame in stage.recorder.said)
    assert "passed on your message" in texts(stage)[-1]
    assert len(stage.of("recording.stored")) == 1
    assert stage.reason is EndReason.COMPLETED


def test_who_hangs_up_behind_a_message_has_left_it() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.failed")
        await asyncio.sleep(9.0)
        await stage.speak(2.0)
        await asyncio.sleep(1.0)
        stage.hang_up()

    stage = sent_away(
        script, trunk=Exchange([Failure.BUSY]), said=("call my brother",), consent="notice", otherwise="voicemail"
    )
    assert [message["text"] for message in stage.of("message.left")] == ["call my brother"]
    assert [handoff.state for handoff in stage.handoffs] == ["queued"]
    assert stage.reason is EndReason.CALLER_HUNG_UP


def test_where_nothing_may_be_recorded_no_message_is_offered_and_none_taken() -> None:
    stage = sent_away(wait, trunk=Exchange([Failure.BUSY]), otherwise="voicemail")
    assert stage.of("message.left") == []
    assert "call you back" in texts(stage)[-1]


# --- the caller's network ---------------------------------------------------------------------------------------------
def test_a_network_that_moves_the_call_takes_it_from_us() -> None:
    async def script(stage: TransferStage) -> None:
        await asyncio.sleep(2.0)
        stage.leg.tell(HungUp("moved"))

    leg = Movable([Transferred(confirmed=True)])
    stage = sent_away(script, leg=leg, ways=["refer", "bridge"])
    [order] = leg.orders
    assert (order.method, order.handoff) == (TransferMethod.REFER, stage.handoffs[0].handoff_id)
    assert order.target == f"sip:queue-{order.handoff}@pbx.example"
    assert stage.reason is EndReason.TRANSFERRED
    [told] = stage.of("call.transferred")
    assert (told["mode"], told["way"], told["confirmed"]) == ("blind", "refer", True)
    assert [handoff.state for handoff in stage.handoffs] == ["ended"]


def test_a_leg_that_its_network_ends_before_it_answers_the_order_was_moved() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.tried")
        stage.leg.tell(HungUp("moved"))

    stage = sent_away(script, leg=Movable([None]), ways=["provider"])
    assert stage.reason is EndReason.TRANSFERRED
    assert [handoff.state for handoff in stage.handoffs] == ["ended"]
    assert stage.of("call.transferred")[0]["confirmed"] is False


def test_a_call_that_stays_although_its_network_took_it_is_ended_on_our_side_where_that_is_enough() -> None:
    leg = Movable([Transferred(confirmed=False)])
    stage = sent_away(wait, leg=leg, ways=["refer"])
    assert stage.reason is EndReason.TRANSFERRED
    assert leg.hung_up_at is not None
    began = next(at for at, pcm in leg.sent if pcm in TUNE)
    assert leg.hung_up_at - began >= LEAVES_WITHIN


def test_a_call_that_stays_although_its_network_took_it_is_bridged_where_only_an_answer_counts() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.answered()
        await asyncio.sleep(1.0)
        stage.hang_up()

    leg = Movable([Transferred(confirmed=False)])
    stage = sent_away(script, trunk=Exchange(), leg=leg, ways=["refer", "bridge"], settled="answered", ring_seconds=10)
    assert [event["way"] for event in stage.of("transfer.tried")] == ["refer", "bridge"]
    assert stage.reason is EndReason.CALLER_HUNG_UP


@pytest.mark.parametrize(
    "outcome",
    [NotTransferred("declined", 603), TransferUnclear("no answer"), None],
    ids=["refused", "unclear", "never answers"],
)
def test_a_network_that_refuses_or_is_silent_is_followed_by_a_bridge(
    outcome: NotTransferred | TransferUnclear | None,
) -> None:
    async def script(stage: TransferStage) -> None:
        await stage.answered()
        await asyncio.sleep(1.0)
        stage.hang_up()

    stage = sent_away(script, trunk=Exchange(), leg=Movable([outcome]), ways=["refer", "bridge"])
    assert [event["way"] for event in stage.of("transfer.failed")] == ["refer"]
    assert len(stage.of("agent.joined")) == 1


def test_a_platform_is_asked_by_its_own_word() -> None:
    leg = Movable([Transferred(confirmed=False)], TransferMethod.PROVIDER)
    sent_away(wait, leg=leg, ways=["provider"], provider_to="sales-{handoff}", toll=Gate(refuses="nothing"))
    assert leg.orders[0].target == f"sales-{leg.orders[0].handoff}"


@pytest.mark.parametrize(
    "word", ["+19005550100", "tel:+19005550100", "sip:queue@pbx.example", "SIP:x@y?h=v", "00 82 2 1234 5678"]
)
def test_a_platform_is_not_asked_for_a_number_that_we_may_not_call(word: str) -> None:
    leg = Movable([Transferred(confirmed=True)], TransferMethod.PROVIDER)
    sent_away(wait, leg=leg, ways=["provider"], provider_to=word, otherwise="callback", toll=Gate(refuses="no prefix"))
    assert leg.orders == []


def test_no_network_is_asked_to_call_what_we_may_not_call() -> None:
    leg = Movable([Transferred(confirmed=True)])
    stage = sent_away(wait, leg=leg, ways=["refer"], otherwise="callback", toll=Gate(refuses="no prefix"))
    assert leg.orders == []
    assert stage.of("transfer.failed")[0]["reason"] == "no prefix"


def test_a_consultation_tells_who_calls_and_the_network_joins_the_two() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("transfer.answered")
        while not leg.orders:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        stage.leg.tell(HungUp("replaced"))

    leg, exchange = Movable([Transferred(confirmed=True)]), Exchange()
    stage = sent_away(script, trunk=exchange, leg=leg, ways=["attended"])
    [order] = leg.orders
    assert order.method is TransferMethod.ATTENDED
    assert order.answered is exchange.legs[0]
    assert heard_at(exchange.legs[0], OUR_VOICE)
    [told] = stage.of("call.transferred")
    assert (told["mode"], told["confirmed"]) == ("warm", True)
    assert stage.reason is EndReason.TRANSFERRED
    assert exchange.legs[0].hung_up_at is not None


def test_where_the_network_does_not_join_them_we_stay_between() -> None:
    async def script(stage: TransferStage) -> None:
        await stage.event("agent.joined")
        await asyncio.sleep(1.0)
        stage.hang_up()

    leg = Movable([NotTransferred("no Replaces", 420)])
    stage = sent_away(script, trunk=Exchange(), leg=leg, ways=["attended"])
    assert len(stage.of("handoff.accepted")) == 1
    assert stage.of("call.transferred") == []


# --- beside it --------------------------------------------------------------------------------------------------------
def test_outside_opening_hours_nothing_is_dialled() -> None:
    exchange = Exchange()
    stage = sent_away(wait, trunk=exchange, hours={"weekly": {"sunday": []}})
    assert exchange.orders == []
    assert "call you back" in texts(stage)[-1]
