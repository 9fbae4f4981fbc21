"""Actions in SQL: statements that a tenant has named, in its own database.

A statement stands in the tenant's ``statements.sql`` under a name and with a description; what is said in a
conversation reaches it only as values of its named parameters, never as SQL. ``%(key)s`` is the idempotency key.

An action is one transaction. Until its commit is asked for, whatever goes wrong has certainly changed nothing; so what
the statement gives back is checked before. Only if the answer to the commit is lost, nobody knows. A statement that
finds no row has found nothing, and changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import errors
from psycopg.types.json import Jsonb

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Succeeded, Via, lost
from dialog.errors import TenantDialogInvalid
from dialog.schema import only_known, violations
from infra.storage.queries import Query, QueryFileBroken, load_queries

MOST_ROWS = 200
"""Rows that are read; more do not fit into an action's result."""

ROWS = "rows"
"""The property of a result that holds all rows; without it, the result is the first and only row."""


def read_statements(folder: Path, actions: Iterable[Action]) -> Mapping[str, Query]:
    """A tenant's statements. Raises ``TenantDialogInvalid`` when one that an action names is not there."""
    file = folder / "statements.sql"
    wanted = {action.path: action.id for action in actions if not action.steps and action.service.via is Via.SQL}
    if not wanted:
        return {}
    try:
        statements = load_queries(file)
    except (OSError, QueryFileBroken) as error:
        raise TenantDialogInvalid(f"{file}: cannot be read as named statements: {error}") from error
    for name in set(wanted) - set(statements):
        raise TenantDialogInvalid(f"{file}: lacks the statement {name!r}, which action {wanted[name]} names")
    return statements


class SqlActions:
    """Carries named statements out. ``overrides`` maps a service's id to another URL, which is where secrets belong.

    Each action has a connection of its own: a back end that hangs holds up nobody else.
    """

    def __init__(self, statements: Mapping[str, Query], overrides: Mapping[str, str] | None = None) -> None:
        self._statements = statements
        self._overrides = dict(overrides or {})

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""
        statement = self._statements.get(action.path)
        if statement is None:
            return Failed(FailureKind.UNAVAILABLE, f"there is no statement {action.path!r}", attempts=0)
        attempt = _Attempt(action, statement, _values(action, arguments, key))
        try:
            async with asyncio.timeout(action.timeout):
                return await attempt.run(self._overrides.get(action.service.id, action.service.url))
        except TimeoutError:
            return attempt.lost(FailureKind.TIMED_OUT, f"{action.path} took longer than {action.timeout:g} s")
        except psycopg.OperationalError as error:
            return attempt.lost(FailureKind.UNAVAILABLE, _said(error))
        except psycopg.Error as error:
            return Failed(FailureKind.REJECTED, _said(error))

    async def close(self) -> None:
        """Nothing is kept open."""


class _Attempt:
    """One transaction; it knows whether its commit was asked for."""

    def __init__(self, action: Action, statement: Query, values: Mapping[str, object]) -> None:
        self._action = action
        self._statement = statement
        self._values = values
        self._committing = False

    async def run(self, url: str) -> Outcome:
        """Connect, execute, check, commit."""
        connection = await psycopg.AsyncConnection.connect(url, application_name="aicc-actions")
        try:
            await connection.set_read_only(self._action.risk is Risk.READ_ONLY)
            limit = f"SET LOCAL statement_timeout = {int(self._action.timeout * 1000)}"
            await connection.execute(limit.encode())
            cursor = await connection.execute(self._statement.sql, self._values)
            outcome = _judge(self._action, await _rows(cursor), cursor.rowcount)
            if isinstance(outcome, Succeeded):
                self._committing = True
                await connection.commit()
            return outcome
        finally:
            await connection.close()  # what was not committed is rolled back

    def lost(self, kind: FailureKind, detail: str) -> Outcome:
        """What an interruption means: once the commit was asked for, nobody knows."""
        return lost(self._action, kind, detail) if self._committing else Failed(kind, detail)


async def _rows(cursor: psycopg.AsyncCursor[Any]) -> list[dict[str, object]]:
    if cursor.description is None:
        return []
    names = [column.name for column in cursor.description]
    found = await cursor.fetchmany(MOST_ROWS + 1)
    plain = orjson.loads(orjson.dumps([dict(zip(names, row, strict=True)) for row in found], default=_plain))
    assert isinstance(plain, list), "a list went in"
    return plain


def _judge(action: Action, rows: list[dict[str, object]], touched: int) -> Outcome:
    """What rows mean, before anything is committed."""
    properties = action.result.get("properties", {})
    all_rows = isinstance(properties, Mapping) and ROWS in properties
    if touched == 0 and not all_rows:
        return Failed(FailureKind.NOT_FOUND, "no row is like that")
    if len(rows) > (MOST_ROWS if all_rows else 1):
        return Failed(FailureKind.MALFORMED, "the statement gave more rows than the result can hold")
    answer: dict[str, object] = {ROWS: rows} if all_rows else (rows or [{}])[0]
    broken = violations(action.result, answer)
    if broken:
        return Failed(FailureKind.MALFORMED, "what it gave does not fit its schema: " + "; ".join(broken[:5]))
    known = only_known(action.result, answer)
    assert isinstance(known, dict), "an object stays one"
    return Succeeded(known)


def _values(action: Action, arguments: Mapping[str, object], key: str) -> dict[str, object]:
    """All parameters that a statement may use; what was not said is NULL."""
    properties = action.arguments.get("properties", {})
    names = properties if isinstance(properties, Mapping) else {}
    values = {str(name): arguments.get(name) for name in names}
    return {**{name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()}, "key": key}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _said(error: psycopg.Error) -> str:
    # Not the whole message: its details quote rows, and rows are about people.
    match error:
        case errors.QueryCanceled():
            return "the database gave up on the statement"
        case _:
            return error.diag.message_primary or type(error).__name__
