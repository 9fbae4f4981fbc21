"""A receiver of webhooks: keeps what it was told, checks signatures by itself, and answers as it is told to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from gateway.analytics.webhooks.subscription import Subscription
from gateway.session.tenant import Tenant
from infra.storage.database import Database
from tests.web import served

SECRET = b"0123456789abcdef0123456789abcdef"
WRITTEN = "whsec_" + base64.b64encode(SECRET).decode()
LOCAL = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True)
class Heard:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self.body)
        return told

    @property
    def place(self) -> tuple[str, int]:
        """Contact and number there."""
        return self.event["data"]["contact"], self.event["data"]["seq"]

    def signed_by(self, secret: bytes) -> bool:
        """As Standard Webhooks says that a receiver has to look."""
        over = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        own = base64.b64encode(hmac.new(secret, over, hashlib.sha256).digest()).decode()
        return f"v1,{own}" in self.headers["webhook-signature"].split()


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Receiver:
    """``status`` is what it answers to a message, once ``answers`` is set; ``url`` where it listens."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    status: Callable[[Heard], int] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes | None = None
    answers: asyncio.Event = field(default_factory=_set)

    @property
    def places(self) -> list[tuple[str, int]]:
        return [one.place for one in self.heard]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    app, kept = FastAPI(), Receiver()

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        port = str(request.client.port) if request.client else ""
        heard = Heard({**request.headers, "x-port": port}, await request.body())
        kept.heard.append(heard)
        await kept.answers.wait()
        return Response(kept.answer, status_code=kept.status(heard), headers=kept.headers)

    async with served(app) as url:
        kept.url = f"{url}/hook"
        yield kept


async def new_tenant(database: Database) -> str:
    tenant = f"t{uuid.uuid4().hex[:8]}"
    await database.enter_tenant(tenant)
    return tenant


def subscription(url: str = "https://crm.example/hook", name: str = "crm", kinds: Iterable[str] = ()) -> Subscription:
    return Subscription(name, url, "crm", frozenset(kinds) or frozenset({"call.answered", "caller.turn", "call.ended"}))


def tenant_with(name: str, **webhooks: dict[str, Any]) -> Tenant:
    return Tenant(id=name, name={"en": "Shop"}, languages=("en",), webhooks=webhooks, folder=Path("/"))


async def happen(database: Database, tenant: str, contact: str, *kinds: str, first: int = 1) -> None:
    """Events as the log appends them, in one transaction."""
    async with database.tenant(tenant) as connection:
        for seq, kind in enumerate(kinds, first):
            await connection.execute(
                "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload) VALUES (%s, %s, %s, %s, %s, %s)",
                (tenant, contact, seq, datetime.now(UTC), kind, orjson.dumps({"turn": seq}).decode()),
            )
