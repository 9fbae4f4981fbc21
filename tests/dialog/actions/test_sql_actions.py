"""Named statements on a real PostgreSQL: values never become SQL, and what is not right is not committed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Service, Succeeded, Unknown
from dialog.actions.sql_actions import SqlActions
from infra.storage.queries import load_queries
from tests.postgres import Postgres

STATEMENTS = """
-- find --
-- A customer's note.
SELECT note, visits, total, changed FROM sql_notes WHERE customer = %(customer)s;

-- list --
-- All notes.
SELECT customer, note FROM sql_notes ORDER BY customer;

-- write --
-- Change a customer's note.
UPDATE sql_notes SET note = %(note)s, visits = visits + 1 WHERE customer = %(customer)s RETURNING note, visits;

-- slow --
-- Take too long.
UPDATE sql_notes SET note = 'slow' WHERE customer = %(customer)s AND pg_sleep(5) IS NOT NULL;

-- write_key --
-- Leave our key, once.
INSERT INTO sql_notes (customer, note) VALUES (%(key)s, %(note)s) ON CONFLICT DO NOTHING RETURNING note;
"""
ARGUMENTS = {"type": "object", "properties": {"customer": {"type": "string"}, "note": {"type": "string"}}}
RESULT = {
    "type": "object",
    "required": ["note"],
    "properties": {"note": {"type": "string"}, "visits": {"type": "integer"}},
}


@pytest.fixture
async def crm(postgres: Postgres, database_url: str, database_name: str) -> AsyncIterator[str]:
    await postgres.run_as_superuser(
        database_name,
        "CREATE TABLE sql_notes (customer text PRIMARY KEY, note text CHECK (note <> 'bad'), visits int DEFAULT 0, "
        "total numeric DEFAULT 12.50, changed date DEFAULT '2026-11-22')",
        "GRANT SELECT, INSERT, UPDATE ON sql_notes TO aicc",
        "INSERT INTO sql_notes VALUES ('C-1', 'polite'), ('C-2', 'busy')",
    )
    yield database_url
    await postgres.run_as_superuser(database_name, "DROP TABLE sql_notes")


@pytest.fixture
def port(tmp_path: Path, crm: str) -> SqlActions:
    file = tmp_path / "statements.sql"
    file.write_text(STATEMENTS)
    return SqlActions(load_queries(file), {"crm": crm})


def action(statement: str, risk: Risk = Risk.REVERSIBLE, **more: object) -> Action:
    service = Service("crm", "postgresql://nobody@nowhere/crm")
    return replace(Action(statement, service, "", statement, risk, 5.0, ARGUMENTS, RESULT), **more)  # type: ignore[arg-type]


async def notes(url: str) -> dict[str, str]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await (await connection.execute("SELECT customer, note FROM sql_notes")).fetchall()
    return dict(rows)


async def perform(port: SqlActions, wanted: Action, **arguments: object) -> Outcome:
    return await port.perform(wanted, arguments, key="key-1")


async def test_a_row_is_the_result_as_far_as_it_was_described(port: SqlActions) -> None:
    outcome = await perform(port, action("find", Risk.READ_ONLY), customer="C-1")
    assert outcome == Succeeded({"note": "polite", "visits": 0})


async def test_numbers_and_dates_come_as_json_has_them(port: SqlActions) -> None:
    result = {
        "type": "object",
        "properties": {"total": {"type": "number"}, "changed": {"type": "string", "format": "date"}},
    }
    outcome = await perform(port, action("find", Risk.READ_ONLY, result=result), customer="C-1")
    assert outcome == Succeeded({"total": 12.5, "changed": "2026-11-22"})


async def test_many_rows_need_a_result_that_holds_them(port: SqlActions) -> None:
    assert failure(await perform(port, action("list", Risk.READ_ONLY))) is FailureKind.MALFORMED
    row = {"type": "object", "properties": {"customer": {"type": "string"}}}
    result = {"type": "object", "properties": {"rows": {"type": "array", "items": row}}}
    outcome = await perform(port, action("list", Risk.READ_ONLY, result=result))
    assert outcome == Succeeded({"rows": [{"customer": "C-1"}, {"customer": "C-2"}]})


async def test_a_change_is_committed(port: SqlActions, crm: str) -> None:
    assert await perform(port, action("write"), customer="C-1", note="kind") == Succeeded({"note": "kind", "visits": 1})
    assert (await notes(crm))["C-1"] == "kind"


async def test_the_key_can_make_a_statement_idempotent(port: SqlActions, crm: str) -> None:
    assert await perform(port, action("write_key"), note="once") == Succeeded({"note": "once"})
    assert failure(await perform(port, action("write_key"), note="twice")) is FailureKind.NOT_FOUND
    assert (await notes(crm))["key-1"] == "once"


async def test_what_is_said_is_a_value_and_never_sql(port: SqlActions, crm: str) -> None:
    said = "C-1'; DROP TABLE sql_notes; --"
    assert failure(await perform(port, action("find", Risk.READ_ONLY), customer=said)) is FailureKind.NOT_FOUND
    await perform(port, action("write"), customer="C-1", note=said)
    assert (await notes(crm))["C-1"] == said


@pytest.mark.parametrize(
    ("wanted", "arguments", "kind"),
    [
        (action("write"), {"customer": "C-9", "note": "x"}, FailureKind.NOT_FOUND),
        (action("write"), {"customer": "C-1", "note": "bad"}, FailureKind.REJECTED),
        (action("write"), {"customer": "C-1"}, FailureKind.MALFORMED),
        (action("write", Risk.READ_ONLY), {"customer": "C-1", "note": "x"}, FailureKind.REJECTED),
        (action("write", result={"type": "object", "required": ["no"]}), {"customer": "C-1"}, FailureKind.MALFORMED),
        (action("slow", timeout=0.2), {"customer": "C-1"}, FailureKind.UNAVAILABLE),
        (action("nothing"), {}, FailureKind.UNAVAILABLE),
    ],
)
async def test_what_is_not_right_has_certainly_changed_nothing(
    port: SqlActions, crm: str, wanted: Action, arguments: dict[str, object], kind: FailureKind
) -> None:
    outcome = await perform(port, wanted, **arguments)
    assert isinstance(outcome, Failed)
    assert outcome.kind in {kind, FailureKind.TIMED_OUT}
    assert await notes(crm) == {"C-1": "polite", "C-2": "busy"}


async def test_a_database_that_is_not_there_has_done_nothing(port: SqlActions) -> None:
    nowhere = SqlActions(port._statements, {"crm": "postgresql://nobody@127.0.0.1:1/crm"})
    assert failure(await perform(nowhere, action("write"), customer="C-1", note="x")) is FailureKind.UNAVAILABLE


async def test_when_the_answer_to_the_commit_is_lost_nobody_knows(
    port: SqlActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(connection: psycopg.AsyncConnection[object]) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.AsyncConnection, "commit", lost)
    assert isinstance(await perform(port, action("write"), customer="C-1", note="x"), Unknown)
    assert isinstance(await perform(port, action("find", Risk.READ_ONLY), customer="C-1"), Failed)


def failure(outcome: Outcome) -> FailureKind:
    assert isinstance(outcome, Failed), outcome
    return outcome.kind
