"""The floor, command by command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.desk.floor.agent_state import Presence, Routing
from gateway.desk.floor.errors import (
    AgentBusy,
    ItemTaken,
    NoSuchItem,
    NoSuchQueue,
    NotSignedIn,
    NotYours,
    OfferGone,
    WrongState,
)
from gateway.desk.floor.floor import CALLBACK_CONNECTS_WITHIN, CONNECT_WITHIN, Floor
from gateway.desk.floor.queue import Queues
from gateway.desk.floor.work_item import AGENT_LOST, ItemState
from gateway.session.tenant import Hours
from tests.gateway.desk.floor.hall import (
    GENERAL,
    NOW,
    NUMBER,
    QUEUES,
    at_work,
    call,
    floor_with,
    kinds,
    later,
    rings_at,
    talking,
)


def state(floor: Floor, item: str = "h1") -> ItemState:
    return floor.items[item].state


def routing(floor: Floor, agent: str = "anna") -> Routing:
    return floor.agents[agent].routing


def ringing(*agents: str) -> tuple[Floor, str]:
    """A call rings at the first agent's desk; the offer."""
    floor = floor_with(*agents)
    floor.enqueue(call(), NOW)
    return floor, floor.items["h1"].offer or ""


def in_talk(*agents: str) -> Floor:
    floor, _ = ringing(*(agents or ("anna",)))
    talking(floor)
    return floor


# --- a call from end to end -------------------------------------------------------------------------------------------
def test_a_call_from_the_queue_to_the_end_of_its_wrap_up() -> None:
    floor = floor_with("anna")
    assert kinds(floor.enqueue(call(), NOW)) == ["item.queued", "offer.made", "item.offered", "agent.routing"]
    offer = floor.items["h1"].offer or ""
    assert kinds(floor.accept(offer, "anna", later(3))) == ["offer.accepted", "item.accepted", "agent.routing"]
    assert kinds(floor.connected("h1", later(4))) == ["item.connected"]
    assert floor.connected("h1", later(5)) == []
    assert kinds(floor.hung_up("h1", later(60))) == ["agent.routing", "item.wrap_up"]
    assert (routing(floor), floor.agents["anna"].until) == (Routing.WRAP_UP, later(120))
    assert kinds(floor.wrapped_up("h1", "anna", later(80))) == ["item.completed", "agent.routing"]
    assert (floor.items, floor.offers, floor.agents["anna"].free) == ({}, {}, True)


def test_who_comes_is_offered_what_waits() -> None:
    floor = Floor(QUEUES)
    floor.enqueue(call(), NOW)
    at_work(floor, "anna", at=5)
    assert rings_at(floor) == "anna"


def test_a_call_is_queued_once_and_in_a_queue_that_exists() -> None:
    floor = Floor(QUEUES)
    floor.enqueue(call(queue="sales"), NOW)
    assert floor.items["h1"].queue == "general"
    assert floor.enqueue(call(), later(9)) == []


# --- the caller hangs up ----------------------------------------------------------------------------------------------
def test_a_caller_who_hangs_up_while_it_rings_leaves_nobody_waiting() -> None:
    floor, offer = ringing("anna")
    events = floor.abandon("h1", later(3))
    assert kinds(events) == ["offer.caller_gone", "agent.routing", "item.abandoned"]
    assert events[-1].payload["offer"] is None
    assert floor.agents["anna"].free
    with pytest.raises(OfferGone):
        floor.accept(offer, "anna", later(4))


def test_a_caller_who_hangs_up_before_the_agent_is_heard_frees_the_agent() -> None:
    floor, offer = ringing("anna")
    floor.accept(offer, "anna", later(1))
    assert kinds(floor.hung_up("h1", later(2))) == ["agent.routing", "item.abandoned"]
    assert floor.agents["anna"].free


def test_hanging_up_twice_is_hanging_up_once() -> None:
    floor = in_talk()
    floor.hung_up("h1", later(60))
    assert floor.abandon("h1", later(61)) == []
    floor.wrapped_up("h1", "anna", later(70))
    assert floor.abandon("h1", later(71)) == []


# --- offers -----------------------------------------------------------------------------------------------------------
def test_a_rejected_call_goes_to_the_next_and_the_agent_stays_available() -> None:
    floor, offer = ringing("anna", "ben")
    events = kinds(floor.reject(offer, "anna", "점심", later(3)))
    assert events[:3] == ["offer.rejected", "item.requeued", "agent.routing"]
    assert (rings_at(floor), floor.agents["anna"].free) == ("ben", True)


def test_an_offer_that_nobody_answers_goes_on_and_is_never_silently_repeated() -> None:
    floor, offer = ringing("anna", "ben")
    assert floor.tick(later(14)) == []
    assert kinds(floor.tick(later(15)))[0] == "offer.timeout"
    assert (rings_at(floor), routing(floor)) == ("ben", Routing.NOT_RESPONDING)
    with pytest.raises(OfferGone):
        floor.accept(offer, "anna", later(15))
    floor.set_presence("anna", Presence.AVAILABLE, later(16))
    assert floor.agents["anna"].free


def test_an_accept_that_comes_before_the_clock_is_looked_at_wins() -> None:
    floor, offer = ringing("anna", "ben")
    floor.accept(offer, "anna", later(15))
    assert floor.tick(later(15)) == []
    assert state(floor) is ItemState.ACCEPTED


def test_of_two_accepts_one_wins_and_the_same_twice_is_one() -> None:
    floor, offer = ringing("anna", "ben")
    with pytest.raises(NotYours):
        floor.accept(offer, "ben", later(1))
    floor.accept(offer, "anna", later(1))
    assert floor.accept(offer, "anna", later(2)) == []
    with pytest.raises(OfferGone):
        floor.accept(offer, "ben", later(2))


def test_an_agent_whose_device_fails_is_offered_nothing_until_they_are_back() -> None:
    floor, offer = ringing("anna")
    floor.device_error(offer, "anna", later(1), "NotAllowedError")
    floor.enqueue(call("h2"), later(2))
    assert (rings_at(floor), rings_at(floor, "h2")) == (None, None)
    floor.set_presence("anna", Presence.AVAILABLE, later(30))
    assert rings_at(floor) == "anna"


def test_the_only_agent_is_asked_again_after_a_rest() -> None:
    floor, offer = ringing("anna")
    floor.reject(offer, "anna", "", NOW)
    assert (rings_at(floor), floor.deadline) == (None, later(15))
    floor.tick(later(15))
    assert (rings_at(floor), floor.items["h1"].attempts) == ("anna", 2)


def test_an_agent_who_is_never_heard_loses_the_call_to_others() -> None:
    floor, offer = ringing("anna", "ben")
    floor.accept(offer, "anna", NOW)
    assert floor.deadline == NOW + CONNECT_WITHIN
    floor.tick(NOW + CONNECT_WITHIN)
    assert (rings_at(floor), routing(floor)) == ("ben", Routing.NOT_RESPONDING)


# --- wrap-up ----------------------------------------------------------------------------------------------------------
def test_a_wrap_up_ends_by_itself_and_then_the_break_begins() -> None:
    floor = in_talk()
    floor.set_presence("anna", Presence.AWAY, later(5), "break")
    floor.hung_up("h1", later(10))
    assert floor.deadline == later(70)
    assert kinds(floor.tick(later(70))) == ["item.completed", "agent.routing"]
    assert (floor.agents["anna"].presence, floor.agents["anna"].reason) == (Presence.AWAY, "break")


def test_only_who_had_the_call_wraps_it_up_and_only_when_it_is_over() -> None:
    floor = in_talk("anna", "ben")
    with pytest.raises(WrongState, match="not over yet"):
        floor.wrapped_up("h1", "anna", later(5))
    with pytest.raises(NotYours):
        floor.wrapped_up("h1", "ben", later(5))
    with pytest.raises(NoSuchItem):
        floor.wrapped_up("h9", "anna", later(5))


def test_a_call_given_back_to_the_machine_is_done() -> None:
    floor = in_talk()
    events = floor.given_back("h1", later(20))
    assert kinds(events) == ["agent.routing", "item.completed"]
    assert events[-1].payload["reason"] == "returned"
    assert floor.agents["anna"].free


# --- transfer, take, agents come and go -------------------------------------------------------------------------------
def test_a_transferred_call_keeps_its_place_and_the_agent_wraps_up() -> None:
    floor = in_talk()
    floor.enqueue(call("h2", "orders", at=1), later(1))
    floor.transfer("h1", later(30), queue="orders")
    assert [item.item for item in floor.waiting("orders")] == ["h1", "h2"]
    assert (routing(floor), state(floor)) == (Routing.WRAP_UP, ItemState.QUEUED)
    floor.wrapped_up("h1", "anna", later(40))
    assert (floor.agents["anna"].free, state(floor)) == (True, ItemState.QUEUED)


def test_a_call_may_be_sent_to_the_end_of_the_line() -> None:
    floor = in_talk()
    floor.enqueue(call("h2", "orders", at=1), later(1))
    floor.transfer("h1", later(30), queue="orders", last=True)
    assert [item.item for item in floor.waiting("orders")] == ["h2", "h1"]


def test_a_call_for_an_agent_waits_for_them_and_then_for_anybody() -> None:
    floor = in_talk("anna", "ben", "carl")
    floor.enqueue(call("h2"), later(1))
    talking(floor, "h2")
    floor.transfer("h1", later(30), agent="ben")
    assert rings_at(floor) is None
    floor.tick(later(90))
    assert rings_at(floor) == "carl"


def test_a_transfer_needs_somewhere_to_go() -> None:
    floor = in_talk()
    with pytest.raises(NoSuchQueue):
        floor.transfer("h1", later(1), queue="sales")
    with pytest.raises(NotSignedIn):
        floor.transfer("h1", later(1), agent="zoe")
    assert state(floor) is ItemState.CONNECTED


def test_a_supervisor_takes_what_waits_what_rings_and_what_is_new() -> None:
    floor, _ = ringing("anna")
    floor.sign_in("sue", NOW, name="Sue")
    events = kinds(floor.take("h1", "sue", later(1)))
    assert events == ["offer.rescinded", "agent.routing", "item.accepted", "agent.routing"]
    assert (floor.agents["anna"].free, floor.items["h1"].agent) == (True, "sue")
    assert floor.take("h1", "sue", later(2)) == []
    with pytest.raises(ItemTaken):
        floor.take("h1", "anna", later(2))
    assert kinds(floor.take(call("bot"), "anna", later(3))) == ["item.queued", "item.accepted", "agent.routing"]
    with pytest.raises(AgentBusy):
        floor.take(call("bot2"), "anna", later(4))
    assert "bot2" not in floor.items


def test_taking_what_rings_at_ones_own_desk_is_accepting_it() -> None:
    floor, _ = ringing("anna")
    assert kinds(floor.take("h1", "anna", later(1))) == ["offer.accepted", "item.accepted", "agent.routing"]


def test_who_takes_another_call_leaves_what_rang_to_others() -> None:
    floor, _ = ringing("anna", "ben")
    floor.take(call("bot"), "anna", later(1))
    assert (rings_at(floor), floor.items["bot"].agent) == ("ben", "anna")


def test_a_break_while_it_rings_begins_at_once_and_the_call_goes_on() -> None:
    floor, _ = ringing("anna", "ben")
    events = kinds(floor.set_presence("anna", Presence.AWAY, later(2), "meal"))
    assert events[0] == "offer.rescinded"
    assert (rings_at(floor), floor.agents["anna"].presence) == ("ben", Presence.AWAY)


def test_a_lost_desk_in_mid_call_sends_the_caller_to_the_head_of_the_line() -> None:
    floor = in_talk()
    floor.enqueue(call("h0", at=-60), later(1))
    events = kinds(floor.agent_lost("anna", later(30)))
    assert events == ["item.requeued", "agent.left"]
    assert [item.item for item in floor.waiting()] == ["h1", "h0"]
    assert floor.items["h1"].priority == AGENT_LOST
    assert floor.agent_lost("anna", later(31)) == []
    with pytest.raises(NotSignedIn):
        floor.set_presence("anna", Presence.AVAILABLE, later(32))


def test_a_desk_lost_while_it_rings_or_wraps_up_loses_no_call() -> None:
    floor, _ = ringing("anna", "ben")
    floor.agent_lost("anna", later(2))
    assert rings_at(floor) == "ben"
    talking(floor, at=3)
    floor.hung_up("h1", later(9))
    assert kinds(floor.agent_lost("ben", later(12))) == ["item.completed", "agent.left"]


def test_who_signs_off_in_a_call_leaves_after_it() -> None:
    floor = in_talk()
    assert kinds(floor.set_presence("anna", Presence.OFFLINE, later(5))) == ["agent.presence"]
    floor.hung_up("h1", later(9))
    assert kinds(floor.wrapped_up("h1", "anna", later(12))) == ["item.completed", "agent.left"]


def test_signing_in_twice_is_no_news() -> None:
    floor = floor_with("anna")
    again = {"name": "Anna", "languages": ("ko", "en")}
    assert floor.sign_in("anna", later(1), **again) == []
    assert kinds(floor.sign_in("anna", later(1), **{**again, "name": "Anna K."})) == ["agent.joined"]


def test_who_signs_in_again_in_a_call_keeps_it() -> None:
    floor = in_talk()
    floor.set_presence("anna", Presence.OFFLINE, later(5))
    floor.sign_in("anna", later(6), name="Anna K.", languages=["en"], queues=["orders"])
    anna = floor.agents["anna"]
    assert (anna.name, anna.skills, anna.routing, anna.next_presence) == ("Anna K.", {"lang:en": 1}, "on_contact", None)


# --- waiting for long, callbacks --------------------------------------------------------------------------------------
def test_relaxing_happens_in_time() -> None:
    floor = floor_with("anna")
    floor.enqueue(call(queue="orders"), NOW)
    assert floor.deadline == later(30)
    assert floor.tick(later(30)) == []
    assert floor.deadline == later(60)
    floor.tick(later(60))
    assert rings_at(floor) == "anna"


def test_what_waits_too_long_goes_to_another_queue_and_keeps_its_place() -> None:
    floor = Floor(QUEUES)
    floor.enqueue(call(queue="orders"), NOW)
    floor.enqueue(call("h2", at=50), later(50))
    assert kinds(floor.tick(later(120))) == ["item.overflowed", "item.requeued"]
    assert [item.item for item in floor.waiting("general")] == ["h1", "h2"]
    assert floor.deadline is None


def test_a_callback_is_offered_once_and_the_caller_waits_on() -> None:
    floor = Floor(QUEUES)
    floor.enqueue(call(queue="billing"), NOW)
    events = floor.tick(later(90))
    assert [(event.kind, event.payload["reason"]) for event in events] == [
        ("item.overflowed", "callback_offered"),
        ("item.requeued", "callback_offered"),
    ]
    assert (state(floor), floor.tick(later(500))) == (ItemState.QUEUED, [])


def called_back(expires: float = 7200) -> Floor:
    floor = Floor(QUEUES)
    floor.enqueue(call(), NOW)
    floor.schedule_callback("h1", NUMBER, later(600), later(expires), later(60))
    return floor


def test_a_callback_keeps_its_place() -> None:
    floor = called_back()
    assert floor.abandon("h1", later(61)) == []
    floor.enqueue(call("h2", at=100), later(100))
    assert floor.deadline == later(600)
    assert kinds(floor.tick(later(600))) == ["item.requeued"]
    assert [item.item for item in floor.waiting()] == ["h1", "h2"]
    assert floor.abandon("h1", later(601)) == []


def test_a_callback_of_which_nothing_comes_is_tried_again_and_then_expires() -> None:
    floor = called_back()
    at = 600.0
    for attempt in (1, 2, 3):
        at_work(floor, f"agent{attempt}", at=at)
        floor.tick(later(at))
        offer = floor.items["h1"].offer or ""
        floor.accept(offer, floor.offers[offer].agent, later(at))
        assert floor.deadline == later(at) + CALLBACK_CONNECTS_WITHIN
        events = floor.callback_missed("h1", later(at + 30))
        at += 30 + GENERAL.callback_pause
    assert kinds(events)[-1] == "item.expired"
    assert floor.items == {}


def test_a_callback_expires() -> None:
    floor = called_back(expires=700)
    floor.tick(later(600))
    assert kinds(floor.tick(later(700))) == ["item.expired"]


def test_a_callback_waits_for_the_opening() -> None:
    evening = Hours(weekly={"tuesday": ("18:00-20:00",)})
    queue = replace(GENERAL, hours=evening)
    floor = Floor(Queues("general", {"general": queue}))
    floor.enqueue(call(), NOW)
    floor.schedule_callback("h1", NUMBER, NOW, later(86_400), NOW)
    assert floor.tick(later(600)) == []
    assert floor.deadline == NOW.replace(hour=18)


def test_a_call_that_is_cancelled_rings_no_more() -> None:
    floor, _ = ringing("anna")
    assert kinds(floor.cancel("h1", later(1), "found help")) == ["offer.canceled", "agent.routing", "item.cancelled"]
    with pytest.raises(NoSuchItem):
        floor.cancel("h1", later(2))


def test_a_refused_command_has_changed_nothing() -> None:
    floor = in_talk()
    before = floor.seq
    for refused in (
        lambda: floor.schedule_callback("h1", NUMBER, NOW, later(900), NOW),
        lambda: floor.cancel("h1", NOW),
        lambda: floor.callback_missed("h1", NOW),
    ):
        with pytest.raises(WrongState):
            refused()
    assert floor.seq == before
