"""One change, carried out by a process that is killed somewhere on the way, against a shop that counts what arrives.

The shop honours no idempotency key: whatever arrives takes effect. So what is counted is what really was sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from dialog.actions.action import Confirmation, Outcome, Proof, Proposal, propose
from dialog.actions.audit import broken_at
from dialog.actions.dispatch import Dispatcher
from dialog.actions.http_actions import HttpActions
from dialog.actions.intent import Intent, State
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.runner import ActionRunner
from dialog.actions.sweep import Sweep
from dialog.journal import MemoryJournal
from infra.storage.database import Database
from tests.dialog import shop as small_shop

POINTS = tuple(
    f"{moment} {step}" for step in ("enter", "confirm", "start", "perform", "settle") for moment in ("before", "after")
)
"""Where a process kills itself: before and after each step that another process can see."""

TENANT = "faults"

PATIENT = 20.0
"""Seconds that the shop has to answer: a busy machine is not what is tried here."""

LOOK = replace(small_shop.LOOK, timeout=PATIENT)
READING = replace(small_shop.READING, action=LOOK)
CANCEL = replace(small_shop.CANCEL, timeout=PATIENT, record=READING, proof=Proof(READING, {"status": ("cancelled",)}))
SPENT_ON_A_CHANGE = 0.12
"""Seconds within which a random kill falls: about what a whole change takes here."""


@dataclass
class CountingShop:
    """A real HTTP service. ``effects`` counts by order what arrived; ``busy`` how many connections are open."""

    url: str = ""
    pause: float = 0.0
    effects: dict[str, int] = field(default_factory=dict)
    busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str) -> dict[str, object]:
        time.sleep(self.pause)
        with self.lock:
            order = path.split("/")[2]
            if method == "POST":
                self.effects[order] = self.effects.get(order, 0) + 1
            status = "cancelled" if self.effects.get(order) else "preparing"
        time.sleep(self.pause)
        return {"order": order, "status": status, "customer": "C-1"}

    def settle(self) -> None:
        """Wait until whatever was sent to it has been dealt with."""
        asking = HTTPConnection(urlsplit(self.url).netloc)
        asking.request("GET", "/orders/0")
        asking.getresponse().read()  # connections are taken in their order: by now all those before this one
        asking.close()
        while self.busy:
            time.sleep(0.01)


@contextmanager
def counting_shop(pause: float = 0.0) -> Iterator[CountingShop]:
    shop = CountingShop(pause=pause)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(shop.answer(self.command, self.path)).encode()
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # whoever asked was killed

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        def process_request(self, request: Any, client_address: Any) -> None:
            with shop.lock:
                shop.busy += 1
            super().process_request(request, client_address)

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            try:
                super().process_request_thread(request, client_address)
            finally:
                with shop.lock:
                    shop.busy -= 1

    server = Server(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def change(order: str, now: datetime) -> tuple[Proposal, Confirmation]:
    """The change of a trial: always the same intention for the same order."""
    proposal = propose(CANCEL, {"order": order}, call_id=f"call {order}", turn=1, standing=small_shop.CALLER, now=now)
    return proposal, Confirmation(proposal.id, 2, "네", now)


def die() -> None:
    """As a crash would: at once, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """Passes everything on to a store or a port, and kills something at one point: by default its own process."""

    def __init__(self, inner: Any, point: str, kill: Callable[[], None] = die) -> None:
        self._inner = inner
        self._kill = kill
        self._when, _, self._step = point.partition(" ")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name != self._step:
            return method

        async def deadly(*arguments: Any, **more: Any) -> Any:
            if name == "perform" and arguments[0] is not CANCEL:
                return await method(*arguments, **more)
            if self._when == "before":
                self._kill()
            result = await method(*arguments, **more)
            if self._when == "after":
                self._kill()
            return result

        return deadly


def victim(url: str, shop: str, order: str, point: str, told: Connection) -> None:
    """The process that carries the change out, and is killed at ``point`` or from outside. Says what it would tell."""

    async def work() -> None:
        database = Database(url, 2)
        await database.open()
        store = Deadly(PostgresActionStore(database, TENANT), point)
        port = Deadly(HttpActions({"shop": shop}), point)
        runner = ActionRunner(port, store=store)
        proposal, confirmation = change(order, datetime.now(UTC))
        told.send("ready")
        outcome = await runner.run(proposal, MemoryJournal(), confirmation)
        told.send(type(outcome).__name__)
        await asyncio.Event().wait()

    asyncio.run(work())


@dataclass(frozen=True, slots=True)
class Trial:
    """What one kill left behind, and what became of it after the sweep and after the caller's yes came once more."""

    told: str | None
    state: State | None
    effects: int
    again: Outcome

    def flaw(self) -> str | None:
        """What must never be."""
        if self.effects > 1:
            return f"{self.effects} effects"
        if self.told == "Succeeded" and self.effects != 1:
            return "told as done and not done"
        if self.state is State.SUCCEEDED and self.effects != 1:
            return "recorded as done and not done"
        if self.state is State.FAILED and self.effects != 0:
            return "recorded as not done and done"
        if self.state not in {None, State.PROPOSED, State.SUCCEEDED, State.FAILED}:
            return f"left {self.state}"
        return None


async def trial(database: Database, url: str, shop: CountingShop, point: str, moment: float | None = None) -> Trial:
    """Kill a process at a point, or ``moment`` seconds after it began; then sweep as if time had passed, and resume."""
    order = new_order(shop)
    told = await asyncio.to_thread(_kill, url, shop, order, point, moment)
    return await aftermath(PostgresActionStore(database, TENANT), shop, order, told)


def new_order(shop: CountingShop) -> str:
    """An order that nobody has asked for yet."""
    order = next(order for order in iter(lambda: f"{random.randrange(1000, 10_000)}", "") if order not in shop.effects)
    shop.effects[order] = 0
    return order


async def aftermath(store: PostgresActionStore, shop: CountingShop, order: str, told: str | None) -> Trial:
    """Sweep as if time had passed, and let the caller's yes come once more."""
    await asyncio.to_thread(shop.settle)
    port = HttpActions({"shop": shop.url})
    proposal, _ = change(order, datetime.now(UTC))
    try:
        for later in (15, 200, 400):  # the head start is over; the lease is; what settles has settled
            now = datetime.now(UTC) + timedelta(seconds=later)
            dispatcher = Dispatcher(port, store, now=partial(_same, now))
            await Sweep(store, dispatcher, {CANCEL.id: CANCEL, LOOK.id: LOOK}, now=partial(_same, now)).once()
        intent = await store.get(proposal.id)
        state = None if intent is None else intent.state
        again = await _again(port, store, proposal, intent)
    finally:
        await port.close()
    assert broken_at(await store.audit(0, 100_000)) is None, "the audit is broken"
    return Trial(told, state, shop.effects[order], again)


def _same(now: datetime) -> datetime:
    return now


async def _again(port: HttpActions, store: PostgresActionStore, proposal: Proposal, intent: Intent | None) -> Outcome:
    """The caller's yes a second time, long after: nothing that was confirmed before may take effect once more."""
    if intent is None or intent.state is State.PROPOSED:  # never confirmed as far as anybody knows: its time is over
        proposal = replace(proposal, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    confirmation = Confirmation(proposal.id, 3, "네", datetime.now(UTC))
    return await ActionRunner(port, store=store).run(proposal, MemoryJournal(), confirmation)


def _kill(url: str, shop: CountingShop, order: str, point: str, moment: float | None) -> str | None:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=victim, args=(url, shop.url, order, point, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.recv() == "ready"
        if moment is not None:
            ours.poll(moment)  # when it has told, nothing more comes of it
            process.kill()
        process.join(60)
        if process.is_alive():
            process.kill()
            process.join()
        return str(ours.recv()) if ours.poll() else None
    except EOFError:
        return None
    finally:
        process.join()
        process.close()
        ours.close()
