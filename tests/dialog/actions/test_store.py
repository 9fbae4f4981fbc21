"""What the store in memory adds to every store's promise, which ``tests/contracts`` tests: an end to its growth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialog.actions import store as store_module
from dialog.actions.action import Succeeded
from dialog.actions.intent import intent_of
from dialog.actions.store import MemoryActionStore, too_often
from tests.dialog.shop import NOW, wanted, yes


async def test_the_oldest_that_has_ended_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MOST_KEPT", 3)
    store = MemoryActionStore()
    under_way, ended, proposed, latest = (intent_of(wanted("1001", turn=turn)) for turn in range(4))
    for intent, turn in ((under_way, 0), (ended, 1)):
        await store.enter(intent, NOW)
        await store.confirm(intent.id, yes(wanted("1001", turn=turn), turn=turn + 1), NOW)
    await store.start(ended.id, NOW, NOW + timedelta(seconds=9), None)
    await store.settle(ended.id, Succeeded({}), NOW)
    await store.enter(proposed, NOW)
    await store.enter(latest, NOW)
    kept = [intent for intent in (under_way, ended, proposed, latest) if await store.get(intent.id) is not None]
    assert kept == [under_way, proposed, latest]


def test_a_refusal_says_what_was_done_too_often() -> None:
    assert "cancel was carried out 3 times" in too_often(intent_of(wanted()), 3).why
