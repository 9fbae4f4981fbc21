from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.analytics.webhooks.delivery import (
    LONGEST,
    LONGEST_ASKED_FOR,
    PAUSES,
    SPREAD,
    Answered,
    Delivery,
    NotAnswered,
    NotWanted,
    State,
    step,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DUE = Delivery("crm", "c1", 1, "call.ended", NOW, State.DUE, 0, NOW, "")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_taken(status: int) -> None:
    after = step(DUE, Answered(status), NOW, 0)
    assert (after.state, after.attempts, after.reason) == (State.DELIVERED, 1, "")


@pytest.mark.parametrize("status", [100, 302, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_tried_again(status: int) -> None:
    after = step(DUE, Answered(status), NOW, 0)
    assert (after.state, after.next_at, after.reason) == (State.DUE, NOW + PAUSES[0], f"answered {status}")


def test_who_is_gone_is_not_asked_again() -> None:
    assert step(DUE, Answered(410), NOW, 0).state is State.DEAD


def test_pauses_grow_and_then_it_is_given_up() -> None:
    delivery, now = DUE, NOW
    waited = []
    while delivery.state is State.DUE:
        after = step(delivery, NotAnswered("no answer"), now, 0)
        waited.append(after.next_at - now)
        delivery, now = after, after.next_at
    assert tuple(waited[:-1]) == PAUSES
    assert (delivery.state, delivery.attempts, delivery.reason) == (State.DEAD, len(PAUSES) + 1, "no answer")
    assert timedelta(days=2) < now - NOW < LONGEST


def test_what_has_been_due_for_long_has_one_attempt() -> None:
    assert step(DUE, NotAnswered("no answer"), NOW + LONGEST, 0).state is State.DEAD
    assert step(DUE, Answered(200), NOW + LONGEST, 0).state is State.DELIVERED


def test_chance_makes_a_pause_longer_and_never_shorter() -> None:
    assert step(DUE, Answered(500), NOW, 1).next_at - NOW == PAUSES[0] * (1 + SPREAD)


def test_a_receiver_may_ask_for_more_rest_but_not_for_any() -> None:
    assert step(DUE, Answered(503, timedelta(minutes=9)), NOW, 0).next_at - NOW == timedelta(minutes=9)
    assert step(DUE, Answered(503, timedelta(seconds=1)), NOW, 0).next_at - NOW == PAUSES[0]
    assert step(DUE, Answered(503, timedelta(days=900)), NOW, 0).next_at - NOW == LONGEST_ASKED_FOR


def test_what_nobody_wants_is_given_up_without_an_attempt() -> None:
    after = step(DUE, NotWanted("erased"), NOW, 0)
    assert (after.state, after.attempts, after.reason) == (State.DEAD, 0, "erased")
