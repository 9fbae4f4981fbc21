from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.analytics.errors import TooManyReports, TopicsFailed
from gateway.analytics.kpis.reports import LONGEST_DAYS, Reports, Sampled, Selection
from gateway.analytics.topics import finding
from gateway.analytics.topics.finding import TopicSearch, begins_with
from infra.storage.database import Database
from tests.gateway.analytics.kpis.contacts import NOON, Contacts, asked
from tests.gateway.analytics.past_calls import new_tenant

FRIDAY = Selection(date(2026, 11, 20), date(2026, 11, 20))
LATE = ("택배가 안 와요", "택배 어디쯤 왔나요", "택배 언제 와요", "제 택배 010-1234-5678")


@pytest.fixture
async def tenant(database: Database) -> str:
    """Five callers who ask for a parcel, one of whom says a number and one of whom called last week, and one who speaks
    English."""
    contacts = Contacts(database, await new_tenant(database))
    for number, text in enumerate(LATE):
        contacts.add(f"c{number}", asked(3, text))
    contacts.add("old", asked(3, LATE[0]), begun=NOON - timedelta(days=7))
    contacts.add("en", [(3, "caller.turn", {"turn": 1, "text": "where is my parcel", "language": "en"})])
    await contacts.write()
    return contacts.tenant


@pytest.fixture
def search(database: Database, tmp_path: Path) -> TopicSearch:
    return TopicSearch(Reports(database), tmp_path)


async def test_what_callers_said_is_grouped_in_a_process_of_its_own(search: TopicSearch, tenant: str) -> None:
    found = await search.find(tenant, FRIDAY, "ko")
    (topic,) = found["topics"]
    assert topic["label"][0] == "택배"
    assert set(topic["latest"]) == {"c0", "c1", "c2", "c3"}
    assert (found["contacts"], found["turns"], found["alone"], found["whole"]) == (4, 4, 0, True)
    assert "1234" not in str(found)


async def test_days_are_held_against_the_weeks_before(search: TopicSearch, tenant: str) -> None:
    found = await search.find(tenant, FRIDAY, "ko")
    assert found["before"] == {"contacts": 1, "from": "2026-10-23"}
    assert found["topics"][0]["share_before"] == 1.0
    assert found["topics"][0]["by_day"] == {"2026-11-20": 4}


@pytest.mark.parametrize(
    ("days", "before"), [(1, 28), (28, 28), (29, 35), (90, 91), (LONGEST_DAYS - 5, 5), (LONGEST_DAYS, 0)]
)
def test_the_days_before_are_whole_weeks_and_at_least_as_many(days: int, before: int) -> None:
    since = date(2026, 1, 1)
    chosen = Selection(since, since + timedelta(days=days - 1))
    assert (since - begins_with(chosen)).days == before


async def test_of_more_than_is_looked_at_the_same_contacts_are_a_sample(
    database: Database, search: TopicSearch, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", Sampled(contacts=3, turns=100))
    found = await search.find(tenant, FRIDAY, "ko")
    assert not found["whole"]
    assert found["contacts"] + found["before"]["contacts"] <= 3
    reports, wide = Reports(database), Selection(date(2026, 11, 1), date(2026, 11, 20))
    some = [await reports.said(tenant, wide, "ko", Sampled(contacts, 100)) for contacts in (3, 4, 3)]
    chosen = [{contact for contact, _, _ in said.turns} for said in some]
    assert chosen[0] == chosen[2] <= chosen[1]
    assert not (await reports.said(tenant, wide, "ko", Sampled(100, 2))).whole
    assert (await reports.said(tenant, wide, "ko", Sampled(100, 100))).whole


async def test_what_is_told_in_parts_is_the_same(
    search: TopicSearch, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = await search.find(tenant, FRIDAY, "ko")
    monkeypatch.setattr(finding, "TOLD_AT_ONCE", 2)
    assert await search.find(tenant, FRIDAY, "ko") == at_once


async def test_days_on_which_nobody_spoke_have_no_topics(search: TopicSearch, tenant: str) -> None:
    empty = Selection(date(2026, 1, 1), date(2026, 1, 2))
    found = await search.find(tenant, empty, "ko")
    assert (found["topics"], found["turns"], found["before"]["contacts"]) == ([], 0, 0)


async def test_a_language_that_nobody_can_group_says_so(database: Database, search: TopicSearch) -> None:
    contacts = Contacts(database, await new_tenant(database))
    contacts.add("fr", [(3, "caller.turn", {"turn": 1, "text": "bonjour", "language": "fr"})])
    await contacts.write()
    with pytest.raises(TopicsFailed, match="fr"):
        await search.find(contacts.tenant, FRIDAY, "fr")


async def test_a_search_that_takes_too_long_is_given_up(
    search: TopicSearch, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.0)
    with pytest.raises(TopicsFailed, match="in time"):
        await search.find(tenant, FRIDAY, "ko")


async def test_who_would_wait_behind_too_many_is_refused(database: Database, tenant: str, tmp_path: Path) -> None:
    search = TopicSearch(Reports(database), tmp_path, most_waiting=1)
    first = asyncio.create_task(search.find(tenant, FRIDAY, "en"))
    await asyncio.sleep(0)
    with pytest.raises(TooManyReports):
        await search.find(tenant, FRIDAY, "en")
    assert (await first)["turns"] == 1
