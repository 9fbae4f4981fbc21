"""Numbers that lie readable from before are sealed, in records and in the log, and nothing else of it is changed."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from dialog.clock import utc_now
from gateway.analytics.search import CallSearch, Wanted
from gateway.custody.store import CustodyStore
from gateway.session.clear_numbers import AT_ONCE, keep_sealing, seal_all
from gateway.session.numbers import ending
from gateway.session.store import ContactLog
from infra.storage.database import Database
from infra.storage.errors import StorageError
from infra.supervision import ended
from tests.sealed_numbers import WORDS, numbers

NUMBER = "+821012345678"
ANSWERED = {
    "ani": "010-1234-5678",
    "caller": NUMBER,
    "asserted": None,
    "headers": {"from": "<sip:01012345678@x>"},
    "rate": 8000,
}


class Archive:
    """A tenant whose calls were written before numbers were sealed."""

    def __init__(self, database: Database, tenant: str) -> None:
        self.database = database
        self.tenant = tenant

    async def run(self, statement: str, **arguments: Any) -> list[tuple[Any, ...]]:
        async with self.database.tenant(self.tenant) as connection:
            cursor = await connection.execute(statement.encode(), {"tenant": self.tenant, **arguments})
            return await cursor.fetchall() if cursor.description is not None else []

    async def call(self, *, outbound: bool = False, ended: bool = True, number: str | None = NUMBER) -> str:
        call = uuid.uuid4().hex
        direction, caller, called = ("outbound", "+8215", number) if outbound else ("inbound", number, "+8215")
        said = [
            ("call.offered", {"direction": direction, "line": "+8215", "caller": caller, "called": called}),
            ("call.answered", ANSWERED),
            ("caller.turn", {"turn": 1, "text": "hello"}),
            ("callback.requested", {"handoff": "h", "number": NUMBER}),
            ("call.ended", {"reason": "completed"}),
        ]
        for seq, (kind, payload) in enumerate(said, start=1):
            await self.run(
                "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)"
                " VALUES (%(tenant)s, %(call)s, %(seq)s, now(), %(kind)s, %(payload)s)",
                call=call, seq=seq, kind=kind, payload=Jsonb(payload),
            )  # fmt: skip
        await self.run(
            "INSERT INTO calls (tenant, call_id, line, language, direction, channel, caller, called, started_at,"
            " ended_at, end_reason, node, epoch) VALUES (%(tenant)s, %(call)s, '+8215', 'ko', %(direction)s, 'voice',"
            " %(caller)s, %(called)s, now() - interval '2 hours', %(ended)s, %(why)s, 'n', 1)",
            call=call, direction=direction, caller=caller, called=called,
            ended=utc_now() - timedelta(hours=1) if ended else None, why="completed" if ended else None,
        )  # fmt: skip
        return call

    async def lies(self) -> str:
        """All that lies of the tenant's calls."""
        kept = await self.run("SELECT to_jsonb(calls)::text FROM calls")
        kept += await self.run("SELECT payload::text FROM contact_events ORDER BY call_id, seq")
        return "\n".join(row[0] for row in kept)

    async def seal(self, later: timedelta = timedelta()) -> int:
        return await seal_all(self.database, self.tenant, WORDS, lambda: utc_now() + later)


@pytest.fixture
async def archive(database: Database) -> Archive:
    tenant = f"before-{uuid.uuid4().hex[:8]}"
    await database.enter_tenant(tenant)
    return Archive(database, tenant)


async def test_record_and_log_are_sealed_and_read_as_before(archive: Archive) -> None:
    calls = [await archive.call(), await archive.call(outbound=True), await archive.call(number=None)]
    log = ContactLog(archive.database, "reader", numbers)
    before = [(await log.call(archive.tenant, call), await log.events(archive.tenant, call)) for call in calls]
    assert "12345678" in await archive.lies()
    assert await archive.seal() == 3
    lies = await archive.lies()
    for needle in ("12345678", "1234-5678", "sip:"):
        assert needle not in lies
    after = [(await log.call(archive.tenant, call), await log.events(archive.tenant, call)) for call in calls]
    assert after == before
    endings = dict(await archive.run("SELECT call_id, number_ending FROM calls"))
    assert endings == {calls[0]: ending("5678", WORDS), calls[1]: ending("5678", WORDS), calls[2]: None}
    assert await archive.seal() == 0, "once is enough"


async def test_a_call_that_goes_on_is_left_to_the_node_that_writes_it(archive: Archive) -> None:
    call = await archive.call(ended=False)
    assert await archive.seal() == 0
    assert NUMBER in await archive.lies()
    await archive.run("UPDATE calls SET ended_at = now(), end_reason = 'node_lost' WHERE call_id = %(call)s", call=call)
    assert await archive.seal() == 0, "something may still be written of it"
    assert await archive.seal(timedelta(minutes=2)) == 1
    assert NUMBER not in await archive.lies()


async def test_more_than_one_transaction_is_done_in_several_also_by_several(archive: Archive) -> None:
    for _ in range(AT_ONCE + 3):
        await archive.call()
    assert sum(await asyncio.gather(archive.seal(), archive.seal())) == AT_ONCE + 3
    assert "12345678" not in await archive.lies()


async def test_one_that_lies_readable_is_found_by_its_number_all_the_same(archive: Archive) -> None:
    call = await archive.call()
    search, store = CallSearch(archive.database, numbers), CustodyStore(archive.database, archive.tenant)
    for _ in range(2):
        found = await search.find(archive.tenant, Wanted(caller="010-1234-5678"))
        assert [one.record.call_id for one in found] == [call]
        assert found[0].record.caller == NUMBER
        assert await store.contacts_of(NUMBER, WORDS) == [call]
        await archive.seal()


async def test_nothing_else_of_a_log_can_be_changed_by_the_way_in_which_numbers_are_sealed(archive: Archive) -> None:
    call = await archive.call()
    seal = "SELECT seal_numbers(%(call)s, %(sealed)s)"
    for sealed in (
        {"2": {"ani": "+821099999999"}},
        {"2": {"rate": "siv:a"}},
        {"3": {"text": "siv:a"}},
        {"2": {"ani": None}},
    ):
        with pytest.raises(StorageError):
            await archive.run(seal, call=call, sealed=Jsonb(sealed))
    assert await archive.run(seal, call=call, sealed=Jsonb({"3": {"number": "siv:a"}})) == [(0,)], "of no such kind"
    assert await archive.run(seal, call=call, sealed=Jsonb({"1": {"number": "siv:a"}})) == [(0,)], "no such field"
    await archive.seal()
    with pytest.raises(StorageError):
        await archive.run(seal, call=call, sealed=Jsonb({"2": {"ani": "siv:a"}}))


async def test_an_ending_goes_with_its_number(archive: Archive) -> None:
    calls = [await archive.call(), await archive.call(outbound=True)]
    await archive.seal()
    await archive.run("UPDATE calls SET caller = NULL WHERE call_id = %(call)s", call=calls[0])
    await archive.run("UPDATE calls SET called = NULL WHERE call_id = %(call)s", call=calls[1])
    assert await archive.run("SELECT DISTINCT number_ending FROM calls") == [(None,)]


async def test_what_an_older_node_writes_meanwhile_is_looked_for_again_and_again(archive: Archive) -> None:
    task = asyncio.create_task(keep_sealing(archive.database, {archive.tenant: WORDS}, 0.01))
    try:
        for _ in range(2):
            await archive.call()
            async with asyncio.timeout(20):  # raises where it stays readable
                while "12345678" in await archive.lies():
                    await asyncio.sleep(0.01)
    finally:
        await ended(task)
