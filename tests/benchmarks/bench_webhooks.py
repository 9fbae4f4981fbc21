"""What webhooks cost the log, and how fast they are told.

Run: ``python -m tests.benchmarks.bench_webhooks [--batches 300] [--events 5000]``

It starts an embedded server of its own with the settings of production. The first table is a batch as the ledger's
writer commits it, 20 events of one tenant, with the trigger away, with nobody subscribed, and with one and three
subscriptions to all of it: the ways take turns, batch by batch, so that they share whatever the machine does meanwhile.
The second is a backlog of events told to a receiver in another process, which answers at once, beside the bare messages
sent one after the other by the same client in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import ssl
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median, quantiles

import orjson
import psycopg
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.opening import open_webhooks
from gateway.analytics.webhooks.outbox import Outbox
from gateway.analytics.webhooks.settings import WebhookSettings
from gateway.analytics.webhooks.signature import read_secrets
from gateway.analytics.webhooks.subscription import Subscription
from gateway.session.ledger_writer import QUERIES
from gateway.session.records import ContactEvent
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.runtime import open_storage
from infra.telemetry.logs import configure
from tests.gateway.analytics.webhooks.receiver import LOCAL, WRITTEN, tenant_with

BATCH = 20
PAYLOAD = orjson.dumps({"turn": 3, "text": "배송이 언제 도착하는지 알고 싶어요", "confidence": 0.87}).decode()
WAYS = {"no trigger": 0, "nobody subscribed": 0, "one subscription": 1, "three subscriptions": 3}


def now() -> datetime:
    return datetime.now(UTC)


async def append(database: Database, tenant: str, contact: str, events: int, *, trigger: bool = True) -> float:
    """Commit a batch; the seconds it took."""
    batch = {
        "tenant": tenant,
        "call_ids": [contact] * events,
        "seqs": list(range(1, events + 1)),
        "ats": [now()] * events,
        "kinds": ["caller.turn"] * events,
        "payloads": [PAYLOAD] * events,
    }
    begun = time.perf_counter()
    async with database.tenant(tenant) as connection:
        if not trigger:  # as a replica does: no trigger of ours fires
            await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(QUERIES["append_events"].sql, batch)
    return time.perf_counter() - begun


async def cost(database: Database, batches: int) -> Table:
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    for way, subscriptions in WAYS.items():
        tenant = way.replace(" ", "-")
        await database.enter_tenant(tenant)
        wanted = [Subscription(f"s{n}", "https://x", "x", frozenset({"caller.turn"})) for n in range(subscriptions)]
        await Outbox(database, tenant).subscribe(wanted, now())
    for number in range(batches):
        for way in WAYS:
            tenant = way.replace(" ", "-")
            took[way].append(await append(database, tenant, f"c{number}", BATCH, trigger=way != "no trigger"))
    table = Table(title=f"a batch of {BATCH} events, ms")
    for column in ("", "median", "p95", "beside no trigger"):
        table.add_column(column, justify="right")
    bare = median(took["no trigger"])
    for way, seconds in took.items():
        beside = f"{median(seconds) / bare:.2f}"
        table.add_row(way, f"{median(seconds) * 1e3:.2f}", f"{quantiles(seconds, n=20)[-1] * 1e3:.2f}", beside)
    return table


async def _receive(pipe: Pipe) -> None:
    from tests.gateway.analytics.webhooks.receiver import receiver

    async with receiver() as crm:
        pipe.send(crm.url)
        await asyncio.to_thread(pipe.recv)


def receive(pipe: Pipe) -> None:
    asyncio.run(_receive(pipe))


@asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """A receiver in a process of its own; its address."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=receive, args=(theirs,))
    process.start()
    try:
        yield await asyncio.to_thread(ours.recv)
    finally:
        ours.send(None)
        await asyncio.to_thread(process.join)


async def bare(url: str, messages: int) -> tuple[str, str]:
    """Messages that nobody keeps account of: the seconds, and how many a second."""
    subscription = Subscription("crm", url, "crm", frozenset())
    endpoint = Endpoint(subscription, read_secrets(WRITTEN), LOCAL, ssl.create_default_context(), now)
    begun = time.perf_counter()
    for number in range(messages):
        await endpoint.tell(ContactEvent("t", "c", number, now(), "caller.turn", orjson.loads(PAYLOAD)))
    took = time.perf_counter() - begun
    await endpoint.close()
    return f"{took:.1f}", f"{messages / took:.0f}"


async def speed(database: Database, events: int) -> Table:
    table = Table(title=f"{events} events told")
    for column in ("contacts", "seconds", "a second"):
        table.add_column(column, justify="right")
    given = {"secrets": {"crm": SecretStr(WRITTEN)}, "private_networks": LOCAL}
    settings = WebhookSettings.model_validate(given)
    async with elsewhere() as url:
        table.add_row("bare", *await bare(url, events // 4))
        for contacts in (events // 25, 10):
            name = f"speed-{contacts}"
            await database.enter_tenant(name)
            tenant = tenant_with(name, crm={"url": url, "secret": "crm", "events": ["caller.turn"]})
            outbox = Outbox(database, name)
            async with open_webhooks(database, [tenant], settings, now):
                begun = time.perf_counter()
                for contact in range(contacts):
                    await append(database, name, f"c{contact}", events // contacts)
                while sum(count for _, state, count in await outbox.counts() if state is State.DUE):
                    await asyncio.sleep(0.1)
                took = time.perf_counter() - begun
            table.add_row(str(contacts), f"{took:.1f}", f"{events / took:.0f}")
    return table


async def let_triggers_be_passed_over(folder: Path) -> None:
    """Only for the comparison; the working role has no such right elsewhere."""
    server = EmbeddedPostgres(folder / "postgres")
    async with await psycopg.AsyncConnection.connect(server.url(SUPERUSER, DATABASE), autocommit=True) as connection:
        grant = SQL("GRANT SET ON PARAMETER session_replication_role TO {}")
        await connection.execute(grant.format(Identifier(APPLICATION_ROLE)))


async def main(batches: int, events: int) -> None:
    configure(json=False, level="ERROR")
    folder, console = Path(tempfile.mkdtemp(prefix="aicc-bench-")), Console(width=100)
    try:
        async with open_storage(DatabaseSettings(), folder) as database:
            await let_triggers_be_passed_over(folder)
            console.print(await cost(database, batches))
            console.print(await speed(database, events))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--events", type=int, default=5_000)
    given = parser.parse_args()
    asyncio.run(main(given.batches, given.events))
