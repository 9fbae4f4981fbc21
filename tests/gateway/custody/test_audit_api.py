"""The audit over HTTP: its ends, its lines, and the same verification as on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient

from dialog.actions.intent import intent_of
from dialog.actions.postgres import PostgresActionStore
from gateway.access.audit import REVEALED, AuditEntry
from gateway.access.audit_chain import AuditCheck
from gateway.access.identity import Role
from gateway.custody import audits
from gateway.custody.audit_api import Verifier
from gateway.custody.audits import Audits
from gateway.custody.errors import VerificationUnderWay
from infra.storage.database import Database
from tests.dialog.shop import wanted
from tests.gateway.access.people import OURS
from tests.gateway.custody.archive import NOW
from tests.gateway.custody.office import Office, open_office
from tests.gateway.http import client
from tests.postgres import Postgres


@pytest.fixture
async def office(database: Database) -> Office:
    """Somebody has revealed four values, and two actions were begun."""
    office = await open_office(database)
    for number in range(4):
        at = NOW + timedelta(hours=number)
        entry = AuditEntry(office.tenant, at, "kim" if number % 2 else "lee", REVEALED, f"c-{number}", "고객 요청")
        await office.audit.record(entry)
    store = PostgresActionStore(database, office.tenant)
    for number in range(2):
        await store.enter(intent_of(wanted(order=f"100{number}")), NOW)
    return office


@pytest.fixture
async def http(office: Office) -> AsyncIterator[AsyncClient]:
    async with client(*office.routers()) as http:
        http.headers.update(OURS)
        http.cookies.update(await office.cookies(Role.ADMIN, name="Park Jiwon"))
        yield http


async def test_the_ends_of_both_chains_are_told_and_what_there_is_to_choose_from(http: AsyncClient) -> None:
    told = (await http.get("/v1/custody/audit/chains")).json()
    assert [(one["audit"], one["lines"], len(one["seal"])) for one in told["chains"]] == [
        ("access", 4, 64),
        ("actions", 2, 64),
    ]
    assert told["choices"] == {"who": [{"id": "kim", "name": None}, {"id": "lee", "name": None}], "what": [REVEALED]}


async def test_an_audit_that_has_no_line_yet_has_no_seal(database: Database) -> None:
    office = await open_office(database)
    async with client(*office.routers()) as http:
        http.cookies.update(await office.cookies(Role.ADMIN))
        told = (await http.get("/v1/custody/audit/chains")).json()
    assert told["chains"] == [{"audit": name, "lines": 0, "seal": None, "at": None} for name in ("access", "actions")]


async def test_lines_are_filtered_and_come_page_by_page_and_the_look_is_one_of_them(
    http: AsyncClient, office: Office
) -> None:
    async def found(**query: Any) -> list[str]:
        lines = (await http.get("/v1/custody/audit", params=query)).json()["lines"]
        return [one["whose"] for one in lines if one["what"] == REVEALED]

    assert await found() == ["c-3", "c-2", "c-1", "c-0"]
    assert await found(who="kim") == ["c-3", "c-1"]
    assert await found(what="nothing.ever") == []
    span = {"from": (NOW + timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=3)).isoformat()}
    assert await found(**span) == ["c-2", "c-1"]
    first = (await http.get("/v1/custody/audit", params={"what": REVEALED, "limit": 3})).json()
    assert await found(what=REVEALED, before=first["next"]) == ["c-0"]
    [look] = (await http.get("/v1/custody/audit", params={"what": "audit.seen"})).json()["lines"]
    assert look["name"] == "Park Jiwon"


async def test_lines_of_one_tenant_are_nobody_elses(http: AsyncClient, office: Office, database: Database) -> None:
    other = await open_office(database)
    http.cookies.clear()
    http.cookies.update(await office.cookies(Role.ADMIN))
    assert (await http.get("/v1/custody/audit", params={"what": REVEALED})).json()["lines"]
    async with client(*other.routers()) as elsewhere:
        elsewhere.cookies.update(await other.cookies(Role.ADMIN))
        assert (await elsewhere.get("/v1/custody/audit", params={"what": REVEALED})).json()["lines"] == []


async def test_what_nobody_touched_is_whole_and_that_it_was_verified_stands_in_it(
    http: AsyncClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "PAGE", 1)
    told = (await http.post("/v1/custody/audit/verification")).json()
    assert [(one["audit"], one["records"], one["ended"], one["broken"]) for one in told["audits"]] == [
        ("access", 4, True, None),
        ("actions", 2, True, None),
    ]
    [line] = await office.audit.entries(office.tenant, what="audit.verified")
    assert line.entry.details == {"access": "4 records, whole", "actions": "2 records, whole"}


@pytest.mark.parametrize(
    ("tampering", "audit", "number", "fault"),
    [
        ("UPDATE audit_entries SET actor = 'choi' WHERE number = 2", "access", 2, "edited"),
        ("DELETE FROM audit_entries WHERE number = 3", "access", 3, "missing"),
        ("DELETE FROM action_audit WHERE number = 1", "actions", 1, "missing"),
    ],
)
async def test_what_was_touched_is_told_with_its_place(
    http: AsyncClient,
    office: Office,
    postgres: Postgres,
    database_name: str,
    tampering: str,
    audit: str,
    number: int,
    fault: str,
) -> None:
    await postgres.run_as_superuser(database_name, f"{tampering} AND tenant = '{office.tenant}'")
    told = {one["audit"]: one for one in (await http.post("/v1/custody/audit/verification")).json()["audits"]}
    broken = told.pop(audit)["broken"]
    assert (broken["number"], broken["fault"]) == (number, fault)
    assert [one["broken"] for one in told.values()] == [None]
    [line] = await office.audit.entries(office.tenant, what="audit.verified")
    assert line.entry.details[audit] == f"broken at {number} ({fault})"


async def test_a_verification_ends_when_its_time_is_over_and_says_how_far_it_came(
    database: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "PAGE", 1)
    ticks: Iterator[int] = count()
    own = Audits(office.tenant, office.audit, PostgresActionStore(database, office.tenant))
    access, actions = await Verifier(lambda: float(next(ticks)), longest=3.0).verify(own)
    assert (access["records"], access["ended"], access["broken"]) == (2, False, None)
    assert (actions["records"], actions["ended"]) == (0, False)


async def test_one_verification_at_a_time_is_enough(database: Database, office: Office) -> None:
    going_on, free = asyncio.Event(), asyncio.Event()

    class Slow(Audits):
        async def verify(self, check: AuditCheck, in_time: Any = None) -> bool:
            going_on.set()
            await free.wait()
            return True

    own = Slow(office.tenant, office.audit, PostgresActionStore(database, office.tenant))
    first = asyncio.create_task(office.verifier.verify(own))
    await going_on.wait()
    with pytest.raises(VerificationUnderWay):
        await office.verifier.verify(own)
    free.set()
    assert [one["ended"] for one in await first] == [True, True]
    assert [one["ended"] for one in await office.verifier.verify(own)] == [True, True]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ANALYST, Role.AGENT, Role.CONTENT])
async def test_the_audit_is_for_who_watches_over_data(http: AsyncClient, office: Office, role: Role) -> None:
    http.cookies.clear()
    http.cookies.update(await office.cookies(role))
    for path in ("", "/chains"):
        assert (await http.get(f"/v1/custody/audit{path}")).json()["code"] == "not_allowed"
    assert (await http.post("/v1/custody/audit/verification")).json()["code"] == "not_allowed"
