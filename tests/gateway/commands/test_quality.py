"""What a tenant's contacts are judged by, on the command line."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from dialog.errors import TenantDialogInvalid
from gateway.analytics.errors import NotJudged
from gateway.commands.quality import attempt, check
from gateway.session.store import ContactLog
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage
from tests.gateway.analytics.past_calls import answered, handed_over, past_call, said
from tests.house import EXAMPLE
from tests.sealed_numbers import numbers


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=160), out


def test_the_rubrics_are_listed() -> None:
    console, out = screen()
    check(EXAMPLE, console)
    for text in ("compliance, version 2026-11", "disclosed", "critical", "wrap-up"):
        assert text in out.getvalue()


def test_a_mistake_is_told_with_its_line_and_a_tenant_without_rubrics_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotJudged, match=r"quality\.yaml"):
        check(tmp_path, screen()[0])
    (tmp_path / "quality.yaml").write_text("rubrics:\n  - {id: a, version: '1', criteria: [{id: b, check: mood}]}\n")
    with pytest.raises(TenantDialogInvalid, match=r"quality\.yaml:2"):
        check(tmp_path, screen()[0])


async def test_a_contact_is_tried_and_nothing_is_written(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "hanbit-store"
    shutil.copytree(EXAMPLE, folder)
    async with open_storage(load(DatabaseSettings), data) as database:
        await database.enter_tenant("hanbit-store")
        log = ContactLog(database, "writer", numbers)
        await log.start()
        events = (said("상담원 바꿔 주세요"), *answered("이틀 안에 도착합니다"), *handed_over("orders", "u1", "solved"))
        call = past_call(log, "hanbit-store", "c1", *events, caller=None)
        await call.acknowledged()
        before = call.last_seq
        await log.close()
    console, out = screen()
    await attempt(data, folder, "c1", console)
    told = out.getvalue()
    for text in ("compliance: ", "failed", "agents: ", "disclosure", "missed", "person", "met"):
        assert text in told
    async with open_storage(load(DatabaseSettings), data) as database:
        assert len(await ContactLog(database, "reader", numbers).events("hanbit-store", "c1")) == before
    with pytest.raises(NotJudged, match="no contact"):
        await attempt(data, folder, "nowhere", console)
