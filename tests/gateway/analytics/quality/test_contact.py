"""What criteria ask of a contact's events."""

from __future__ import annotations

from gateway.analytics.quality.contact import turn_of
from tests.gateway.analytics.quality.contacts import accepted, agent_said, contact, decided, heard, turn


def test_what_was_said_is_told_in_order_by_whom_and_in_which_language() -> None:
    one = contact(decided(0, 1, "converse"), heard(0, 1, "Hello"), turn(1, "안녕하세요", "ko"), agent_said("hi there"))
    assert [(said.by, said.text, said.language) for said in one.spoken()] == [
        ("bot", "Hello", "en"),
        ("caller", "안녕하세요", "ko"),
        ("person", "hi there", "en"),
    ]


def test_who_served_it_is_known_from_who_spoke_and_who_took_it() -> None:
    greeting_only = contact(decided(0, 1, "converse"))
    assert (greeting_only.with_bot, greeting_only.with_person) == (False, False)
    served = contact(turn(1, "hi"), decided(1, 1), accepted(), agent_said("hello"))
    assert (served.with_bot, served.with_person) == (True, True)


def test_who_only_listens_has_not_served() -> None:
    joined = ("agent.joined", {"agent": "lee", "role": "supervisor", "mode": "listen"})
    assert contact(accepted(), agent_said("hello"), joined).agents == ("kim",)


def test_holding_and_queueing_are_stretches_in_which_nobody_owes_a_word() -> None:
    one = contact(
        ("handoff.queued", {"handoff": "h"}), 20.0, accepted(), 5.0, ("call.held", {}), 30.0, ("call.resumed", {}), 4.0
    )
    assert [(until - since).total_seconds() for since, until in one.occupied()] == [20.0, 30.0]


def test_a_hold_that_nobody_ended_lasts_to_the_end() -> None:
    [(since, until)] = contact(("call.held", {}), 12.0).occupied()
    assert (until - since).total_seconds() == 12.0


def test_an_event_belongs_to_a_turn_where_it_says_so() -> None:
    events = contact(decided(0, 1, "converse"), turn(1, "hi"), ("call.held", {})).events
    assert [turn_of(event) for event in events] == [None, 1, None, None]
