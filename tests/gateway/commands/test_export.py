from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from rich.console import Console

from gateway.analytics.exports.errors import ExportRefused
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.source import snapshot
from gateway.commands.export import TRY_LATER, Asked, export, moment
from infra.storage.database import Database
from tests.gateway.analytics.exports.logs import bot_call, write_call
from tests.house import EXAMPLE
from tests.postgres import Postgres

SEOUL = ZoneInfo("Asia/Seoul")
HANBIT = "hanbit-store"


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), width=120)


@pytest.fixture
def on_this_database(
    database_url: str, postgres: Postgres, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_day_begins_where_the_tenant_is() -> None:
    assert moment("2026-03-02", SEOUL) == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert moment("2026-03-02T09:00", SEOUL) == datetime(2026, 3, 2, 0, tzinfo=UTC)
    assert moment("2026-03-02T09:00:00Z", SEOUL) == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert moment("", SEOUL) is None


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "02/03/2026", "2026-03-02T25:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ExportRefused, match="is no time: write"):
        moment(typed, SEOUL)


@pytest.mark.usefixtures("on_this_database")
async def test_it_exports_and_says_what(
    database: Database, screen: Console, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await database.enter_tenant(HANBIT)
    await write_call(database, HANBIT, f"call-{tmp_path.name}", bot_call())
    asked = Asked(str(tmp_path / "out"), Format.CSV, tables=("contact", "turn"), mark=True, why="a test")
    assert await export(tmp_path, EXAMPLE, asked, screen) == 0
    assert "contact" in text(screen)
    [file] = (tmp_path / "out" / "contact").rglob("*.csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert f"call-{tmp_path.name}" in file.read_text("utf-8-sig")
    told = {"rows": {"contact": 1}}
    async with asyncio.timeout(60):  # while anybody writes to the server, a row may come once more
        while told["rows"]["contact"]:
            assert await export(tmp_path, EXAMPLE, asked, screen, json=True) == 0
            told = orjson.loads(capsys.readouterr().out)
    assert (told["rows"], told["tenant"]) == ({"contact": 0, "turn": 0}, HANBIT)


@pytest.mark.usefixtures("on_this_database")
async def test_what_may_work_later_has_an_exit_code_of_its_own(
    database: Database, screen: Console, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Asked(str(tmp_path / "out"), Format.PARQUET)
    await database.enter_tenant(HANBIT)
    async with snapshot(database, HANBIT, str(tmp_path / "out")):
        assert await export(tmp_path, EXAMPLE, asked, screen) == TRY_LATER
    assert "export_running" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert await export(tmp_path, EXAMPLE, Asked(str(tmp_path / "file"), Format.PARQUET), screen) == TRY_LATER
    assert "export_destination_failed" in capsys.readouterr().err


async def test_a_database_that_is_away_may_be_there_later(
    screen: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AICC_DATABASE_URL", "postgresql://aicc@127.0.0.1:1/aicc")
    assert await export(tmp_path, EXAMPLE, Asked(str(tmp_path / "out"), Format.PARQUET), screen) == TRY_LATER


@pytest.mark.usefixtures("on_this_database")
async def test_what_never_works_is_an_error(screen: Console, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused):
        await export(tmp_path, EXAMPLE, Asked(str(tmp_path), Format.PARQUET, tables=("turns",)), screen)
