"""``aicc keys`` on a house's own data."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from gateway.access.audit import COMMAND_LINE
from gateway.access.postgres import PostgresAccess
from gateway.commands import keys
from infra.storage.database import Database
from infra.storage.errors import KeyNeeded
from infra.storage.key_file import FILE, FileKeyRing
from infra.storage.subject_keys import SubjectKeys
from tests.postgres import Postgres, opened


@pytest.fixture
async def house(
    postgres: Postgres, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """A house of two tenants, of which one has contacts with keys."""
    name = f"{database_name}_keys"
    url = await postgres.make_database(name)
    monkeypatch.setenv("AICC_DATABASE_URL", url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(name))
    async with opened(url) as database:
        for tenant in ("cafe", "shop"):
            await database.enter_tenant(tenant)
        ring = SubjectKeys(database, FileKeyRing(tmp_path / FILE))
        for call in ("c1", "c2"):
            await ring.of("shop", call)
        yield database


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=160), out


async def rows(data: Path) -> list[list[str]]:
    console, out = screen()
    await keys.latest(data, console)
    return [line.split() for line in out.getvalue().splitlines()[1:]]


async def test_keys_are_rotated_and_wrapped_anew(house: Database, tmp_path: Path) -> None:
    ring = FileKeyRing(tmp_path / FILE)
    before = await ring.current()
    assert await rows(tmp_path) == [["cafe", before, "0", "current"], ["shop", before, "2", "current"]]

    console, out = screen()
    await keys.rotate(tmp_path, console)
    after = await ring.current()
    assert after != before
    assert after in out.getvalue()
    assert ["shop", before, "2", "earlier:", "aicc", "keys", "rewrap"] in await rows(tmp_path)

    console, out = screen()
    await keys.rewrap(tmp_path, console)
    assert f"shop: 2 keys are wrapped by {after} now" in out.getvalue()
    assert await rows(tmp_path) == [["cafe", after, "0", "current"], ["shop", after, "2", "current"]]


async def test_that_keys_were_changed_is_in_every_tenants_audit(house: Database, tmp_path: Path) -> None:
    console, _ = screen()
    await keys.rotate(tmp_path, console)
    await keys.rewrap(tmp_path, console)
    deeds = {
        tenant: [(kept.entry.what, kept.entry.actor) for kept in await PostgresAccess(house).entries(tenant)]
        for tenant in ("cafe", "shop")
    }
    assert deeds == {
        "cafe": [("keys.rotated", COMMAND_LINE)],
        "shop": [("keys.rewrapped", COMMAND_LINE), ("keys.rotated", COMMAND_LINE)],
    }
    audit = await PostgresAccess(house).entries("shop", what="keys.rewrapped")
    assert audit[0].entry.details["keys"] == "2"


async def test_an_earlier_key_is_let_go_once_nothing_is_wrapped_by_it(house: Database, tmp_path: Path) -> None:
    console, _ = screen()
    ring, kept = FileKeyRing(tmp_path / FILE), SubjectKeys(house, FileKeyRing(tmp_path / FILE))
    before, key = await ring.current(), await kept.of("shop", "c1")
    await keys.rotate(tmp_path, console)
    with pytest.raises(KeyNeeded, match="2 keys of shop"):
        await keys.retire(tmp_path, before, console)
    assert await kept.of("shop", "c1") == key
    await keys.rewrap(tmp_path, console)
    await keys.retire(tmp_path, before, console)
    assert before.partition(":")[2] not in (tmp_path / FILE).read_text()
    assert await kept.of("shop", "c1") == key
    assert (await PostgresAccess(house).entries("cafe"))[0].entry.what == "keys.retired"
