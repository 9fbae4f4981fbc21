"""Both audits, page by page; what is found in them is tested where it is told (``test_audit_api``, ``aicc audit``)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialog.actions.audit import AuditEntry as Move
from dialog.actions.audit import append
from gateway.access.audit import REVEALED, AuditEntry
from gateway.access.audit_chain import AuditCheck, AuditLine, Record
from gateway.access.store import VolatileAccess
from gateway.custody import audits
from gateway.custody.audits import MEANS, Audits
from infra.hash_chain import Break, Fault

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Moves:
    """Moves in memory."""

    def __init__(self, many: int) -> None:
        self.kept: list[Move] = []
        for number in range(many):
            self.kept.append(append(self.kept[-1] if self.kept else None, NOW, f"i{number}", {"state": "started"}))

    async def audit(self, after: int, limit: int) -> Sequence[Move]:
        return [one for one in self.kept if one.number > after][:limit]


async def people(many: int) -> VolatileAccess:
    store = VolatileAccess()
    for number in range(many):
        await store.record(AuditEntry("shop", NOW, "kim", REVEALED, f"c-{number}"))
    return store


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "PAGE", 2)


@pytest.mark.parametrize("audit", ["access", "actions"])
async def test_pages_follow_one_another_to_the_end_in_order(audit: str) -> None:
    own = Audits("shop", await people(5), Moves(5))
    read = [[record["number"] for record in page] async for page in own.pages(audit)]
    assert read == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize("audit", ["access", "actions"])
async def test_what_was_written_is_whole(audit: str) -> None:
    check = AuditCheck(audit)
    assert await Audits("shop", await people(5), Moves(5)).verify(check)
    assert (check.records, check.head.number, check.end()) == (5, 5, None)


async def test_seals_are_compared_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()

    class Watched(AuditCheck):
        def take(self, record: Record) -> None:
            threads.add(threading.get_ident())
            super().take(record)

    await Audits("shop", await people(3), Moves(0)).verify(Watched("access"))
    assert threading.get_ident() not in threads


async def test_a_move_that_says_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = Moves(4)
    moves.kept[2] = replace(moves.kept[2], body={"state": "succeeded"})
    check = AuditCheck("actions")
    assert await Audits("shop", await people(0), moves).verify(check)
    assert check.end() == Break(3, Fault.EDITED)


async def test_who_has_no_time_left_reads_no_further() -> None:
    check, asked = AuditCheck("actions"), iter([True, False])
    assert not await Audits("shop", await people(0), Moves(5)).verify(check, lambda: next(asked))
    assert (check.records, check.end()) == (2, None)


def test_everything_that_can_be_wrong_has_words() -> None:
    assert MEANS.keys() == set(Fault)
    assert len(set(MEANS.values())) == len(Fault)


def test_a_line_is_a_record_whichever_audit_it_is_of() -> None:
    line = AuditLine(1, AuditEntry("shop", NOW, "kim", REVEALED), "0" * 64, "1" * 64)
    assert line.record.keys() - {"actor", "what", "whose", "why", "details"} == {
        "audit", "number", "at", "previous", "digest",
    }  # fmt: skip
