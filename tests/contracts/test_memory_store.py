"""What every memory promises: the one that forgets with the process, and the one in PostgreSQL."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialog.escalation import Tried
from dialog.memory.memory import (
    MOST_CONTACTS,
    Agreement,
    Deed,
    EarlierContact,
    Eraser,
    Preferences,
    Promise,
    Remembered,
)
from dialog.memory.postgres import PostgresMemory
from dialog.memory.store import MemoryStore, VolatileMemory
from dialog.reply import EscalationReason
from infra.storage.database import Database

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
SUBJECT, OTHER = f"number:{'a' * 64}", f"customer:{'b' * 64}"
YES = Agreement(True, NOW, "ko:3f2a", "c-1")
NO = replace(YES, agreed=False, at=NOW + timedelta(minutes=5))
LIKED = Preferences("ko", 2, 1, "phone")
CONTACT = EarlierContact(
    "c-1",
    NOW,
    "phone",
    "ko",
    "returns",
    (Deed(Tried.ANSWERED, "", "반품과 교환"), Deed(Tried.ACTION_DONE, "order_status", "shipped")),
    (Promise.HAND_OVER,),
    EscalationReason.CALLER_ASKED,
    True,
)


@pytest.fixture(params=["volatile", "postgres"])
async def store(request: pytest.FixtureRequest, database: Database) -> MemoryStore:
    if request.param == "volatile":
        return VolatileMemory()
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return PostgresMemory(database, tenant)


async def agreed(store: MemoryStore, subject: str = SUBJECT) -> None:
    assert await store.agree(subject, YES)
    assert await store.keep(subject, NOW, LIKED, CONTACT)


async def test_who_was_never_there_is_not_known(store: MemoryStore) -> None:
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered()
    assert await store.left([SUBJECT, OTHER]) == 0


async def test_nothing_is_kept_of_whom_nobody_asked(store: MemoryStore) -> None:
    assert not await store.keep(SUBJECT, NOW, LIKED, CONTACT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered()


async def test_what_is_kept_comes_back_whole(store: MemoryStore) -> None:
    await agreed(store)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(YES, LIKED, (CONTACT,))
    assert await store.recall(OTHER, LONG_AGO) == Remembered()


async def test_nothing_is_kept_after_a_no_and_nothing_remains(store: MemoryStore) -> None:
    await agreed(store)
    assert await store.agree(SUBJECT, NO)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(NO)
    assert not await store.keep(SUBJECT, NOW, LIKED, CONTACT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(NO)


async def test_who_changes_their_mind_is_remembered_from_then_on(store: MemoryStore) -> None:
    await store.agree(SUBJECT, NO)
    again = replace(YES, at=NOW + timedelta(days=1))
    assert await store.agree(SUBJECT, again)
    assert (await store.recall(SUBJECT, LONG_AGO)).agreement == again


async def test_the_latest_contacts_come_first_and_only_so_many(store: MemoryStore) -> None:
    await store.agree(SUBJECT, YES)
    for hour in range(MOST_CONTACTS + 2):
        later = NOW + timedelta(hours=hour)
        await store.keep(SUBJECT, later, None, replace(CONTACT, contact=f"c-{hour}", at=later))
    names = [contact.contact for contact in (await store.recall(SUBJECT, LONG_AGO)).contacts]
    assert names == [f"c-{hour}" for hour in range(MOST_CONTACTS + 1, 1, -1)]


async def test_what_a_contact_came_to_is_written_once(store: MemoryStore) -> None:
    await agreed(store)
    assert await store.keep(SUBJECT, NOW, None, replace(CONTACT, about="delivery"))
    assert (await store.recall(SUBJECT, LONG_AGO)).contacts == (CONTACT,)


async def test_contacts_of_the_same_moment_always_come_in_the_same_order(store: MemoryStore) -> None:
    await agreed(store)
    for name in ("c-3", "c-2"):
        await store.keep(SUBJECT, NOW, None, replace(CONTACT, contact=name))
    assert [one.contact for one in (await store.recall(SUBJECT, LONG_AGO)).contacts] == ["c-3", "c-2", "c-1"]


async def test_preferences_stay_where_a_contact_brings_none(store: MemoryStore) -> None:
    await agreed(store)
    await store.keep(SUBJECT, NOW + timedelta(hours=1), None, None)
    assert (await store.recall(SUBJECT, LONG_AGO)).preferences == LIKED
    louder = replace(LIKED, louder=2)
    await store.keep(SUBJECT, NOW + timedelta(hours=2), louder, None)
    assert (await store.recall(SUBJECT, LONG_AGO)).preferences == louder


async def test_who_is_forgotten_leaves_only_that_it_was_done(store: MemoryStore) -> None:
    await agreed(store)
    await agreed(store, OTHER)
    erasure = await store.forget(SUBJECT, NOW + timedelta(minutes=1), Eraser.CALLER, "key-1")
    assert erasure.kinds == ("agreement", "preferences", "contacts")
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(erasures=(erasure,))
    assert await store.left([SUBJECT, OTHER]) == 1
    assert (await store.recall(OTHER, LONG_AGO)).agreed


async def test_forgetting_whom_nobody_knows_is_done_as_well(store: MemoryStore) -> None:
    erasure = await store.forget(SUBJECT, NOW, Eraser.API)
    assert (erasure.kinds, erasure.by) == ((), Eraser.API)


async def test_a_yes_from_before_does_not_bring_back_who_was_forgotten_since(store: MemoryStore) -> None:
    await store.forget(SUBJECT, NOW + timedelta(minutes=1), Eraser.API)
    assert not await store.agree(SUBJECT, YES)
    assert not await store.keep(SUBJECT, NOW, LIKED, CONTACT)
    assert not (await store.recall(SUBJECT, LONG_AGO)).agreed
    assert await store.agree(SUBJECT, replace(YES, at=NOW + timedelta(minutes=2)))


async def test_what_has_expired_is_not_read_and_then_not_there(store: MemoryStore) -> None:
    await agreed(store)
    later = NOW + timedelta(days=60)
    await store.keep(SUBJECT, later, None, replace(CONTACT, contact="c-2", at=later))
    since = NOW + timedelta(days=30)
    assert [contact.contact for contact in (await store.recall(SUBJECT, since)).contacts] == ["c-2"]
    assert await store.sweep(since) == 1
    assert [contact.contact for contact in (await store.recall(SUBJECT, LONG_AGO)).contacts] == ["c-2"]
    assert await store.recall(SUBJECT, later + timedelta(seconds=1)) == Remembered()
    assert await store.left([SUBJECT]) == 1
    await store.sweep(later + timedelta(seconds=1))
    assert await store.left([SUBJECT]) == 0


FORMER = f"number:{'c' * 64}"


async def test_what_was_kept_under_a_former_name_is_found_under_the_present_one(store: MemoryStore) -> None:
    await agreed(store, FORMER)
    assert await store.rename(FORMER, SUBJECT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(YES, LIKED, (CONTACT,))
    assert await store.recall(FORMER, LONG_AGO) == Remembered()
    assert await store.left([FORMER]) == 0
    assert not await store.rename(FORMER, SUBJECT)


async def test_what_is_kept_under_both_names_comes_together(store: MemoryStore) -> None:
    await agreed(store, FORMER)
    later = replace(YES, at=NOW + timedelta(days=1))
    await store.agree(SUBJECT, later)
    other = replace(CONTACT, contact="c-2", at=later.at)
    await store.keep(SUBJECT, later.at, Preferences("en"), other)
    await store.rename(FORMER, SUBJECT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(later, Preferences("en"), (other, CONTACT))


@pytest.mark.parametrize("former_is_later", [True, False])
async def test_of_two_answers_under_two_names_the_later_one_stands(store: MemoryStore, former_is_later: bool) -> None:
    yes, no = (SUBJECT, FORMER) if former_is_later else (FORMER, SUBJECT)
    await agreed(store, yes)
    await store.agree(no, NO)
    await store.rename(FORMER, SUBJECT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(NO)


async def test_who_was_forgotten_does_not_come_back_by_a_former_name(store: MemoryStore) -> None:
    await agreed(store, FORMER)
    erasure = await store.forget(SUBJECT, NOW + timedelta(minutes=1), Eraser.API)
    assert await store.rename(FORMER, SUBJECT)
    assert await store.recall(SUBJECT, LONG_AGO) == Remembered(erasures=(erasure,))
    assert await store.left([FORMER, SUBJECT]) == 0
