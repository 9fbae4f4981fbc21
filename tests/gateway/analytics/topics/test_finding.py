from __future__ import annotations

import asyncio
from datetime import date

import pytest

from gateway.analytics.errors import TooManyReports, TopicsFailed
from gateway.analytics.kpis.reports import Reports, Selection
from gateway.analytics.topics.finding import TopicSearch
from infra.storage.database import Database
from tests.gateway.analytics.kpis.contacts import Contacts, asked
from tests.gateway.analytics.past_calls import new_tenant

FRIDAY = Selection(date(2026, 11, 20), date(2026, 11, 20))


@pytest.fixture
async def tenant(database: Database) -> str:
    """Five callers who ask for a parcel, one of whom says a number, and one who speaks English."""
    contacts = Contacts(database, await new_tenant(database))
    for number, text in enumerate(("택배가 안 와요", "택배 어디쯤 왔나요", "택배 언제 와요", "제 택배 010-1234-5678")):
        contacts.add(f"c{number}", asked(3, text))
    contacts.add("en", [(3, "caller.turn", {"turn": 1, "text": "where is my parcel", "language": "en"})])
    await contacts.write()
    return contacts.tenant


async def test_what_callers_said_is_grouped_in_a_process_of_its_own(database: Database, tenant: str) -> None:
    found = await TopicSearch(Reports(database)).find(tenant, FRIDAY, "ko")
    (topic,) = found["topics"]
    assert topic["label"][0] == "택배"
    assert set(topic["contacts"]) == {"c0", "c1", "c2", "c3"}
    assert (found["contacts"], found["turns"], found["alone"], found["most"]) == (4, 4, 0, 4000)
    assert "1234" not in str(found)


async def test_days_on_which_nobody_spoke_have_no_topics(database: Database, tenant: str) -> None:
    empty = Selection(date(2026, 1, 1), date(2026, 1, 2))
    found = await TopicSearch(Reports(database)).find(tenant, empty, "ko")
    assert (found["topics"], found["turns"]) == ([], 0)


async def test_a_language_that_nobody_can_group_says_so(database: Database) -> None:
    contacts = Contacts(database, await new_tenant(database))
    contacts.add("fr", [(3, "caller.turn", {"turn": 1, "text": "bonjour", "language": "fr"})])
    await contacts.write()
    with pytest.raises(TopicsFailed, match="fr"):
        await TopicSearch(Reports(database)).find(contacts.tenant, FRIDAY, "fr")


async def test_who_would_wait_behind_too_many_is_refused(database: Database, tenant: str) -> None:
    search = TopicSearch(Reports(database), most_waiting=1)
    first = asyncio.create_task(search.find(tenant, FRIDAY, "en"))
    await asyncio.sleep(0)
    with pytest.raises(TooManyReports):
        await search.find(tenant, FRIDAY, "en")
    assert (await first)["turns"] == 1
