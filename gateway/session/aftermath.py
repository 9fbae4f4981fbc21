"""What became known of a contact after it was over, written into its record, where the desk reads it.

A call that goes on is written by its own session alone, and so is one that has just ended; what concerns it is told
there on the caller's next turn. Only when nobody else writes any more, the event is appended from outside.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from dialog.actions.action import Outcome, Succeeded
from dialog.actions.intent import Intent
from gateway.session.records import EventKind
from infra.storage.database import Database
from infra.storage.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("aftermath.sql"))

SETTLED_AFTER = timedelta(seconds=60)
"""After the end of a call its session writes nothing more."""


class Aftermath:
    """Appends to a tenant's contacts that are over what became of their actions."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def __call__(self, intent: Intent, outcome: Outcome) -> bool:
        """Whether the contact's record says what became of its intent. Raises ``AiccError`` when the database cannot
        be asked."""
        now = datetime.now(UTC)
        about = {"tenant": self._tenant, "call_id": intent.call_id, "kind": EventKind.ACTION_RECONCILED.value}
        payload = {
            "action": intent.digest[:16],
            "name": intent.action,
            "key": intent.key,
            "outcome": "action.succeeded" if isinstance(outcome, Succeeded) else "action.failed",
        }
        late = {**about, "at": now, "settled": now - SETTLED_AFTER, "payload": orjson.dumps(payload).decode()}
        async with self._database.tenant(self._tenant) as connection:
            found = await connection.execute(QUERIES["stands_already"].sql, {**about, "key": intent.key})
            row = await found.fetchone()
            if row is not None and row[0]:
                return True
            written = await connection.execute(QUERIES["append_late"].sql, late)
            return await written.fetchone() is not None
