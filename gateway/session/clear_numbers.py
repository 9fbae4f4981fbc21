"""Seals the numbers that lie readable in records and logs from before numbers were sealed.

Call by call, each in one transaction: its record and its log, or neither. It may be killed at any moment and begun
anew, at several nodes at once; of a call that a node of an older version still writes, it waits until all is written.

Refuses: opening anything; calls that go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

import orjson
import structlog

from dialog.clock import utc_now
from gateway.session.ledger import SETTLED_AFTER, Clock
from gateway.session.ledger_writer import QUERIES
from gateway.session.numbers import sealed_fields, sealed_record
from gateway.session.records import CallRecord
from infra.storage.database import Connection, Database
from infra.storage.sealed_words import SealedWords
from infra.supervision import supervised

INTERVAL = 600.0
"""Seconds between two looks for calls that nodes of an older version have written. Where there are none, a look reads
an empty index."""

AT_ONCE = 50
"""Calls that are sealed in one transaction."""

_RECORD = [field.name for field in fields(CallRecord)]

_log = structlog.get_logger(__name__)


async def keep_sealing(database: Database, numbers: Mapping[str, SealedWords], interval: float = INTERVAL) -> None:
    """Seal each tenant's now and again and again, until cancelled. What cannot be done now is done the next time."""
    while True:
        for tenant, words in numbers.items():
            await supervised(seal_all(database, tenant, words), f"numbers of {tenant} could not be sealed")
        await asyncio.sleep(interval)


async def seal_all(database: Database, tenant: str, words: SealedWords, now: Clock = utc_now) -> int:
    """Seal what lies readable of a tenant's calls that are over; of how many calls. Raises the storage's errors."""
    done = 0
    while True:
        async with database.tenant(tenant) as connection:
            sealed = await _seal_some(connection, tenant, words, now() - SETTLED_AFTER)
        done += sealed
        if sealed < AT_ONCE:
            break
    if done:
        _log.info("numbers from before lie sealed now", tenant=tenant, calls=done)
    return done


async def _seal_some(connection: Connection, tenant: str, words: SealedWords, settled: datetime) -> int:
    asked = {"tenant": tenant, "settled": settled, "limit": AT_ONCE}
    rows = await (await connection.execute(QUERIES["hold_clear_calls"].sql, asked)).fetchall()
    for row in rows:
        record = CallRecord(**dict(zip(_RECORD, row, strict=True)))
        call = {"tenant": tenant, "call_id": record.call_id}
        events = await (await connection.execute(QUERIES["read_numbers"].sql, call)).fetchall()
        found = {str(seq): sealed_fields(kind, payload, words) for seq, kind, payload in events}
        sealed = {seq: fields for seq, fields in found.items() if fields}
        told = {"call_id": record.call_id, "sealed": orjson.dumps(sealed).decode()}
        await connection.execute(QUERIES["seal_numbers"].sql, told)
        lies = sealed_record(record, words)
        ours = {"caller": lies.caller, "called": lies.called, "number_ending": lies.number_ending}
        await connection.execute(QUERIES["seal_record"].sql, {**call, **ours})
    return len(rows)
