"""Placing: what is due is ordered once, what was not heard of is looked up first, and callers come first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.outbound import placing as placing_module
from gateway.outbound.desk import TenantDesk, Wanted, due_name
from gateway.outbound.due_call import LEASE, SETTLES, Connected, DueCall, PickedUp, Started, State
from gateway.outbound.placing import Placing, keep_placing
from gateway.session.records import CallRecord
from gateway.session.tenant import Voicemail
from gateway.telephony.dialer import Found, Listening, NotPlaced, NotThere, Order, Progress, Unclear
from infra.storage.database import Database
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.outbound.parlour import NOW, NUMBER, Carrier, Clock, desk, due_call, once
from tests.virtual_time import run

WANTED = Wanted(NUMBER, "ko", NOW)


class Office:
    """A desk, a carrier, and what places the one's calls with the other."""

    def __init__(self, shop: TenantDesk, clock: Clock) -> None:
        self.desk = shop
        self.clock = clock
        self.carrier = Carrier()
        self.records: dict[str, CallRecord] = {}
        self.placing = Placing(shop, self.carrier, self._record, now=clock)

    async def _record(self, tenant: str, call_id: str) -> CallRecord | None:
        return self.records.get(call_id)

    async def want(self, **changed: object) -> DueCall:
        return await self.desk.request(replace(WANTED, **changed))  # type: ignore[arg-type]

    async def found(self, due: DueCall) -> DueCall:
        found = await self.desk.calls.get(due.id)
        assert found is not None
        return found


@pytest.fixture
async def office(database: Database) -> Office:
    clock = Clock()
    return Office(await desk(database, clock), clock)


async def test_what_is_due_is_ordered_from_its_line_and_rings(office: Office) -> None:
    due = await office.want()
    assert await once(office.placing, 5) == 1
    found = await office.found(due)
    assert (found.state, found.provider_id, found.attempts) == (State.RINGING, "CA1", 1)
    name = due_name(office.desk.tenant.id, found)
    assert office.carrier.orders == [Order(NUMBER, "+827080001000", name, 30)]
    assert await once(office.placing, 5) == 1
    assert len(office.carrier.orders) == 1


@pytest.mark.parametrize(
    ("voicemail", "listening"),
    [
        (Voicemail.TALK, Listening.NOT),
        (Voicemail.HANG_UP, Listening.WHO),
        (Voicemail.MESSAGE, Listening.GREETING),
    ],
)
async def test_a_message_is_left_only_once_the_machines_greeting_is_over(
    database: Database, voicemail: Voicemail, listening: Listening
) -> None:
    clock = Clock()
    office = Office(await desk(database, clock, voicemail), clock)
    await office.want()
    await once(office.placing, 5)
    assert [order.listening for order in office.carrier.orders] == [listening]


async def test_nothing_is_ordered_before_its_time_or_while_there_is_no_room(office: Office) -> None:
    later = await office.want(at=NOW + timedelta(hours=1))
    await office.want(number="+821000000001")
    assert await once(office.placing, 0) == 0
    assert await once(office.placing, 1) == 1
    assert [order.number for order in office.carrier.orders] == ["+821000000001"]
    await office.want(number="+821000000002")
    assert await once(office.placing, 1) == 1  # one rings, and there is room for one
    assert len(office.carrier.orders) == 1
    assert (await office.found(later)).state is State.DUE


async def test_a_call_keeps_its_room_until_its_conversation_has_begun(office: Office) -> None:
    due = await office.want()
    for event, ringing in [
        (Started("t"), 1),
        (PickedUp("CA1"), 1),
        (Connected("call-1"), 0),  # from now on it is one of the calls that go on
    ]:
        await office.desk.calls.happen(due.id, event, NOW)
        assert await office.placing.look_after() == ringing


async def test_hours_that_have_passed_meanwhile_put_it_off_and_in_the_end_it_runs_out(office: Office) -> None:
    due = await office.want()
    office.clock.pass_by(timedelta(hours=6))  # eight in the evening
    await once(office.placing, 5)
    found = await office.found(due)
    assert (found.state, found.attempts) == (State.DUE, 0)
    assert office.desk.local(found.next_at).hour == 9
    office.clock.pass_by(timedelta(days=2))
    await once(office.placing, 5)
    assert (await office.found(due)).state is State.EXPIRED
    assert office.carrier.orders == []


async def test_who_opts_out_between_is_not_called(office: Office) -> None:
    due = await office.want()
    await office.desk.calls.claim_due(NOW, NOW, 5)
    await office.desk.opt_out(NUMBER, "stop")
    await once(office.placing, 5)
    assert (await office.found(due)).state is State.OPTED_OUT
    assert office.carrier.orders == []


async def test_what_there_is_no_flow_or_line_for_any_more_is_called_off(office: Office) -> None:
    for gone, why in [
        ({"purpose": "survey"}, "there is no flow survey that reaches out any more"),
        ({"language": "de"}, "no line speaks de any more"),
    ]:
        due = replace(due_call(), **gone)  # type: ignore[arg-type]
        await office.desk.calls.enter(due)
        await once(office.placing, 5)
        found = await office.found(due)
        assert (found.state, found.reason) == (State.CANCELLED, why)
    assert office.carrier.orders == []


async def test_two_calls_to_one_number_are_made_one_after_the_other(office: Office) -> None:
    first, second = await office.want(), await office.want()
    await once(office.placing, 5)
    assert {(await office.found(due)).state for due in (first, second)} == {State.RINGING, State.DUE}
    assert len(office.carrier.orders) == 1


@pytest.mark.parametrize(
    ("answer", "state", "attempts"),
    [
        (NotPlaced("401 Authenticate", again=True), State.DUE, 0),
        (NotPlaced("400 no such number", again=False), State.FAILED, 1),
        (Unclear("timed out"), State.UNKNOWN, 1),
    ],
)
async def test_what_the_carrier_says_is_kept(
    office: Office, answer: NotPlaced | Unclear, state: State, attempts: int
) -> None:
    office.carrier.answers.append(answer)
    due = await office.want()
    await once(office.placing, 5)
    found = await office.found(due)
    assert (found.state, found.attempts) == (state, attempts)
    assert found.reason == (answer.reason if isinstance(answer, NotPlaced) else answer.detail)


async def test_an_order_that_could_only_leave_late_does_not_leave(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_module, "LATEST_DEPARTURE", -1.0)
    due = await office.want()
    await once(office.placing, 5)
    assert office.carrier.orders == []
    assert ((await office.found(due)).state, (await office.found(due)).attempts) == (State.DUE, 0)


async def test_what_was_sent_and_not_acknowledged_is_looked_up_and_found(office: Office) -> None:
    office.carrier.answers.append(Unclear("timed out"))
    due = await office.want()
    await once(office.placing, 5)
    office.carrier.known = Found("CA7", Progress.BUSY)
    office.clock.pass_by(timedelta(seconds=20))
    await once(office.placing, 5)
    assert office.carrier.searched == [(NUMBER, "+827080001000", NOW)]
    found = await office.found(due)
    assert (found.state, found.provider_id, found.reason) == (State.DUE, "CA7", "busy")
    assert len(office.carrier.orders) == 1


async def test_what_a_killed_process_left_is_looked_up_and_only_what_never_was_is_tried_anew(office: Office) -> None:
    due = await office.want()
    await office.desk.calls.happen(due.id, Started("of the dead"), NOW)  # and then nothing more was heard
    await once(office.placing, 5)
    assert office.carrier.searched == []
    office.clock.pass_by(LEASE)
    await once(office.placing, 5)
    assert (await office.found(due)).state is State.UNKNOWN  # it may still turn up
    office.carrier.known = NotThere()
    office.clock.pass_by(SETTLES)
    await once(office.placing, 5)
    found = await office.found(due)
    assert (found.state, found.attempts) == (State.DUE, 1)
    office.clock.pass_by(timedelta(minutes=15))
    await once(office.placing, 5)
    assert len(office.carrier.orders) == 1
    assert (await office.found(due)).attempts == 2


async def test_a_carrier_that_does_not_tell_is_asked_again_and_nothing_is_ordered(office: Office) -> None:
    office.carrier.answers.append(Unclear("timed out"))
    office.carrier.known = Unclear("still nothing")
    due = await office.want()
    for _ in range(4):
        await once(office.placing, 5)
        office.clock.pass_by(timedelta(minutes=1))
    assert (await office.found(due)).state is State.UNKNOWN
    assert (len(office.carrier.orders), len(office.carrier.searched)) == (1, 3)


async def test_a_call_of_which_nothing_is_reported_is_looked_at_by_its_name(office: Office) -> None:
    due = await office.want()
    await once(office.placing, 5)
    office.carrier.known = Found("CA1", Progress.RINGING)
    office.clock.pass_by(timedelta(seconds=60))
    await once(office.placing, 5)
    assert office.carrier.looked_at == ["CA1"]
    assert (await office.found(due)).state is State.RINGING
    office.carrier.known = Found("CA1", Progress.NO_ANSWER)
    office.clock.pass_by(timedelta(seconds=60))
    await once(office.placing, 5)
    assert ((await office.found(due)).state, (await office.found(due)).reason) == (State.DUE, "no_answer")


def record(call_id: str, end_reason: str | None) -> CallRecord:
    ended = None if end_reason is None else NOW
    return CallRecord("t", call_id, "l", "ko", "outbound", "voice", "a", "b", NOW, ended, end_reason, "node", 1)


NEVER = "never opened"


@pytest.mark.parametrize(
    ("end_reason", "known", "state", "reason"),
    [
        (NEVER, Found("CA1", Progress.OVER), State.DUE, "the conversation never began"),
        (NEVER, NotThere(), State.DUE, "the conversation never began"),
        (NEVER, Found("CA1", Progress.TALKING), State.ANSWERED, "the conversation goes on"),
        (NEVER, Unclear("silence"), State.ANSWERED, "the conversation goes on"),
        ("node_lost", NotThere(), State.DONE, "node_lost"),
        ("completed", NotThere(), State.DONE, "completed"),
        (None, Found("CA1", Progress.OVER), State.DONE, "node_lost"),
        (None, Found("CA1", Progress.TALKING), State.ANSWERED, "the conversation goes on"),
    ],
)
async def test_what_became_of_a_conversation_that_nobody_ended_is_found_out(
    office: Office, end_reason: str | None, known: Found | NotThere, state: State, reason: str
) -> None:
    due = await office.want()
    for event in (Started("t"), PickedUp("CA1"), Connected("call-1")):
        await office.desk.calls.happen(due.id, event, NOW)
    if end_reason != NEVER:
        office.records["call-1"] = record("call-1", end_reason)
    office.carrier.known = known
    office.clock.pass_by(timedelta(minutes=30))
    await once(office.placing, 5)
    found = await office.found(due)
    assert (found.state, found.reason) == (state, reason)
    assert office.carrier.orders == []


class Queue:
    """A placing of ``waiting`` due calls, ``done`` of which are over by the next look. It fails with ``error``."""

    def __init__(self, ringing: int = 0, waiting: int = 0) -> None:
        self.ringing, self.waiting, self.done = ringing, waiting, 0
        self.error: Exception | None = None
        self.rooms: list[int] = []

    async def look_after(self) -> int:
        if self.error is not None:
            raise self.error
        self.ringing -= self.done
        self.done = 0
        return self.ringing

    async def place(self, room: int) -> int:
        self.rooms.append(room)
        if self.error is not None:
            raise self.error
        placed = min(room, self.waiting)
        self.waiting -= placed
        self.ringing += placed
        return placed


def rounds(*queues: Queue, room: int, between: Sequence[Callable[[], None]] = ()) -> None:
    """One round, and one more after each of what happens ``between``."""

    async def main() -> None:
        task = asyncio.create_task(keep_placing(queues, lambda: room, 2.0))  # type: ignore[arg-type]
        await asyncio.sleep(1.0)
        for happen in between:
            happen()
            await asyncio.sleep(2.0)
        assert not task.done()
        task.cancel()
        await asyncio.wait({task})

    run(main())


def test_the_room_is_that_of_all_tenants_together() -> None:
    first, second, third = Queue(waiting=9), Queue(ringing=3, waiting=9), Queue(waiting=9)
    rounds(first, second, third, room=5)
    assert [queue.ringing for queue in (first, second, third)] == [2, 3, 0]


def test_no_tenant_takes_all_the_room_for_ever() -> None:
    busy, quiet = Queue(waiting=100), Queue(waiting=1)

    def one_is_over() -> None:
        busy.done = 1

    rounds(busy, quiet, room=5, between=[one_is_over, one_is_over])
    assert quiet.waiting == 0
    assert busy.ringing + quiet.ringing == 5


def test_without_room_nothing_is_placed_and_what_is_under_way_is_looked_after() -> None:
    queue = Queue(ringing=5, waiting=1)
    queue.done = 1
    rounds(queue, room=4)
    assert (queue.ringing, queue.rooms) == (4, [])


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), ZeroDivisionError("a mistake of ours")])
def test_what_goes_wrong_for_one_tenant_ends_nothing_for_the_others(error: Exception) -> None:
    broken, sound = Queue(ringing=3), Queue(waiting=9)

    def breaks() -> None:
        broken.error = error
        sound.done = 1

    def heals() -> None:
        broken.error, broken.done = None, 3

    rounds(broken, sound, room=4, between=[breaks, heals])
    assert sound.rooms == [1, 1, 3]  # while nobody can tell, as many ring as before
    assert broken.rooms == [1, 3]
