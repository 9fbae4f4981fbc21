"""The example that answers usual questions from exported files, run over an export whose answers are known."""

from __future__ import annotations

import runpy
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.access.postgres import PostgresAccess
from gateway.analytics.exports.destinations import Folder
from gateway.analytics.exports.exporter import Exporter, Wanted
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.tables import TABLES
from gateway.analytics.vcon.parties import Issuer
from gateway.custody.erasure import AskedBy
from gateway.custody.store import CustodyStore
from infra.storage.database import Database
from tests.gateway.analytics.exports.logs import (
    NINE,
    add_steps,
    bot_call,
    new_tenant,
    person_call,
    reply,
    turn,
    write_call,
)

SCRIPT = Path(__file__).parents[2] / "examples" / "analytics" / "ten_questions.py"


async def exported(database: Database, out: Path) -> None:
    """Two runs: three calls of the bot alone (one of them erased after the first), one with a person, one that left."""
    tenant = await new_tenant(database)
    run = Exporter(database, Folder(out), PostgresAccess(database), lambda _: Issuer("x", "x"))
    wanted = Wanted(tenant, Format.PARQUET, "Asia/Seoul", "command")
    await write_call(database, tenant, "settled", bot_call())
    await write_call(database, tenant, "unsettled", bot_call(complete=False))
    await write_call(database, tenant, "erased", bot_call())
    await write_call(database, tenant, "person", person_call(), began=NINE + timedelta(days=1))
    left = [
        (1.0, "call.answered", {}),
        turn(3, 1, "상담원이요"),
        *reply(4, 1, "연결합니다", "escalate", 6),
        (6.0, "handoff.queued", {"handoff": "h", "reason": "not_understood", "queue": "billing"}),
        (40.0, "handoff.abandoned", {"handoff": "h"}),
        (40.0, "call.ended", {"reason": "caller_hung_up"}),
    ]
    await write_call(database, tenant, "left", left, began=NINE + timedelta(days=1))
    await run.export(wanted)
    async with database.tenant(tenant) as connection:
        asked = (200.0, "survey.asked", {"question": "csat", "with": "person"})
        scored = (210.0, "survey.answered", {"question": "csat", "score": 4, "by": "keys", "with": "person"})
        await add_steps(connection, tenant, "person", [asked, scored], after=90)
        await add_steps(connection, tenant, "left", [asked], after=90)
        done = {"key": "k", "name": "cancel_order"}
        acted = [(5.0, "action.proposed", done), (6.0, "action.succeeded", done | {"seconds": 0.5})]
        await add_steps(connection, tenant, "settled", acted, after=90)
    custody = CustodyStore(database, tenant)
    erasure, _ = await custody.begin("erased", AskedBy.API, "asked by letter", NINE + timedelta(days=2))
    await custody.finish(erasure, {}, NINE + timedelta(days=2))
    await run.export(wanted)


async def test_ten_questions_have_the_right_answers(database: Database, tmp_path: Path) -> None:
    await exported(database, tmp_path)
    example = runpy.run_path(str(SCRIPT))
    told = {question: rows for question, _, rows in example["answers"](tmp_path)}
    assert list(told.values()) == [
        [(date(2026, 3, 2), 2, 2, 0), (date(2026, 3, 3), 2, 0, 1)],
        [("billing", 2, 1, 1, 20.0)],
        [("billing", 1, 2, 50.0)],
        [("mina", 1, 50.0, 10.0, 15.0, 75.0)],
        [("answer_heard", 1, 50.0), ("nothing shows it", 1, 50.0)],
        [("caller_asked", "billing", 1), ("not_understood", "billing", 1)],
        [("ko", 6, 0.4, 0.4, None, 0.1, None)],
        [("delivery.md", 2, 0.87, 1)],
        [("cancel_order", "succeeded", 1, 0.5)],
        [("person", 2, 1, 50.0, 4.0, 100.0)],
    ]


async def test_it_prints_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await exported(database, tmp_path)
    monkeypatch.setattr(sys, "argv", ["ten_questions.py", str(tmp_path)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.count("?\n") == 10
    assert "cancel_order  succeeded  1        0.5" in printed


def test_nothing_exported_is_no_answer(tmp_path: Path) -> None:
    told: list[Any] = runpy.run_path(str(SCRIPT))["answers"](tmp_path)
    assert [rows for _, _, rows in told] == [[]] * 10


def test_its_keys_are_those_of_the_tables() -> None:
    keys: dict[str, str] = runpy.run_path(str(SCRIPT))["KEYS"]
    assert {name: f"tenant, {key}" for name, key in keys.items()} == {
        name: ", ".join(TABLES[name].key) for name in keys
    }
