"""Holds and erasures in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import psycopg
import pytest

from dialog.actions.intent import State
from dialog.actions.postgres import PostgresActionStore
from gateway.custody.erasure import AskedBy
from gateway.custody.errors import ContactGoingOn, ContactHeld, ContactUnknown, HoldRefused, ReceiptUnknown
from gateway.custody.retention import DataClass
from gateway.custody.scan import scan_tables
from gateway.session.clear_numbers import seal_all
from gateway.session.records import EventKind
from gateway.session.store import ContactLog
from infra.storage.database import Database
from infra.storage.errors import StorageError
from tests.gateway.custody.archive import NEEDLE, NODE, NOW, NUMBER, Archive, open_archive
from tests.sealed_numbers import WORDS, numbers


@pytest.fixture
async def archive(database: Database) -> Archive:
    return await open_archive(database)


async def erased(archive: Archive, call: str) -> None:
    erasure, _ = await archive.store.begin(call, AskedBy.CALLER, "asked", NOW)
    await archive.store.finish(erasure, {}, NOW)


async def test_the_words_go_from_every_table_and_the_figures_stay(archive: Archive) -> None:
    call, other = await archive.call(), await archive.call()
    for one in (archive.handoff, archive.action, archive.callback, archive.due_call, archive.memory, archive.opt_out):
        await one(call)
    assert len({trace.where for trace in await scan_tables(archive.database, archive.tenant, [NEEDLE])}) >= 8
    await erased(archive, call)
    query = "SELECT kind, payload FROM contact_events WHERE call_id = %(call)s ORDER BY seq"
    told = dict(await archive.run(query, call=call))
    assert list(told)[-1] == "contact.erased"
    assert told["caller.turn"] == {"turn": 1, "confidence": 0.75, "language": "en", "erased": True}
    assert told["wrap_up.done"] == {"disposition": "solved", "seconds": 12.5, "erased": True}
    assert told["reply.decided"]["signals"] == {"match": 0.5}
    assert await archive.run("SELECT caller FROM calls WHERE call_id = %(call)s", call=call) == [(None,)]
    untouched = await archive.run("SELECT count(*) FROM contact_events WHERE call_id = %(call)s", call=other)
    assert untouched == [(8,)]
    await archive.run("SELECT 1")  # the other call is all that still has the needle
    found = await scan_tables(archive.database, archive.tenant, [NEEDLE, NUMBER])
    assert {(trace.where, trace.needle) for trace in found} == {
        ("public.contact_events", 0),
        ("public.contact_events", 1),
        ("public.calls", 1),
    }


async def test_an_action_of_an_erased_contact_can_still_be_read(archive: Archive) -> None:
    call = await archive.call()
    await archive.action(call)
    await erased(archive, call)
    ((intent,),) = await archive.run("SELECT intent FROM action_intents WHERE call_id = %(call)s", call=call)
    read = await PostgresActionStore(archive.database, archive.tenant).get(intent)
    assert read is not None
    assert (read.state, read.arguments, read.standing.customer) == (State.SUCCEEDED, {}, None)


@pytest.mark.parametrize(
    ("pending", "what"),
    [("action", "outcome of an action"), ("callback", "waits for an agent"), ("due_call", "call of ours")],
)
async def test_what_is_still_to_come_keeps_a_contact(archive: Archive, pending: str, what: str) -> None:
    call = await archive.call()
    match pending:
        case "action":
            await archive.action(call, state="unknown")
        case "callback":
            await archive.callback(call, state="callback_scheduled")
        case _:
            await archive.due_call(call, state="due")
    with pytest.raises(ContactGoingOn, match=what):
        await archive.store.begin(call, AskedBy.API, "", NOW)
    assert await archive.store.words_due(NOW + timedelta(days=1), 10) == []


async def test_a_call_that_goes_on_is_not_erased(archive: Archive) -> None:
    call = await archive.call(ended=None)
    with pytest.raises(ContactGoingOn, match="goes on"):
        await archive.store.begin(call, AskedBy.API, "", NOW)


async def test_an_unknown_contact_is_told_as_such(archive: Archive) -> None:
    with pytest.raises(ContactUnknown):
        await archive.store.begin("nobody", AskedBy.API, "", NOW)
    with pytest.raises(ContactUnknown):
        await archive.store.place_hold("nobody", "why", "anna", NOW)


async def test_a_held_contact_stays_until_the_last_hold_is_released(archive: Archive) -> None:
    call = await archive.call()
    first = await archive.store.place_hold(call, "a lawsuit", "anna", NOW)
    second = await archive.store.place_hold(call, "an audit", "ben", NOW)
    assert {hold.hold for hold in await archive.store.holds()} == {first.hold, second.hold}
    assert await archive.store.release_hold(first.hold, "anna", NOW) == call
    with pytest.raises(ContactHeld, match=second.hold):
        await archive.store.begin(call, AskedBy.CALLER, "", NOW)
    assert await archive.store.words_due(NOW + timedelta(days=1), 10) == []
    assert await archive.store.recordings_due(NODE, NOW + timedelta(days=1), 10) == []
    await archive.store.release_hold(second.hold, "ben", NOW)
    await erased(archive, call)
    assert [hold.stands for hold in await archive.store.holds(released=True)] == [False, False]


async def test_a_hold_needs_a_reason_and_is_released_once(archive: Archive) -> None:
    call = await archive.call()
    with pytest.raises(HoldRefused, match="why"):
        await archive.store.place_hold(call, "  ", "anna", NOW)
    hold = await archive.store.place_hold(call, "a lawsuit", "anna", NOW)
    await archive.store.release_hold(hold.hold, "anna", NOW)
    with pytest.raises(HoldRefused, match="no hold"):
        await archive.store.release_hold(hold.hold, "anna", NOW)


async def test_what_is_being_erased_cannot_be_held_any_more(archive: Archive) -> None:
    call = await archive.call()
    await archive.store.begin(call, AskedBy.CALLER, "", NOW)
    with pytest.raises(HoldRefused, match="being erased"):
        await archive.store.place_hold(call, "too late", "anna", NOW)


async def test_who_holds_and_who_erases_at_once_do_not_both_get_their_way(archive: Archive) -> None:
    call = await archive.call()
    held, begun = await asyncio.gather(
        archive.store.place_hold(call, "a lawsuit", "anna", NOW),
        archive.store.begin(call, AskedBy.CALLER, "", NOW),
        return_exceptions=True,
    )
    assert isinstance(held, HoldRefused) != isinstance(begun, ContactHeld)


async def test_an_erasure_that_was_begun_is_gone_on_with(archive: Archive) -> None:
    call = await archive.call()
    first, began = await archive.store.begin(call, AskedBy.CALLER, "asked", NOW)
    again, _ = await archive.store.begin(call, AskedBy.COMMAND, "asked again", NOW + timedelta(minutes=1))
    assert again == first
    assert began == NOW
    assert await archive.store.begun() == [first]
    receipt = await archive.store.finish(first, {"keys": 1}, NOW)
    assert await archive.store.begun() == []
    assert await archive.store.receipts(call) == [receipt.plain()]
    assert receipt.gone["keys"] == 1
    assert receipt.gone["events"] == 8


async def test_the_log_cannot_be_changed_without_an_erasure_and_not_by_hand(archive: Archive) -> None:
    call = await archive.call()
    with pytest.raises((StorageError, psycopg.Error)):
        await archive.run("SELECT erase_words(%(call)s)", call=call)
    with pytest.raises((StorageError, psycopg.Error)):
        await archive.run("UPDATE contact_events SET payload = '{}' WHERE call_id = %(call)s", call=call)
    await archive.store.begin(call, AskedBy.CALLER, "", NOW)
    with pytest.raises((StorageError, psycopg.Error)):
        await archive.run("UPDATE contact_events SET payload = '{}' WHERE call_id = %(call)s", call=call)
    ((many,),) = await archive.run(
        "SELECT count(*) FROM contact_events WHERE call_id = %(call)s AND payload @> '{\"turn\": 1}'", call=call
    )
    assert many == 2


async def test_a_receipt_that_was_given_cannot_be_changed(archive: Archive) -> None:
    call = await archive.call()
    await erased(archive, call)
    await archive.run("UPDATE erasures SET receipt = '{}' WHERE call_id = %(call)s", call=call)
    (receipt,) = await archive.store.receipts(call)
    assert receipt["contact"] == call


async def test_words_and_recordings_fall_due_by_the_end_of_their_contact(archive: Archive) -> None:
    call, silent = await archive.call(), await archive.call(recorded=False)
    late = NOW + timedelta(minutes=6)
    assert await archive.store.words_due(NOW + timedelta(minutes=5), 10) == []
    assert set(await archive.store.words_due(late, 10)) == {call, silent}
    assert await archive.store.recordings_due(NODE, late, 10) == [call]
    assert await archive.store.recordings_due("another node", late, 10) == []
    deleted: list[date] = []

    async def delete(on: date) -> int:
        deleted.append(on)
        return 1

    assert await archive.store.let_go_of_recording(call, delete, NOW)
    assert deleted == [NOW.date()]
    assert await archive.store.recordings_due(NODE, late, 10) == []
    await erased(archive, call)
    assert await archive.store.words_due(late, 10) == [silent]


async def test_what_is_due_is_told_by_when_contacts_ended_whichever_node_they_were_on(archive: Archive) -> None:
    await archive.call(ended=timedelta(minutes=9))
    gone, held = await archive.call(), await archive.call()
    await archive.store.place_hold(held, "a lawsuit", "anna", NOW)
    early, late = NOW + timedelta(minutes=5), NOW + timedelta(minutes=9)
    until = NOW + timedelta(minutes=10)
    for what in (DataClass.RECORDING, DataClass.WORDS):
        assert await archive.store.due(what, until, 10) == [early, late]
        assert await archive.store.due(what, until, 1) == [early]
        assert await archive.store.due(what, early, 10) == []
    assert await archive.store.due(DataClass.RECORD, until, 10) == []
    await erased(archive, gone)
    assert await archive.store.due(DataClass.RECORD, until, 10) == [early]
    assert await archive.store.due(DataClass.WORDS, until, 10) == [late]


async def test_a_receipt_is_found_by_its_erasure_once_that_is_done(archive: Archive) -> None:
    call = await archive.call()
    erasure, _ = await archive.store.begin(call, AskedBy.API, "asked", NOW)
    with pytest.raises(ReceiptUnknown):
        await archive.store.receipt(erasure.erasure)
    receipt = await archive.store.finish(erasure, {}, NOW)
    assert await archive.store.receipt(erasure.erasure) == receipt.plain()


async def test_a_hold_that_is_placed_at_the_last_moment_keeps_the_recording(archive: Archive) -> None:
    call = await archive.call()
    await archive.store.place_hold(call, "a lawsuit", "anna", NOW)

    async def delete(on: date) -> int:
        raise AssertionError("the recording of a held contact")

    assert not await archive.store.let_go_of_recording(call, delete, NOW)


async def test_records_are_dropped_once_they_have_no_words(archive: Archive) -> None:
    call, wordy, held = await archive.call(), await archive.call(), await archive.call()
    await archive.handoff(call)
    await erased(archive, call)
    await erased(archive, held)
    await archive.store.place_hold(held, "a lawsuit", "anna", NOW)
    assert await archive.store.drop_records(NOW + timedelta(minutes=5), 10) == 0
    assert await archive.store.drop_records(NOW + timedelta(minutes=6), 10) == 1
    left = {row[0] for row in await archive.run("SELECT call_id FROM calls")}
    assert left == {wordy, held}
    assert await archive.run("SELECT 1 FROM contact_events WHERE call_id = %(call)s", call=call) == []
    assert len(await archive.store.receipts(call)) == 1


async def everything_of(archive: Archive) -> str:
    call = await archive.call()
    for one in (
        archive.handoff, archive.action, archive.callback, archive.offer, archive.toll, archive.telling,
        archive.agreement, archive.due_call, archive.memory, archive.opt_out,
    ):  # fmt: skip
        await one(call)
    return call


async def test_with_a_record_goes_all_that_is_about_its_contact_and_nothing_of_others(archive: Archive) -> None:
    call, other = await everything_of(archive), await everything_of(archive)
    before = {trace.where for trace in await scan_tables(archive.database, archive.tenant, [other])}
    await erased(archive, call)
    assert await archive.store.drop_records(NOW + timedelta(minutes=6), 10) == 1
    found = await scan_tables(archive.database, archive.tenant, [call, other])
    assert {trace.where for trace in found if trace.needle == 0} == {"public.erasures"}
    assert {trace.where for trace in found if trace.needle == 1} == before
    assert before >= {
        f"public.{table}"
        for table in (
            "calls", "contact_events", "handoffs", "action_intents", "work_items", "offers", "floor_events",
            "toll_calls", "webhook_deliveries", "memory_agreements", "memory_contacts", "due_calls", "call_opt_outs",
        )
    }  # fmt: skip


async def test_a_record_of_which_something_is_still_to_come_waits(archive: Archive) -> None:
    """As when an agent promised a callback after the words were gone."""
    call = await archive.call()
    await erased(archive, call)
    await archive.callback(call, state="callback_scheduled")
    late = NOW + timedelta(minutes=6)
    assert await archive.store.drop_records(late, 10) == 0
    await archive.run("UPDATE work_items SET state = 'completed'")
    assert await archive.store.drop_records(late, 10) == 1


async def test_whoever_works_daily_deletes_nothing_of_a_record(archive: Archive) -> None:
    await erased(archive, await everything_of(archive))
    for table in ("work_items", "offers", "floor_events", "action_intents", "toll_calls"):
        with pytest.raises((StorageError, psycopg.Error)):
            await archive.run(f"DELETE FROM {table}")


async def test_whoever_works_daily_cannot_lend_the_functions_tables_of_their_own(archive: Archive) -> None:
    """A temporary table of a log's name, with a trigger, would run as the owner of the functions."""
    call = await archive.call()
    await archive.store.begin(call, AskedBy.CALLER, "", NOW)
    async with archive.database.tenant(archive.tenant) as connection:
        await connection.execute(b"CREATE TEMP TABLE contact_events (LIKE public.contact_events) ON COMMIT DROP")
        await connection.execute(
            b"CREATE FUNCTION pg_temp.grow() RETURNS trigger LANGUAGE plpgsql AS "
            b"$$ BEGIN EXECUTE format('ALTER ROLE %I SUPERUSER', session_user); RETURN NEW; END $$"
        )
        await connection.execute(
            b"CREATE TRIGGER grow BEFORE UPDATE ON contact_events FOR EACH ROW EXECUTE FUNCTION pg_temp.grow()"
        )
        await connection.execute(
            b"INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload, written)"
            b" VALUES (app_tenant(), %s, 1, now(), 'x', '{}', '0')",
            (call,),
        )
        await connection.execute(b"SELECT erase_words(%s)", (call,))
        rows = await (
            await connection.execute(b"SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        ).fetchall()
    assert rows == [(False,)]


async def test_a_second_erasure_leaves_the_first_tombstone_as_it_was(archive: Archive) -> None:
    call = await archive.call()
    await erased(archive, call)
    query = "SELECT payload ->> 'erasure' FROM contact_events WHERE kind = 'contact.erased' ORDER BY seq"
    before = await archive.run(query)
    await erased(archive, call)
    after = await archive.run(query)
    assert after[:1] == before
    assert len({row[0] for row in after} - {None}) == 2


async def test_what_is_written_down_late_of_an_erased_contact_has_no_words(archive: Archive) -> None:
    call = await archive.call()
    await erased(archive, call)
    ledger = ContactLog(archive.database, f"late-{archive.tenant}", numbers)
    await ledger.start()
    told = {"note": NEEDLE, "disposition": "solved"}
    assert await ledger.append_late(archive.tenant, call, EventKind.WRAP_UP_DONE, told, key="k")
    await ledger.close()
    late = (await archive.run("SELECT payload FROM contact_events WHERE call_id = %(call)s ORDER BY seq", call=call))[
        -1
    ]
    assert late == ({"disposition": "solved", "key": "k", "erased": True},)


async def test_the_contacts_of_a_number_are_found_where_it_lies_sealed_and_their_ending_goes_with_them(
    archive: Archive,
) -> None:
    calls = [await archive.call(), await archive.call(outbound=True)]
    await seal_all(archive.database, archive.tenant, WORDS)
    assert set(await archive.store.contacts_of(NUMBER, WORDS)) == set(calls)
    await erased(archive, calls[0])
    assert await archive.store.contacts_of(NUMBER, WORDS) == calls[1:]
    ending = "SELECT number_ending IS NULL FROM calls WHERE call_id = %(call)s"
    assert [await archive.run(ending, call=call) for call in calls] == [[(True,)], [(False,)]]


async def test_the_contacts_of_a_number_are_found(archive: Archive) -> None:
    calls = [await archive.call(), await archive.call()]
    ours = await archive.call(outbound=True)
    assert set(await archive.store.contacts_of(NUMBER, WORDS)) == {*calls, ours}
    await erased(archive, ours)
    assert set(await archive.store.contacts_of(NUMBER, WORDS)) == set(calls)
    assert await archive.run("SELECT caller, called FROM calls WHERE call_id = %(call)s", call=ours) == [
        ("+8215", None)
    ]
    assert await archive.store.contacts_of("+821000000000", WORDS) == []
