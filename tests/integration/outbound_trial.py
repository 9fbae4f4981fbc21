"""One due call, placed by a process that kills itself on the way, at a carrier that keeps what it was asked."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from gateway.outbound.desk import TenantDesk, patience_of
from gateway.outbound.due_call import Event, Started
from gateway.outbound.placing import Placing
from gateway.outbound.store import DueCalls, Move
from gateway.session.tenant import Hours
from gateway.telephony.dialer import NotPlaced, Order, Placed, Unclear
from gateway.telephony.twilio_calls import TwilioDialer
from tests.gateway.outbound.parlour import FLOWS, WORDS, once, tenant
from tests.gateway.telephony.carrier import ACCOUNT, TOKEN
from tests.postgres import opened

POINTS = ("before start", "after start", "before order", "after order", "before outcome", "after outcome")
"""Where the process kills itself: before and after each step that anybody else can see."""

PUBLIC = "https://voice.example.com"


def die() -> None:
    """As a crash would."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingCalls(DueCalls):
    """Due calls whose bearer dies before or after a step."""

    def __init__(self, *arguments: Any, point: str) -> None:
        super().__init__(*arguments)
        self._point = point

    async def happen(self, due_id: str, event: Event, now: datetime, *, ticket: str | None = None) -> Move | None:
        step = "start" if isinstance(event, Started) else "outcome"
        if self._point == f"before {step}":
            die()
        move = await super().happen(due_id, event, now, ticket=ticket)
        if self._point == f"after {step}":
            die()
        return move


class DyingDialer(TwilioDialer):
    """A carrier's client whose bearer dies before the order leaves, or before its answer is heard."""

    point = ""

    async def place(self, order: Order) -> Placed | NotPlaced | Unclear:
        if self.point == "before order":
            die()
        answer = await super().place(order)
        if self.point == "after order":
            die()
        return answer


def placing_of(calls: DueCalls, name: str, dialer: TwilioDialer, now: datetime) -> Placing:
    """What places a tenant's calls at that time."""

    async def no_record(tenant: str, call_id: str) -> None:
        return None

    desk = TenantDesk(tenant(name, hours=Hours()), calls, FLOWS, lambda language: "")
    return Placing(desk, dialer, no_record, now=lambda: now)


async def _bear(url: str, name: str, api_url: str, now: datetime, point: str) -> None:
    async with opened(url) as database:
        calls = DyingCalls(database, name, patience_of(tenant(name)), WORDS, point=point)
        dialer = DyingDialer(ACCOUNT, TOKEN, base=PUBLIC, api_url=api_url)
        dialer.point = point
        await once(placing_of(calls, name, dialer, now), 5)


def bear(url: str, name: str, api_url: str, now: datetime, point: str) -> None:
    """Place what is due, up to the point."""
    asyncio.run(_bear(url, name, api_url, now, point))


async def killed(url: str, name: str, api_url: str, now: datetime, point: str) -> int | None:
    """The exit code of a process that places what is due and dies at the point."""
    process = get_context("spawn").Process(target=bear, args=(url, name, api_url, now, point))
    process.start()
    await asyncio.to_thread(process.join, 60)
    return process.exitcode
