"""Holds, erasures and retention over HTTP, with a real database behind them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from gateway.access.identity import Role
from gateway.custody.erasure import digest, is_genuine
from gateway.custody.errors import CustodyTooWide
from gateway.custody.store import CustodyStore
from infra.storage.database import Database
from infra.storage.errors import StatementTimedOut
from tests.gateway.access.people import OURS
from tests.gateway.custody.archive import NEEDLE, NOW, NUMBER
from tests.gateway.custody.office import Office, open_office
from tests.gateway.http import client

WHY = "lawsuit 2026-118"


@pytest.fixture
async def office(database: Database) -> Office:
    return await open_office(database)


@pytest.fixture
async def http(office: Office) -> AsyncIterator[AsyncClient]:
    """Asks as somebody who watches over data."""
    async with client(*office.routers()) as http:
        http.headers.update(OURS)
        http.cookies.update(await office.cookies(Role.ADMIN, name="Park Jiwon"))
        yield http


async def sign_in(http: AsyncClient, office: Office, *roles: Role) -> None:
    http.cookies.clear()
    http.cookies.update(await office.cookies(*roles))


async def place(http: AsyncClient, contact: str) -> str:
    answer = await http.post("/v1/custody/holds", json={"contact": contact, "why": WHY})
    assert answer.status_code == 200, answer.text
    [hold] = answer.json()["holds"]
    return str(hold)


async def erase(http: AsyncClient, contact: str, **changes: str) -> Any:
    wanted = {"contact": contact, "again": contact, "why": "asked by letter", **changes}
    return await http.post("/v1/custody/erasures", json=wanted)


async def test_a_hold_is_placed_seen_and_lifted_with_its_reasons_and_its_people(
    http: AsyncClient, office: Office
) -> None:
    call = await office.archive.call()
    hold = await place(http, call)
    answer = await http.get("/v1/custody/holds")
    assert answer.headers["cache-control"] == "no-store"
    [one] = answer.json()["holds"]
    assert (one["hold"], one["contact"], one["why"], one["stands"]) == (hold, call, WHY, True)
    assert answer.json()["people"][one["placed_by"]] == "Park Jiwon"
    assert answer.json()["may"] == {"keep": True, "replay": False}
    released = await http.post(f"/v1/custody/holds/{hold}/release", json={"why": "settled"})
    assert released.json() == {"contact": call}
    assert (await http.get("/v1/custody/holds")).json()["holds"] == []
    [one] = (await http.get("/v1/custody/holds?released=true")).json()["holds"]
    assert (one["released_by"], one["released_why"], one["stands"]) == (one["placed_by"], "settled", False)
    deeds = [(what, whose) for _, what, whose in await office.deeds()]
    assert deeds == [("contact.held", call), ("holds.seen", ""), ("contact.released", "")]


async def test_all_contacts_of_a_caller_are_held_by_their_number(http: AsyncClient, office: Office) -> None:
    calls = {await office.archive.call(), await office.archive.call(outbound=True)}
    answer = await http.post("/v1/custody/holds", json={"number": "+82 10-5555-0001", "why": WHY})
    assert set(answer.json()["holds"].values()) == calls
    assert {one.contact for one in await office.archive.store.holds()} == calls
    for number in ("+821000000000", "hedgehog"):
        answer = await http.post("/v1/custody/holds", json={"number": number, "why": WHY})
        assert (answer.status_code, answer.json()["code"]) == (404, "contact_unknown")
    assert NUMBER not in str(await office.audit.entries(office.tenant))


async def test_holds_come_page_by_page_and_of_one_contact(http: AsyncClient, office: Office) -> None:
    calls = [await office.archive.call() for _ in range(3)]
    for later, call in enumerate(calls):
        office.archive.now = NOW + timedelta(minutes=later)
        await place(http, call)
    first = (await http.get("/v1/custody/holds?limit=2")).json()
    rest = (await http.get("/v1/custody/holds", params={"limit": 2, "before": first["next"]})).json()
    assert [one["contact"] for one in (*first["holds"], *rest["holds"])] == calls[::-1]
    assert rest["next"] is None
    [one] = (await http.get("/v1/custody/holds", params={"contact": f" {calls[1]} "})).json()["holds"]
    assert one["contact"] == calls[1]


async def test_an_erasure_gives_the_receipt_that_is_found_again_and_taken_along(
    http: AsyncClient, office: Office
) -> None:
    call = await office.archive.call()
    told = (await erase(http, call)).json()
    assert (told["genuine"], told["audited"]) == (True, True)
    assert {"where": "recordings", "what": "recordings", "count": 1} in told["reached"]
    assert {"where": "database", "what": "events", "count": 8} in told["reached"]
    assert NEEDLE not in json.dumps(told)
    erasure = told["receipt"]["erasure"]
    assert (told["receipt"]["asked_by"], told["receipt"]["why"]) == ("api", "asked by letter")
    [one] = (await http.get("/v1/custody/receipts", params={"contact": call})).json()["receipts"]
    assert (one["erasure"], one["gone"]) == (erasure, sum(told["receipt"]["gone"].values()))
    assert (await http.get(f"/v1/custody/receipts/{erasure}")).json() == told
    file = await http.get(f"/v1/custody/receipts/{erasure}/file")
    assert file.headers["content-disposition"] == f'attachment; filename="receipt-{erasure}.json"'
    assert file.headers["cache-control"] == "no-store"
    assert is_genuine(file.json())
    assert file.json() == told["receipt"]
    deeds = [(what, whose) for _, what, whose in await office.deeds()]
    assert deeds == [
        ("contact.erasing", call),
        ("contact.erased", call),
        ("receipts.seen", ""),
        ("receipt.opened", call),
    ]


async def test_a_receipt_that_somebody_changed_is_told_from_the_one_that_was_given(
    http: AsyncClient, office: Office, postgres: Any, database_name: str
) -> None:
    told = (await erase(http, await office.archive.call())).json()["receipt"]
    changed = {**told, "why": "nobody asked"}
    for receipt, genuine in ((changed, False), ({**changed, "digest": digest(changed)}, True)):
        # sealed anew it shows by the audit alone
        plain = json.dumps(receipt).replace("'", "''")
        statement = f"UPDATE erasures SET receipt = '{plain}'::jsonb WHERE erasure = '{told['erasure']}'"
        await postgres.run_as_superuser(database_name, statement)
        found = (await http.get(f"/v1/custody/receipts/{told['erasure']}")).json()
        assert (found["genuine"], found["audited"]) == (genuine, not genuine)


async def test_what_is_held_goes_on_or_was_typed_wrong_is_not_erased(http: AsyncClient, office: Office) -> None:
    held, going_on, wanted = [await office.archive.call(ended=ended) for ended in (NOW - NOW, None, NOW - NOW)]
    await place(http, held)
    for answer, status, code in (
        (await erase(http, held), 409, "contact_held"),
        (await erase(http, going_on), 409, "contact_going_on"),
        (await erase(http, "nobody"), 404, "contact_unknown"),
        (await erase(http, wanted, again=held), 422, "erasure_not_confirmed"),
        (await erase(http, wanted, why="no"), 422, "invalid_request"),
        (await erase(http, "../etc"), 422, "invalid_request"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await http.get("/v1/custody/receipts")).json()["receipts"] == []
    assert (office.tenant, wanted) in office.archive.rack.keys


async def test_what_cannot_be_asked_for_is_refused_with_words(http: AsyncClient, office: Office) -> None:
    call = await office.archive.call()
    hold = await place(http, call)
    assert (await http.post(f"/v1/custody/holds/{hold}/release", json={"why": "settled"})).status_code == 200
    answer = await http.post(f"/v1/custody/holds/{hold}/release", json={"why": "once more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_refused")
    for body in ({"why": WHY}, {"contact": call, "number": NUMBER, "why": WHY}, {"contact": call, "why": "  "}):
        assert (await http.post("/v1/custody/holds", json=body)).json()["code"] == "invalid_request"
    answer = await http.get("/v1/custody/receipts/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "receipt_unknown")
    for query in ("limit=0", "limit=201", "from=yesterday", "by=nobody", "what=ever"):
        assert (await http.get(f"/v1/custody/receipts?{query}")).status_code == 422


async def test_receipts_are_found_by_day_and_by_who_asked(http: AsyncClient, office: Office) -> None:
    calls = [await office.archive.call() for _ in range(3)]
    for later, call in enumerate(calls[:2]):
        office.archive.now = NOW + timedelta(days=later)
        await erase(http, call)
    office.archive.now = NOW + timedelta(days=21)
    await office.eraser.let_go(office.keep)

    async def found(**query: str) -> list[str]:
        answer = await http.get("/v1/custody/receipts", params=query)
        return [one["contact"] for one in answer.json()["receipts"]]

    assert await found() == calls[::-1]
    assert await found(by="retention") == [calls[2]]
    assert await found(**{"from": NOW.isoformat(), "to": (NOW + timedelta(hours=12)).isoformat()}) == [calls[0]]
    first = (await http.get("/v1/custody/receipts?limit=1")).json()
    assert await found(before=first["next"]) == [calls[1], calls[0]]


async def test_what_is_due_and_what_sweeps_let_go_of(http: AsyncClient, office: Office) -> None:
    call, held = await office.archive.call(), await office.archive.call()
    await place(http, held)
    over = NOW + timedelta(minutes=5)
    office.archive.now = NOW + timedelta(days=4)
    told = (await http.get("/v1/custody/retention")).json()
    assert told["sweeps"] == []
    recording, words, record = told["classes"]
    assert (recording["class"], recording["days"], recording["due"]) == ("recording", 10, 1)
    assert recording["next"] == (over + timedelta(days=10)).isoformat().replace("+00:00", "Z")
    assert [(one["days"], one["due"], one["next"]) for one in (words, record)] == [(20, 0, None), (30, 0, None)]
    office.archive.now = NOW + timedelta(days=24)
    await office.eraser.let_go(office.keep)
    told = (await http.get("/v1/custody/retention")).json()
    assert [one["gone"] for one in told["sweeps"]] == [{"recording": 1, "words": 1, "record": 0}]
    assert [one["due"] for one in told["classes"]] == [0, 0, 1]
    assert (await office.archive.store.receipts(call))[0]["asked_by"] == "retention"


async def test_supervisors_look_and_change_nothing_and_others_see_nothing(http: AsyncClient, office: Office) -> None:
    call = await office.archive.call()
    hold = await place(http, call)
    looks = ("holds", "receipts", "retention")
    deeds = (("holds", {"contact": call, "why": WHY}), (f"holds/{hold}/release", {"why": "settled"}))
    await sign_in(http, office, Role.SUPERVISOR)
    for look in looks:
        answer = await http.get(f"/v1/custody/{look}")
        assert (answer.status_code, answer.json()["may"]) == (200, {"keep": False, "replay": True})
    for path, body in (*deeds, ("erasures", {"contact": call, "again": call, "why": WHY})):
        assert (await http.post(f"/v1/custody/{path}", json=body)).json()["code"] == "not_allowed"
    for role in (Role.AGENT, Role.ANALYST, Role.CONTENT):
        await sign_in(http, office, role)
        for look in looks:
            assert (await http.get(f"/v1/custody/{look}")).status_code == 403
    http.cookies.clear()
    assert (await http.get("/v1/custody/holds")).status_code == 401


async def test_nobody_sees_or_touches_what_is_another_tenants(
    http: AsyncClient, office: Office, database: Database
) -> None:
    other = await open_office(database)
    call = await other.archive.call()
    hold = await other.eraser.hold(call, WHY, "anna")
    assert (await http.post(f"/v1/custody/holds/{hold}/release", json={"why": "mine"})).status_code == 409
    assert (await erase(http, call)).json()["code"] == "contact_unknown"
    assert (await http.get("/v1/custody/holds?released=true")).json()["holds"] == []
    await other.eraser.release(hold, "settled", "anna")
    assert (await other.archive.store.receipts(call)) == []


async def test_a_change_is_taken_from_our_own_pages_only(http: AsyncClient, office: Office) -> None:
    call = await office.archive.call()
    body = {"contact": call, "again": call, "why": "asked by letter"}
    answer = await http.post("/v1/custody/erasures", json=body, headers={"origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (office.tenant, call) in office.archive.rack.keys


async def test_who_asks_too_widely_is_told_to_ask_for_less(http: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def too_long(*_: object, **__: object) -> None:
        raise StatementTimedOut("the database gave up")

    for method in ("holds", "receipts"):
        monkeypatch.setattr(CustodyStore, method, too_long)
        answer = await http.get(f"/v1/custody/{method}")
        assert (answer.status_code, answer.json()["code"]) == (422, CustodyTooWide.code)


async def test_what_is_due_and_cannot_be_counted_in_time_keeps_nobody_from_the_days(
    http: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_long(*_: object) -> None:
        raise StatementTimedOut("the database gave up")

    monkeypatch.setattr(CustodyStore, "due", too_long)
    told = (await http.get("/v1/custody/retention")).json()
    assert [(one["days"], one["due"]) for one in told["classes"]] == [(10, None), (20, None), (30, None)]
