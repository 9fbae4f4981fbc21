"""Who asks again is in the same contact, as long as it lasts; each has a record that is closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.api import mcp_contacts
from gateway.api.mcp_contacts import Contact, TooManyContacts, Visitor
from gateway.session.errors import LedgerFull
from tests.gateway.api.mcp_stage import ANYBODY, OWNER, STRANGER, TENANT, Stage, stage


async def turn(house: Stage, visitor: Visitor) -> tuple[Contact, int]:
    async with house.contacts.turn(visitor) as found:
        return found


async def test_the_same_visitor_comes_back_to_the_same_contact() -> None:
    async with stage() as house:
        first, one = await turn(house, OWNER)
        again, two = await turn(house, replace(OWNER, language="ko"))
        assert (first is again, one, two) == (True, 1, 2)


@pytest.mark.parametrize("other", [ANYBODY, STRANGER, replace(OWNER, contact="b"), replace(OWNER, client="x")])
async def test_another_client_customer_or_name_is_another_contact(other: Visitor) -> None:
    async with stage() as house:
        (mine, _), (theirs, _) = await turn(house, OWNER), await turn(house, other)
        assert mine is not theirs
        assert mine.log.call_id.startswith(OWNER.prefix)
        assert not theirs.log.call_id.startswith(OWNER.prefix)


@pytest.mark.parametrize(
    ("waits", "fresh"), [([299.0], False), ([301.0], True), ([250.0] * 3, False), ([250.0] * 4, True)]
)
async def test_a_contact_ends_when_nobody_goes_on_or_after_a_quarter_of_an_hour(
    waits: list[float], fresh: bool
) -> None:
    async with stage() as house:
        first, _ = await turn(house, OWNER)
        for wait in waits:
            house.pass_by(wait)
            last, _ = await turn(house, OWNER)
        assert (last is not first) is fresh
        await asyncio.sleep(0)  # in which what was ended becomes durable
        assert [record.end_reason for record in await house.ledger.calls(TENANT)].count("completed") == int(fresh)


async def test_a_contact_is_not_ended_while_it_is_asked() -> None:
    async with stage() as house, house.contacts.turn(OWNER) as (contact, _):
        house.pass_by(1000)
        assert (await turn(house, OWNER))[0] is contact


async def test_who_is_acted_for_stands_in_the_record() -> None:
    async with stage() as house:
        await turn(house, OWNER)
        await turn(house, ANYBODY)
        assert (await house.kinds()).count("caller.identified") == 1


async def test_contacts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_contacts, "MOST_OPEN", 1)
    async with stage() as house:
        await turn(house, OWNER)
        with pytest.raises(TooManyContacts):
            await turn(house, ANYBODY)
        house.pass_by(301)
        await turn(house, ANYBODY)


async def test_a_contact_whose_record_is_broken_is_left_for_a_new_one() -> None:
    async with stage() as house:
        first, _ = await turn(house, OWNER)
        first.minutes.broken(LedgerFull("no room"))
        assert (await turn(house, OWNER))[0] is not first


async def test_when_the_node_stops_all_are_closed() -> None:
    async with stage() as house:
        await turn(house, OWNER)
        await house.contacts.close_idle(everything=True)
        [record] = await house.ledger.calls(TENANT)
        assert record.end_reason == "shut_down"


async def test_nobodys_turn_waits_until_others_contacts_are_closed() -> None:
    async with stage() as house:
        await turn(house, OWNER)
        house.ledger.hold()
        house.pass_by(301)
        async with asyncio.timeout(20):
            await turn(house, ANYBODY)
        house.ledger.resume()
        ended = {record.call_id: record.end_reason for record in await house.ledger.calls(TENANT)}
        assert sorted(str(reason) for reason in ended.values()) == ["None", "completed"]


async def test_two_who_tidy_at_the_same_time_close_each_contact_once() -> None:
    async with stage() as house:
        await turn(house, OWNER)
        await turn(house, ANYBODY)
        house.pass_by(301)
        await asyncio.gather(house.contacts.close_idle(), house.contacts.close_idle())
        assert [record.end_reason for record in await house.ledger.calls(TENANT)] == ["completed", "completed"]
        assert (await house.kinds()).count("call.ended") == 2
