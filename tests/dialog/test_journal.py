"""Notes are written in order, beside the conversation, and never hold it up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from dialog.journal import MOST_UNWRITTEN, MemoryJournal, Scribe
from tests.dialog.surroundings import FailingJournal


async def test_notes_are_written_in_order() -> None:
    journal = MemoryJournal()
    scribe = Scribe(journal, timeout=1.0)
    for number in range(5):
        scribe.note("noted", {"number": number})
    assert journal.events == []
    await scribe.settle()
    assert [payload["number"] for _, payload in journal.events] == list(range(5))
    assert scribe.dropped == 0


async def test_a_ledger_that_refuses_costs_the_note_and_nothing_else() -> None:
    scribe = Scribe(FailingJournal(refuses=frozenset({"noted"})), timeout=1.0)
    scribe.note("noted", {})
    await scribe.settle()
    assert scribe.dropped == 1


class HangingJournal(MemoryJournal):
    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        await asyncio.Event().wait()


async def test_a_ledger_that_hangs_is_given_up_and_the_queue_is_bounded() -> None:
    scribe = Scribe(HangingJournal(), timeout=0.02)
    for _ in range(MOST_UNWRITTEN + 3):
        scribe.note("noted", {})
    assert scribe.dropped == 3
    await scribe.settle()
    assert scribe.dropped == MOST_UNWRITTEN + 3


def test_settling_without_notes_does_not_wait() -> None:
    settling = Scribe(MemoryJournal(), timeout=1.0).settle()
    with pytest.raises(StopIteration):
        settling.send(None)  # it is over without having given way to anybody


async def test_a_memory_journal_keeps_its_own_copy() -> None:
    journal = MemoryJournal()
    payload = {"a": 1}
    await journal.record("kind", payload)
    payload["a"] = 2
    assert journal.events == [("kind", {"a": 1})]
