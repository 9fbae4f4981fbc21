"""A node's name among all that use the database: its epoch, its lease, and what becomes of the calls of nodes that are
gone.

A node registers under a name, which gives it an epoch, and renews a lease. Whoever registers the name again, or finds
the lease over, raises the epoch; that waits for a batch of the older epoch that is just being written, and lets none
in after it. Only then are the open calls of older epochs closed as ``node_lost``, tenant by tenant.

A node that was fenced stays so until its process starts anew: two processes under one name would otherwise fence each
other for ever.

Refuses: judging by any other clock than the database's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import structlog

from dialog.clock import utc_now
from gateway.session.errors import LedgerFenced
from gateway.session.ledger import Clock
from gateway.session.ledger_writer import QUERIES
from infra.storage.database import Database
from infra.storage.errors import StorageError
from infra.telemetry.metrics import metrics

LEASE_SECONDS = 15.0
"""How long a node is believed to live without a sign; it gives one three times as often."""

SWEEP_EVERY = 12
"""Signs of life between two looks for calls that a node fenced and then died before it closed them."""

MOST_LOST = 5_000
"""Lost calls that are remembered for whoever tells of them; of further ones nobody does."""

_TOLD_AT_ONCE = 25
"""Calls in one NOTIFY."""

_LOST = metrics.counter("aicc_ledger_lost_calls", "Calls closed because their node was lost")

_log = structlog.get_logger(__name__)


class NodeLease:
    """The lease of one node. ``epoch`` is 0 until it is registered."""

    def __init__(
        self, database: Database, node: str, *, seconds: float = LEASE_SECONDS, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._clock = clock
        self.node = node
        self.epoch = 0
        self.lost: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST_LOST)
        """Tenant and id of each call that was closed here because its node was lost. For one taker."""

    async def register(self) -> int:
        """Take the name and return the epoch. Whoever held it is fenced. Raises ``StorageError``."""
        async with self._database.untenanted() as connection:
            row = await (await connection.execute(QUERIES["register_node"].sql, self._arguments)).fetchone()
        assert row is not None
        self.epoch = int(row[0])
        return self.epoch

    async def keep(self) -> None:
        """Give signs of life, and look for nodes that give none, until cancelled. Raises ``LedgerFenced``."""
        signs = 0
        while True:
            await asyncio.sleep(self._seconds / 3)
            signs += 1
            try:
                await self.renew()
                if await self.retire_expired() or signs % SWEEP_EVERY == 0:
                    await self.close_lost_calls()
            except StorageError as error:
                _log.warning("the node could not give a sign of life; trying again", error=str(error))

    async def renew(self) -> None:
        """Give a sign of life. Raises ``LedgerFenced`` when it is too late for that."""
        async with self._database.untenanted() as connection:
            if (await connection.execute(QUERIES["renew_lease"].sql, self._arguments)).rowcount == 0:
                raise LedgerFenced(
                    f"node {self.node} no longer holds epoch {self.epoch}: end its calls and start the process anew"
                )

    async def retire_expired(self) -> list[str]:
        """Fence the nodes whose lease is over; their names."""
        async with self._database.untenanted() as connection:
            rows = await (await connection.execute(QUERIES["retire_expired_nodes"].sql, self._arguments)).fetchall()
        nodes = [str(row[0]) for row in rows]
        if nodes:
            _log.warning("nodes without a sign of life were fenced", nodes=nodes)
        return nodes

    async def close_lost_calls(self) -> int:
        """Close the open calls of fenced nodes and say how many: each tenant's in a transaction of its own."""
        closed = 0
        for tenant in await self._database.tenants():
            closed += await self._close_lost_calls_of(tenant)
        if closed:
            _LOST.inc(closed)
            _log.warning("calls of lost nodes were closed", calls=closed)
        return closed

    async def release(self) -> None:
        """Give up the name. Calls that are open still are lost ones from now on. Raises ``StorageError``."""
        async with self._database.untenanted() as connection:
            await connection.execute(QUERIES["retire_node"].sql, self._arguments)

    async def _close_lost_calls_of(self, tenant: str) -> int:
        async with self._database.tenant(tenant) as connection:
            arguments = {"tenant": tenant, "at": self._clock()}
            rows = await (await connection.execute(QUERIES["close_lost_calls"].sql, arguments)).fetchall()
            for start in range(0, len(rows), _TOLD_AT_ONCE):
                calls = [[tenant, call_id, seq, seq] for call_id, seq in rows[start : start + _TOLD_AT_ONCE]]
                payload = orjson.dumps({"node": None, "epoch": 0, "calls": calls}).decode()
                await connection.execute(QUERIES["notify"].sql, {"payload": payload})
        for call_id, _ in rows[: MOST_LOST - self.lost.qsize()]:
            self.lost.put_nowait((tenant, call_id))
        return len(rows)

    @property
    def _arguments(self) -> dict[str, Any]:
        return {"node": self.node, "epoch": self.epoch, "lease": self._seconds}
