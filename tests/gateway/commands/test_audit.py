"""``aicc audit`` on a tenant's own data: whole, touched, cut off; in the database and in a file."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dialog.actions.intent import intent_of
from dialog.actions.postgres import PostgresActionStore
from gateway.access.audit import AUDIT_EXPORTED, COMMAND_LINE, REVEALED, AuditEntry
from gateway.access.errors import AuditUnreadable
from gateway.access.postgres import PostgresAccess
from gateway.commands import audit
from gateway.custody import audits
from infra.storage.database import Database
from tests.dialog.shop import NOW, wanted
from tests.postgres import Postgres

Lines = list[dict[str, Any]]


@pytest.fixture
async def shop(
    postgres: Postgres, database_name: str, database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A tenant with four entries in one audit and two in the other."""
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    for number in range(4):
        await PostgresAccess(database).record(AuditEntry(tenant, NOW, "kim", REVEALED, f"call-{number}", "고객 요청"))
    store = PostgresActionStore(database, tenant)
    for number in range(2):
        await store.enter(intent_of(wanted(order=f"100{number}")), NOW)
    return tenant


class Screen:
    """What was printed."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self.console = Console(file=self._out, width=200)

    @property
    def text(self) -> str:
        return self._out.getvalue()


async def verified(shop: str, folder: Path, heads: Path | None = None) -> tuple[bool, str]:
    screen = Screen()
    whole = await audit.verify(folder, shop, screen.console, heads=heads)
    return whole, screen.text


async def test_audits_that_nobody_touched_are_whole(shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "PAGE", 1)
    whole, said = await verified(shop, tmp_path)
    assert whole
    assert "access: 4 records, whole; the latest is 4" in said
    assert "actions: 2 records, whole; the latest is 2" in said


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("UPDATE audit_entries SET actor = 'lee' WHERE number = 2", "access: broken at 2 (edited)"),
        ("DELETE FROM audit_entries WHERE number = 3", "access: broken at 3 (missing)"),
        ("UPDATE action_audit SET body = body || '{\"turn\": 99}' WHERE number = 2", "actions: broken at 2 (edited)"),
        ("DELETE FROM action_audit WHERE number = 1", "actions: broken at 1 (missing)"),
    ],
)
async def test_what_even_a_superuser_did_is_told(
    shop: str, postgres: Postgres, database_name: str, tmp_path: Path, tampering: str, expected: str
) -> None:
    await postgres.run_as_superuser(database_name, f"{tampering} AND tenant = '{shop}'")
    whole, said = await verified(shop, tmp_path)
    assert not whole
    assert expected in said


@pytest.mark.parametrize("table", ["audit_entries", "action_audit"])
async def test_a_kept_head_shows_what_was_cut_off_and_stays_as_it_was(
    shop: str, postgres: Postgres, database_name: str, tmp_path: Path, table: str
) -> None:
    heads = tmp_path / "heads.json"
    assert (await verified(shop, tmp_path, heads))[0]
    kept = json.loads(heads.read_text())
    assert (kept[shop]["access"]["number"], kept[shop]["actions"]["number"]) == (4, 2)

    await postgres.run_as_superuser(database_name, f"DELETE FROM {table} WHERE number >= 2 AND tenant = '{shop}'")
    assert (await verified(shop, tmp_path))[0]  # nobody can tell who has kept nothing
    whole, said = await verified(shop, tmp_path, heads)
    assert not whole
    assert "broken at 2 (cut_off)" in said
    assert json.loads(heads.read_text()) == kept


async def test_heads_of_other_tenants_are_kept_as_they_are(shop: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    other = {"other": {"access": {"number": 7, "digest": "a" * 64}}}
    heads.write_text(json.dumps(other))
    assert (await verified(shop, tmp_path, heads))[0]
    assert json.loads(heads.read_text())["other"] == other["other"]


async def exported(shop: str, folder: Path) -> Path:
    file = folder / "audit.ndjson"
    await audit.export(folder, shop, file, Screen().console)
    return file


async def test_what_is_exported_stands_in_the_audit_and_is_whole_by_itself(
    shop: str, database: Database, tmp_path: Path
) -> None:
    file = await exported(shop, tmp_path)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(line.get("audit"), line.get("number")) for line in lines] == [
        *(("access", number) for number in range(1, 6)),
        ("actions", 1),
        ("actions", 2),
        (None, None),
    ]
    assert lines[0]["why"] == "고객 요청"
    (deed,) = [kept.entry for kept in await PostgresAccess(database).entries(shop, what=AUDIT_EXPORTED)]
    assert (deed.actor, deed.details) == (COMMAND_LINE, {"file": "audit.ndjson"})
    assert audit.verify_file(file, Screen().console)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.ndjson"]


def without(place: int) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[:place], *lines[place + 1 :]]


@pytest.mark.parametrize(
    ("touch", "expected"),
    [
        (lambda lines: [{**lines[0], "actor": "lee"}, *lines[1:]], "access: broken at 1 (edited)"),
        (without(1), "access: broken at 2 (missing)"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "access: broken at 1 (missing)"),
        (without(4), "access: the file does not end where its heads say"),
        (without(6), "actions: the file does not end where its heads say"),
    ],
)
async def test_what_was_done_to_a_file_is_told(
    shop: str, tmp_path: Path, touch: Callable[[Lines], Lines], expected: str
) -> None:
    file = await exported(shop, tmp_path)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(json.dumps(line) for line in touch(lines)))
    screen = Screen()
    assert not audit.verify_file(file, screen.console)
    assert expected in screen.text


async def test_a_file_is_compared_with_the_heads_that_were_kept(
    shop: str, postgres: Postgres, database_name: str, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    assert (await verified(shop, tmp_path, heads))[0]
    await postgres.run_as_superuser(database_name, f"DELETE FROM audit_entries WHERE number >= 2 AND tenant = '{shop}'")
    file, screen = await exported(shop, tmp_path), Screen()
    assert audit.verify_file(file, screen.console)
    assert not audit.verify_file(file, screen.console, heads=heads)
    assert "(cut_off)" in screen.text


@pytest.mark.parametrize(
    "content", ["", "no json", "[1]", '{"audit": "access"}', '{"tenant": "t", "heads": {"access": {"number": 1}}}']
)
def test_what_is_no_exported_audit_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.ndjson"
    file.write_text(content)
    with pytest.raises(AuditUnreadable):
        audit.verify_file(file, Screen().console)


@pytest.mark.parametrize("content", ["no json", "[1]", '{"t": {"access": 3}}'])
async def test_what_holds_no_heads_is_refused(content: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(content)
    with pytest.raises(AuditUnreadable, match=r"heads\.json"):
        await audit.verify(tmp_path, "t", Screen().console, heads=heads)
