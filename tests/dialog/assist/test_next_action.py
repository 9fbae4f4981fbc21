"""What agents can have done, and what comes next."""

from __future__ import annotations

import pytest

from dialog.assist.next_action import agent_actions, goal, next_action, required
from dialog.memory.flows import with_memory
from tests.house import example_release

RELEASE = example_release()


def test_what_each_flow_is_for_can_be_asked_for_and_nothing_on_the_way() -> None:
    offered = agent_actions(RELEASE)
    assert set(offered) >= {"cancel_order", "change_address", "refund_order", "order_status", "check_owner"}
    assert not {"order_record", "send_code", "check_code", "send_confirmation"} & set(offered)


def test_every_tenants_own_memory_flows_offer_agents_nothing() -> None:
    assert set(agent_actions(with_memory(RELEASE))) == set(agent_actions(RELEASE))


def test_a_call_of_our_own_is_nothing_that_agents_ask_for() -> None:
    assert all(goal(RELEASE, flow) is None for flow in RELEASE.flows.values() if flow.reaches_out)


def test_all_ways_of_giving_values_are_offered() -> None:
    aim = goal(RELEASE, RELEASE.flows["identify"])
    assert aim is not None and set(aim.takes) == {"order_number", "postcode", "phone_end"}


@pytest.mark.parametrize(("language", "title"), [("ko", "주문 취소"), ("en", "cancelling an order")])
def test_it_is_called_as_the_tenant_calls_it_and_says_what_is_missing(language: str, title: str) -> None:
    empty = next_action(RELEASE, "cancel_order", {}, language)
    assert empty is not None
    assert (empty.name, empty.title, empty.arguments, empty.missing) == ("cancel_order", title, {}, ("order_number",))
    filled = next_action(RELEASE, "cancel_order", {"order_number": "20261042", "people": "2"}, language)
    assert filled is not None and (filled.arguments, filled.missing) == ({"order_number": "20261042"}, ())


def test_what_is_no_flow_or_no_agents_affair_brings_nothing() -> None:
    assert next_action(RELEASE, "no_such", {}, "en") is None
    assert next_action(RELEASE, "send_confirmation", {}, "en") is None


def test_only_what_is_required_counts_as_missing() -> None:
    assert required(RELEASE.actions["check_owner"]) == ("order_number",)
