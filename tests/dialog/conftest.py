"""Fixtures of the dialog's tests; what they are made of is in ``surroundings``."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dialog.actions.action import ActionPort
from dialog.actions.http_actions import HttpActions
from dialog.answers.confidence import Thresholds
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.releases.release import Release
from dialog.settings import DialogSettings
from dialog.tenant import AfterSilence
from tests.dialog.surroundings import ORDERS, OrderService, SmallSearch, StoppedClock, Talk
from tests.dialog.tinyllm import build_rambler, build_reciter


@pytest.fixture
def orders() -> Iterator[OrderService]:
    """An order service that is really listening."""
    service = OrderService()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append(self.path)
            status, delay, body = service.behave(self.path, len(service.asked))
            if delay:
                service.released.wait(delay)
            order = ORDERS.get(self.path.rsplit("/", 1)[-1])
            if body is None:
                status = status if order is not None or status != 200 else 404
                body = json.dumps(order or {"error": "not_found"}).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                pass  # the client gave up waiting, which is what some tests are about

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield service
    service.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def talk(release: Release, orders: OrderService) -> AsyncIterator[Callable[..., Talk]]:
    """Begins conversations; brings them to their end afterwards."""
    begun: list[Talk] = []
    actions = HttpActions({"orders": orders.url}, jitter=lambda: 0.0)

    def begin(
        code: str,
        *,
        journal: MemoryJournal | None = None,
        search: SmallSearch | None = None,
        back_end: ActionPort | None = None,
        settings: DialogSettings | None = None,
        thresholds: Thresholds | None = None,
        after_silence: AfterSilence = AfterSilence.GOODBYE,
    ) -> Talk:
        journal = journal or MemoryJournal()
        policy = replace(
            release.policy, thresholds=thresholds or release.policy.thresholds, after_silence=after_silence
        )
        used = replace(release, policy=policy)
        manager = DialogueManager(used, search or SmallSearch(), back_end or actions, StoppedClock(), settings)
        conversation = manager.begin(call_id="call-1", language=code, caller="+821012345678", journal=journal)
        begun.append(Talk(manager, conversation, journal, code))
        return begun[-1]

    yield begin
    for talking in begun:
        await talking.manager.finish(talking.conversation)
    await actions.close()


@pytest.fixture(scope="session")
def reciter_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model that says one sentence."""
    return build_reciter(tmp_path_factory.mktemp("llm") / "reciter", tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="session")
def rambler_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model with random weights."""
    return build_rambler(tmp_path_factory.mktemp("llm") / "rambler", tmp_path_factory.mktemp("scratch"))
