"""The supervisor restarts what died, as often as it takes."""

from __future__ import annotations

import asyncio

import pytest

from infra.storage import supervisor
from infra.storage.errors import EmbeddedPostgresFailed
from infra.storage.supervisor import Supervisor
from infra.telemetry.metrics import metrics


class Patient:
    """A server that is revived after ``failures`` attempts in vain."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.attempts = 0
        self.living = True
        self.revived = asyncio.Event()

    def alive(self) -> bool:
        return self.living

    async def start(self) -> None:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise EmbeddedPostgresFailed("not yet")
        self.living = True
        self.revived.set()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.002)


@pytest.mark.parametrize("failures", [0, 5])
async def test_a_dead_server_is_started_until_it_lives(failures: int) -> None:
    restarts = metrics.value("aicc_embedded_postgres_restarts_total")
    failed = metrics.value("aicc_embedded_postgres_start_failures_total")
    server = Patient(failures)
    watcher = Supervisor(server, interval=0.001)
    watcher.start()
    server.living = False
    async with asyncio.timeout(20):
        await server.revived.wait()
    await watcher.stop()
    assert server.attempts == failures + 1
    assert metrics.value("aicc_embedded_postgres_restarts_total") == restarts + 1
    assert metrics.value("aicc_embedded_postgres_start_failures_total") == failed + failures


async def test_a_living_one_is_left_alone() -> None:
    server = Patient()
    watcher = Supervisor(server, interval=0.0)
    watcher.start()
    for _ in range(50):
        await asyncio.sleep(0)
    await watcher.stop()
    assert server.attempts == 0


async def test_after_stop_nothing_is_started_any_more() -> None:
    server = Patient()
    watcher = Supervisor(server, interval=0.0)
    watcher.start()
    await watcher.stop()
    await watcher.stop()
    server.living = False
    for _ in range(50):
        await asyncio.sleep(0)
    assert server.attempts == 0


async def test_it_dies_more_than_once() -> None:
    server = Patient()
    watcher = Supervisor(server, interval=0.001)
    watcher.start()
    for _ in range(3):
        server.revived.clear()
        server.living = False
        async with asyncio.timeout(20):
            await server.revived.wait()
    await watcher.stop()
    assert server.attempts == 3
