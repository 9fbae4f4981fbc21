"""The promises of every store are in ``tests/contracts``; here is what only the one in the process has to say."""

from __future__ import annotations

from datetime import UTC, datetime

from dialog.memory.memory import Agreement
from dialog.memory.store import VolatileMemory

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


async def test_it_is_as_forgetful_as_the_process() -> None:
    subject = f"number:{'a' * 64}"
    store = VolatileMemory()
    await store.agree(subject, Agreement(True, NOW, "ko:1"))
    assert await store.left([subject]) == 1
    assert await VolatileMemory().left([subject]) == 0
