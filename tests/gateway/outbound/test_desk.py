"""The desk of due calls: what it takes, what it refuses, and what it makes of what carrier and session say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from dialog.errand import Disposition
from gateway.outbound.desk import (
    HORIZON,
    LONGEST_WORDS,
    OutboundDesk,
    TenantDesk,
    Wanted,
    calling_hours,
    due_name,
    patience_of,
)
from gateway.outbound.due_call import DueCall, Started, State
from gateway.outbound.errors import DueCallRefused, NumberOptedOut
from gateway.session.tenant import Hours, Voicemail
from gateway.telephony.dialer import Progress
from gateway.telephony.outbound_webhooks import HangUp, LeaveMessage, Talk
from infra.storage.database import Database
from tests.gateway.outbound.parlour import NOW, NUMBER, OFFICE_HOURS, Clock, desk, tenant

SEOUL = ZoneInfo("Asia/Seoul")
WANTED = Wanted("010-1234-5678", "ko", datetime(2026, 11, 24, 15, 0))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop(database: Database, clock: Clock) -> TenantDesk:
    return await desk(database, clock)


async def rings(shop: TenantDesk, clock: Clock) -> DueCall:
    """A call whose attempt has begun."""
    due = await shop.request(replace(WANTED, at=clock()))
    move = await shop.calls.happen(due.id, Started("ticket"), clock())
    assert move is not None
    return move.after


async def test_a_call_that_is_wanted_is_kept_with_its_number_and_time_made_sure(shop: TenantDesk) -> None:
    due = await shop.request(replace(WANTED, contact="c1", key="k1"))
    assert (due.number, due.purpose, due.contact, due.key) == (NUMBER, "callback", "c1", "k1")
    assert due.due_at == due.next_at == datetime(2026, 11, 24, 15, 0, tzinfo=SEOUL)
    assert due.not_after == due.due_at + timedelta(hours=24)
    assert due.details == {"phone": "01012345678"}  # who is called need not be asked for a number
    assert await shop.calls.get(due.id) == due
    assert await shop.request(replace(WANTED, key="k1", language="en")) == due


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"purpose": "selling"},
        {"number": "12"},
        {"at": datetime(2026, 11, 24, 23, 0), "exactly": True},
        {"not_after": datetime(2026, 11, 23, 23, 0)},
        {"details": {"colour": "red"}},
    ],
)
async def test_the_same_key_gives_the_same_call_even_when_it_could_not_be_asked_for_any_more(
    shop: TenantDesk, clock: Clock, changed: dict[str, object]
) -> None:
    due = await shop.request(replace(WANTED, key="k1", exactly=True))
    clock.pass_by(timedelta(hours=12))  # it is night, and its time is past
    assert await shop.request(replace(WANTED, key="k1", **changed)) == due  # type: ignore[arg-type]
    await shop.opt_out(NUMBER, "stop")
    again = await shop.request(replace(WANTED, key="k1", **changed))  # type: ignore[arg-type]
    assert (again.id, again.state) == (due.id, State.OPTED_OUT)


async def test_a_time_out_of_hours_is_called_when_they_open_unless_it_was_promised_exactly(shop: TenantDesk) -> None:
    night = replace(WANTED, at=datetime(2026, 11, 24, 23, 0))
    due = await shop.request(night)
    assert due.next_at == datetime(2026, 11, 25, 9, 0, tzinfo=SEOUL)
    assert due.not_after == due.next_at + timedelta(hours=24)
    with pytest.raises(DueCallRefused, match="nobody may be called at 2026-11-24 23:00"):
        await shop.request(replace(night, exactly=True))


@pytest.mark.parametrize("words", ["never again " * 500, "stop\0it", "stop \udcff it"])
async def test_whatever_words_somebody_uses_they_are_not_called_again(shop: TenantDesk, words: str) -> None:
    await shop.opt_out(NUMBER, words)
    [told] = await shop.calls.opted_out()
    assert told.number == NUMBER
    assert 0 < len(told.words) <= LONGEST_WORDS
    assert told.words.startswith(words[:4])


async def test_a_time_that_is_past_is_now(shop: TenantDesk) -> None:
    assert (await shop.request(replace(WANTED, at=NOW - timedelta(days=2)))).due_at == NOW


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"purpose": "selling"}, "'selling' is no flow that reaches out; there are: callback"),
        ({"purpose": "book_visit"}, "'book_visit' is no flow that reaches out"),
        ({"number": "12"}, "cannot be dialled"),
        ({"language": "de"}, "no line in 'de'"),
        ({"details": {"colour": "red"}}, "callback has no colour"),
        ({"details": {"phone": "0" * 300}}, "phone cannot be '000"),
        ({"details": {"phone": "12"}}, "phone cannot be '12': it is a phone"),
        ({"details": {"good_time": "perhaps"}}, "good_time cannot be 'perhaps'"),
        ({"not_after": datetime(2026, 11, 24, 14, 30)}, "nobody may be called between"),
        (
            {"at": datetime(2026, 11, 28, 9, 0), "not_after": datetime(2026, 11, 29, 9, 0)},
            "nobody may be called between",
        ),
    ],
)
async def test_what_could_not_be_done_is_refused_with_the_reason(
    shop: TenantDesk, changed: dict[str, object], complaint: str
) -> None:
    with pytest.raises(DueCallRefused, match=complaint):
        await shop.request(replace(WANTED, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=-14)), timezone(timedelta(hours=14))])
@pytest.mark.parametrize("name", ["at", "not_after"])
async def test_no_time_is_too_far_away_to_be_answered(shop: TenantDesk, name: str, zone: tzinfo | None) -> None:
    for moment in (datetime.max, NOW.replace(tzinfo=None) + HORIZON + timedelta(days=2)):
        with pytest.raises(DueCallRefused, match="too far ahead: a call may be due within 366 days"):
            await shop.request(replace(WANTED, **{name: moment.replace(tzinfo=zone)}))  # type: ignore[arg-type]
    past = replace(WANTED, **{name: datetime.min.replace(tzinfo=zone)})  # type: ignore[arg-type]
    if name == "at":
        assert (await shop.request(past)).due_at == NOW
    else:
        with pytest.raises(DueCallRefused, match="nobody may be called between"):
            await shop.request(past)


async def test_a_call_may_be_due_far_ahead_but_not_for_ever(shop: TenantDesk) -> None:
    far = NOW + HORIZON
    due = await shop.request(replace(WANTED, at=far, key="far"))
    assert (due.due_at, due.not_after) == (far, due.next_at + timedelta(hours=24))


async def test_who_has_opted_out_is_not_called_until_they_take_it_back(shop: TenantDesk) -> None:
    waiting = await shop.request(WANTED)
    assert await shop.opt_out("01012345678", "stop") == 1
    found = await shop.calls.get(waiting.id)
    assert found is not None and found.state is State.OPTED_OUT
    with pytest.raises(NumberOptedOut):
        await shop.request(WANTED)
    assert await shop.opt_in(NUMBER)
    assert (await shop.request(WANTED)).state is State.DUE
    with pytest.raises(DueCallRefused):
        await shop.opt_out("12", "stop")


async def test_only_what_is_due_can_be_called_off(shop: TenantDesk, clock: Clock) -> None:
    due = await shop.request(WANTED)
    assert await shop.cancel(due.id, "changed my mind") and not await shop.cancel(due.id, "again")
    ringing = await rings(shop, clock)
    assert not await shop.cancel(ringing.id, "too late") and not await shop.cancel("nobody", "x")


async def test_whoever_answers_is_talked_to_once_and_what_came_of_it_is_kept(shop: TenantDesk, clock: Clock) -> None:
    due = await rings(shop, clock)
    house = OutboundDesk({shop.tenant.id: shop})
    name = due_name(shop.tenant.id, due)
    assert isinstance(await house.picked_up(name, "CA1", machine=False), Talk)
    assert isinstance(await house.picked_up(name, "CA1", machine=False), Talk)  # the carrier asked again
    assert isinstance(await house.picked_up(name, "CA2", machine=False), HangUp)
    call = await house.connected(name, "call-1")
    assert call is not None
    assert (call.number, call.line, call.purpose, call.attempt) == (NUMBER, "+827080001000", "callback", 1)
    assert await house.connected(name, "call-2") is None
    await house.reported(name, "CA1", Progress.OVER)
    await house.ended(call, Disposition.SETTLED)
    found = await shop.calls.get(due.id)
    assert found is not None and (found.state, found.reason, found.call_id) == (State.DONE, "settled", "call-1")


async def test_a_conversation_that_could_not_begin_leaves_the_call_due(shop: TenantDesk, clock: Clock) -> None:
    due = await rings(shop, clock)
    house = OutboundDesk({shop.tenant.id: shop})
    name = due_name(shop.tenant.id, due)
    await house.picked_up(name, "CA1", machine=False)
    call = await house.connected(name, "call-1")
    assert call is not None
    await house.not_begun(call, "the call cannot be recorded")
    await house.reported(name, "CA1", Progress.OVER)
    found = await shop.calls.get(due.id)
    assert found is not None and (found.state, found.reason) == (State.DUE, "the call cannot be recorded")


async def test_a_refusal_in_the_call_is_kept_with_its_contact(shop: TenantDesk, clock: Clock) -> None:
    due = await rings(shop, clock)
    house = OutboundDesk({shop.tenant.id: shop})
    name = due_name(shop.tenant.id, due)
    await house.picked_up(name, "CA1", machine=False)
    call = await house.connected(name, "call-1")
    assert call is not None
    await house.refused(call, "call-1", "stop calling me")
    await house.ended(call, Disposition.REFUSED)
    [kept] = await shop.calls.opted_out()
    assert (kept.number, kept.contact, kept.words) == (NUMBER, "call-1", "stop calling me")
    found = await shop.calls.get(due.id)
    assert found is not None and found.state is State.OPTED_OUT


@pytest.mark.parametrize("name", ["", "nobody", "nobody.x.y", "{}.x.y", "{}.{}.guessed", "{}.{}", "{}.{}."])
async def test_a_name_that_we_did_not_give_is_nobodys(shop: TenantDesk, clock: Clock, name: str) -> None:
    due = await rings(shop, clock)
    house = OutboundDesk({shop.tenant.id: shop})
    given = name.format(shop.tenant.id, due.id)
    assert isinstance(await house.picked_up(given, "CA1", machine=False), HangUp)
    assert await house.connected(given, "call-1") is None
    await house.reported(given, "CA1", Progress.BUSY)
    assert await shop.calls.get(due.id) == due


async def test_a_machine_gets_what_the_tenant_wants(database: Database, clock: Clock) -> None:
    for voicemail, answer, state in [
        (Voicemail.MESSAGE, LeaveMessage("message in ko", "ko"), State.DONE),
        (Voicemail.HANG_UP, HangUp(), State.DUE),
    ]:
        shop = await desk(database, clock, voicemail)
        due = await rings(shop, clock)
        for _ in range(2):  # a carrier that has not heard us asks again
            assert await shop.picked_up(due.id, "ticket", "CA1", machine=True) == answer
        assert await shop.picked_up(due.id, "ticket", "CA2", machine=True) == HangUp()
        assert await shop.picked_up(due.id, "ticket", "CA1", machine=False) == HangUp()
        found = await shop.calls.get(due.id)
        assert found is not None and found.state is state


def test_hours_and_patience_come_from_the_tenant() -> None:
    shop = tenant("shop", hours=OFFICE_HOURS)
    assert calling_hours(shop) == OFFICE_HOURS
    assert shop.outbound is not None
    usual = shop.model_copy(update={"outbound": shop.outbound.model_copy(update={"hours": None}), "hours": Hours()})
    assert calling_hours(usual) == Hours()
    patience = patience_of(shop)
    assert (patience.attempts, patience.pauses) == (2, (timedelta(minutes=15), timedelta(hours=1)))
    with pytest.raises(DueCallRefused, match="makes no calls"):
        patience_of(shop.model_copy(update={"outbound": None}))


async def test_moments_are_told_by_the_tenants_clock(shop: TenantDesk) -> None:
    assert shop.local(datetime(2026, 11, 24, 6, 0, tzinfo=UTC)).hour == 15
