"""What pages are shown, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.access.viewings import WATCHED
from gateway.desk.desk import day_began
from gateway.desk.errors import NotYourCall
from gateway.session.conference import Mode
from tests.gateway.desk.center import KIM, LEE, PARK, Center, waiting


def test_a_call_is_seen_by_whom_it_rings_at_by_whose_it_is_and_by_supervisors() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        with pytest.raises(NotYourCall):
            await center.desk.may_see(PARK, "call-1")
        await center.rings_at(KIM)
        assert await center.desk.may_see(KIM, "call-1") is center.session.room
        assert await center.desk.may_see(LEE, "call-1") is center.session.room
        center.hang_up()

    waiting(script)


def test_who_declined_a_call_looks_on_no_more_and_of_a_call_that_is_over_the_last_is_told() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        offer = await center.rings_at(KIM)
        assert await center.desk.still_sees(KIM, "call-1")
        async with center.floors.open("shop") as floor:
            floor.reject(offer, KIM.user, "lunch", center.now())
        assert not await center.desk.still_sees(KIM, "call-1")
        assert await center.desk.still_sees(LEE, "call-1")
        center.hang_up()
        await asyncio.sleep(3.0)
        assert await center.desk.still_sees(KIM, "call-1")

    waiting(script)


def test_who_reads_along_without_a_part_in_the_call_is_written_down_and_whose_it_is_is_not() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        await center.desk.shown(KIM, "call-1")
        await center.accepts(KIM)
        await center.desk.shown(KIM, "call-1")
        assert not center.book.entered
        for _ in range(2):
            await center.desk.shown(LEE, "call-1")
        with pytest.raises(NotYourCall):
            await center.desk.shown(PARK, "call-1")
        assert [(one.actor, one.what, one.whose) for one in center.book.entered] == [("lee", WATCHED, "call-1")]
        center.hang_up()

    waiting(script)


def test_what_people_have_done_in_a_call_is_counted_through_and_bears_what_the_caller_has_shown() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        acting = center.desk.acting(KIM, "call-1")
        acting.turn += 1
        with pytest.raises(NotYourCall):
            center.desk.acting(LEE, "call-1")
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        await center.comes_in(LEE)
        with pytest.raises(NotYourCall):
            center.desk.acting(LEE, "call-1")
        await center.calls.supervise(LEE, "call-1", Mode.TALK)
        assert center.desk.acting(LEE, "call-1") is acting  # the next request is another turn, whoever asks
        assert acting.journal is center.session.room.minutes
        with pytest.raises(NotYourCall):
            center.desk.acting(PARK, "call-1")
        center.hang_up()

    waiting(script)


def test_a_day_begins_where_the_tenant_is() -> None:
    now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # half past one in the night in Seoul
    assert day_began("Asia/Seoul", now) == datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert day_began("America/New_York", now) == datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
