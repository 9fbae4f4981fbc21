from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.analytics.webhooks.courier import AT_ONCE, ERASED, IN_A_ROW, Courier
from gateway.analytics.webhooks.delivery import PAUSES, Delivery, State
from gateway.analytics.webhooks.endpoint import FAILURES_IN_A_ROW, REST, Endpoint
from gateway.analytics.webhooks.outbox import NO_SUBSCRIPTION, Line, Outbox
from gateway.analytics.webhooks.places import BACK_AFTER
from gateway.session.records import ContactEvent
from infra.storage.database import Database
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.analytics.webhooks.receiver import (
    LOCAL,
    SECRET,
    Receiver,
    happen,
    new_tenant,
    receiver,
    subscription,
)
from tests.postgres import until

LINE = Line("crm", "c1")


class Round:
    """A tenant's courier, its receiver, and what it wanted to be done later."""

    def __init__(self, outbox: Outbox, crm: Receiver) -> None:
        self.outbox = outbox
        self.crm = crm
        self.now = datetime.now(UTC)
        self.asked: list[tuple[Line, datetime | None]] = []
        self.called: list[Line] = []
        known = [SECRET], LOCAL, ssl.create_default_context()
        self.endpoint = Endpoint(subscription(crm.url), *known, lambda: self.now, places=1)
        self.courier = Courier(
            outbox, {"crm": self.endpoint}, self.later, self.hurry, lambda: self.now, chance=lambda: 0.0
        )

    async def later(self, line: Line, at: datetime | None = None) -> bool:
        self.asked.append((line, at))
        return True

    async def hurry(self, line: Line) -> None:
        self.called.append(line)

    async def stands(self) -> list[tuple[int, State, int, str]]:
        found = sorted(await self.outbox.latest(limit=200), key=lambda one: one.seq)
        return [(one.seq, one.state, one.attempts, one.reason) for one in found]


@pytest.fixture
async def round_(database: Database) -> AsyncIterator[Round]:
    outbox = Outbox(database, await new_tenant(database))
    await outbox.subscribe([subscription()], datetime.now(UTC))
    async with receiver() as crm:
        made = Round(outbox, crm)
        yield made
        await made.endpoint.close()


async def test_a_contact_is_told_in_order_and_once(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", "call.answered", "caller.turn", "call.ended")
    await happen(database, round_.outbox.tenant, "c2", "call.answered")
    round_.now = datetime.now(UTC)
    await round_.courier.carry(LINE)
    await round_.courier.carry(LINE)
    assert round_.crm.places == [("c1", 1), ("c1", 2), ("c1", 3)]
    assert {one.state for one in await round_.outbox.latest(contact="c1")} == {State.DELIVERED}
    assert {one.state for one in await round_.outbox.latest(contact="c2")} == {State.DUE}
    assert round_.asked == []


async def test_what_comes_behind_a_failure_waits_for_it(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", "call.answered", "caller.turn", "call.ended")
    round_.now = datetime.now(UTC)
    round_.crm.status = lambda heard: 500 if heard.place[1] == 2 else 200
    await round_.courier.carry(LINE)
    assert round_.crm.places == [("c1", 1), ("c1", 2)]
    assert round_.asked == [(LINE, round_.now + PAUSES[0])]
    await round_.courier.carry(LINE)
    assert round_.crm.places == [("c1", 1), ("c1", 2)], "it is not its time yet"
    round_.now += PAUSES[0]
    round_.crm.status = lambda _: 200
    await round_.courier.carry(LINE)
    assert round_.crm.places[2:] == [("c1", 2), ("c1", 3)]


async def test_what_is_given_up_lets_the_next_ones_pass(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", "call.answered", "caller.turn")
    round_.now = datetime.now(UTC)
    round_.crm.status = lambda heard: 410 if heard.place[1] == 1 else 200
    await round_.courier.carry(LINE)
    first, second = await round_.stands()
    assert first == (1, State.DEAD, 1, "answered 410: the receiver is gone")
    assert second == (2, State.DELIVERED, 1, "")


async def test_a_receiver_that_rests_is_not_asked_and_nothing_is_counted(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", "call.answered")
    round_.now = datetime.now(UTC)
    round_.crm.status = lambda _: 500
    event = ContactEvent(round_.outbox.tenant, "other", 1, round_.now, "call.answered", {})
    for _ in range(FAILURES_IN_A_ROW):
        await round_.endpoint.tell(event)
    await round_.courier.carry(LINE)
    assert ("c1", 1) not in round_.crm.places
    assert await round_.stands() == [(1, State.DUE, 0, "")]
    assert round_.asked == [(LINE, round_.now + timedelta(seconds=REST))]


async def test_a_long_contact_lets_others_come_first(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", *["caller.turn"] * (IN_A_ROW * AT_ONCE + 1))
    round_.now = datetime.now(UTC)
    await round_.courier.carry(LINE)
    assert len(round_.crm.heard) == IN_A_ROW * AT_ONCE
    assert round_.asked == [(LINE, None)]


async def test_what_nobody_wants_any_more_is_given_up(database: Database, round_: Round) -> None:
    await happen(database, round_.outbox.tenant, "c1", "call.answered")
    round_.now = datetime.now(UTC)
    await Courier(round_.outbox, {}, round_.later, round_.hurry, lambda: round_.now).carry(LINE)
    assert await round_.stands() == [(1, State.DEAD, 0, NO_SUBSCRIPTION)]


async def test_what_the_log_does_not_hold_any_more_is_not_told(database: Database, round_: Round) -> None:
    class Erased(Outbox):
        async def due(self, line: Line, limit: int) -> list[tuple[Delivery, ContactEvent | None]]:
            return [(due, None) for due, _ in await super().due(line, limit)]

    outbox = Erased(database, round_.outbox.tenant)
    await happen(database, outbox.tenant, "c1", "call.answered")
    round_.now = datetime.now(UTC)
    await Courier(outbox, {"crm": round_.endpoint}, round_.later, round_.hurry, lambda: round_.now).carry(LINE)
    assert await round_.stands() == [(1, State.DEAD, 0, ERASED)]
    assert round_.crm.heard == []


async def test_a_line_that_finds_no_place_is_put_off_and_called_when_there_is_one(
    database: Database, round_: Round
) -> None:
    for contact in ("c1", "c2"):
        await happen(database, round_.outbox.tenant, contact, "call.answered")
    round_.now = datetime.now(UTC)
    round_.crm.answers.clear()
    first = asyncio.create_task(round_.courier.carry(LINE))
    await until(lambda: reached(round_.crm))
    await round_.courier.carry(other := Line("crm", "c2"))
    assert round_.asked == [(other, round_.now + BACK_AFTER)]
    assert round_.crm.places == [("c1", 1)]
    assert round_.called == []
    round_.crm.answers.set()
    await first
    assert round_.called == [other]
    await round_.courier.carry(other)
    assert round_.crm.places == [("c1", 1), ("c2", 1)]


async def reached(receiver: Receiver) -> bool:
    return bool(receiver.heard)


async def test_a_place_is_given_back_whatever_happens(database: Database, round_: Round) -> None:
    class Away(Outbox):
        async def due(self, line: Line, limit: int) -> list[tuple[Delivery, ContactEvent | None]]:
            raise DatabaseUnavailable("it is away")

    away = Away(database, round_.outbox.tenant)
    courier = Courier(away, {"crm": round_.endpoint}, round_.later, round_.hurry, lambda: round_.now)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await courier.carry(LINE)
    assert round_.asked == []
