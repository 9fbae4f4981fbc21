"""``aicc callbacks`` on a tenant's data."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gateway.commands import callbacks
from gateway.outbound.desk import Wanted
from gateway.outbound.due_call import State
from gateway.outbound.errors import DueCallRefused, NumberOptedOut
from infra.storage.database import Database
from tests.house import EXAMPLE

WHEN = datetime.combine(date.today() + timedelta(days=30), time(15, 0))
VISIT = WHEN + timedelta(days=1)
WANTED = Wanted("010-1234-5678", "ko", WHEN, "visit_reminder", {"visit_at": VISIT.isoformat(timespec="minutes")})


class Screen:
    """What was printed."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.console = Console(file=self.file, width=200)

    def taken(self) -> str:
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        return text


@pytest.fixture
def data(fresh_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    @asynccontextmanager
    async def storage(*_: Any) -> AsyncIterator[Database]:
        yield fresh_database

    monkeypatch.setattr(callbacks, "open_storage", storage)
    return tmp_path


async def test_a_call_is_added_listed_and_called_off(data: Path) -> None:
    screen = Screen()
    await callbacks.latest(data, EXAMPLE, None, screen.console)
    assert "no such due calls" in screen.taken()
    await callbacks.add(data, EXAMPLE, WANTED, screen.console)
    added = screen.taken()
    assert f"visit_reminder to +821012345678 at {WHEN:%Y-%m-%d %H:%M} KST" in added
    due = added.split()[0]
    await callbacks.latest(data, EXAMPLE, State.DUE, screen.console)
    assert due in screen.taken()
    await callbacks.cancel(data, EXAMPLE, due, screen.console)
    with pytest.raises(DueCallRefused, match="is cancelled"):
        await callbacks.cancel(data, EXAMPLE, due, screen.console)
    with pytest.raises(DueCallRefused, match="does not exist"):
        await callbacks.cancel(data, EXAMPLE, "nobody", screen.console)


async def test_who_must_not_be_called_is_listed_and_refused(data: Path) -> None:
    screen = Screen()
    await callbacks.add(data, EXAMPLE, WANTED, screen.console)
    await callbacks.opt_out(data, EXAMPLE, "01012345678", screen.console)
    assert "1 due calls are called off" in screen.taken()
    await callbacks.latest(data, EXAMPLE, None, screen.console)
    assert "never call +821012345678: by hand" in screen.taken()
    with pytest.raises(NumberOptedOut):
        await callbacks.add(data, EXAMPLE, replace(WANTED, key="again"), screen.console)


def test_details_and_times_are_read_as_they_are_written() -> None:
    assert callbacks.details(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    with pytest.raises(DueCallRefused, match="name=value"):
        callbacks.details(["a"])
    assert callbacks.moment("2026-11-24T15:00") == datetime(2026, 11, 24, 15, 0)
    with pytest.raises(DueCallRefused, match="no time"):
        callbacks.moment("soon")
