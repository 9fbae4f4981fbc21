"""A real tenant's custody behind the page: contacts that are held, erased and due, and an audit that tells of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI
from playwright.async_api import BrowserContext

from dialog.actions.intent import intent_of
from dialog.actions.postgres import PostgresActionStore
from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.access.sign_in_api import sign_in_router
from gateway.custody.erasure import AskedBy
from gateway.custody.retention import Retention
from gateway.pages.site import pages_router
from infra.storage.database import Database
from tests.browser.wall_stage import HOSTILE
from tests.dialog.shop import wanted
from tests.gateway.access.people import person
from tests.gateway.custody.archive import NOW
from tests.gateway.custody.office import Office, open_office
from tests.web import served

PEOPLE = {"jiwon": ("박지원", Role.ADMIN), "sooah": ("Sooah Kim", Role.SUPERVISOR), "minji": ("김민지", Role.AGENT)}


class Stage:
    """Where the page is served. ``calls`` are contacts by what became of them."""

    def __init__(self, base: str, office: Office, calls: dict[str, str]) -> None:
        self.base, self.office, self.calls = base, office, calls

    async def sign_in(self, context: BrowserContext, user: str) -> None:
        account = await self.office.audit.account(self.office.tenant, user)
        assert account is not None
        cookies = await self.office.lobby.cookies_of(account)
        await context.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in cookies.items()])


async def _enter(office: Office) -> None:
    for user, (name, role) in PEOPLE.items():
        account = person(role, tenant=office.tenant, name=name)
        identity = replace(account.identity, user=user, queues=())
        await office.audit.add_account(replace(account, identity=identity, login=f"{user}@shop.example"))


async def a_month(office: Office) -> dict[str, str]:
    """What happened to contacts of the first of November; it is the twelfth when this is over."""
    kept = office.archive
    calls = {name: await kept.call() for name in ("held", "settled", "hostile", "letter", "phone", "free")}
    calls["going on"] = await kept.call(ended=None)
    eraser = office.eraser
    for later, (name, why) in enumerate(
        (("settled", "소송 2026-104"), ("held", "소송 2026-118"), ("hostile", HOSTILE)), start=1
    ):
        kept.now = NOW + timedelta(days=later, minutes=7 * later)
        hold = await eraser.hold(calls[name], why, "jiwon")
        if name == "settled":
            kept.now += timedelta(hours=3)
            await eraser.release(hold, "합의로 종결", "jiwon")
    for later, (name, asked_by, actor, why) in enumerate(
        (
            ("letter", AskedBy.COMMAND, "command", "11월 3일자 서면 요청"),
            ("phone", AskedBy.API, "jiwon", "전화로 요청"),
        ),
        start=5,
    ):
        kept.now = NOW + timedelta(days=later, minutes=11 * later)
        await kept.handoff(calls[name])
        await kept.action(calls[name])
        await eraser.erase(calls[name], asked_by, why, actor)
    moves = PostgresActionStore(kept.database, office.tenant)
    for number in range(3):
        await moves.enter(intent_of(wanted(order=f"100{number}")), kept.now)
    kept.now = NOW + timedelta(days=11)
    await eraser.let_go(office.keep)
    return calls


@asynccontextmanager
async def a_stage(database: Database) -> AsyncIterator[Stage]:
    office, app = await open_office(database), FastAPI()
    office.keep = Retention(recording_days=10, words_days=15, record_days=None)
    await _enter(office)
    calls = await a_month(office)
    answer_errors(app)
    for router in (pages_router(), sign_in_router(office.lobby.entrance), *office.routers()):
        app.include_router(router)
    async with served(app) as base:
        yield Stage(base, office, calls)
