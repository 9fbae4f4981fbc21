"""What becomes of a change whose process is killed, and what a change costs beyond the request itself.

Run: ``python -m tests.benchmarks.bench_actions [--kills 100] [--changes 200]``

Kills fall at each commit point once, then at random moments of a change's usual length. The shop is a real HTTP
service that counts what arrives and honours no idempotency key. The last line is one line of JSON. It exits with 1 when
anything is told or recorded that is not so, or takes effect twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from dialog.actions.http_actions import HttpActions
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.runner import ActionRunner
from dialog.actions.store import ActionStore, MemoryActionStore
from dialog.journal import MemoryJournal
from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate
from infra.telemetry.logs import configure
from tests.integration.action_trial import POINTS, TENANT, CountingShop, Trial, change, counting_shop, trial


async def kills(database: Database, url: str, number: int, length: float) -> list[Trial]:
    """One kill at each commit point, then ``number`` at random moments of ``length`` seconds."""
    moments = random.Random(20261122)
    with counting_shop(pause=0.01) as shop:
        trials = [await trial(database, url, shop, point) for point in POINTS]
        for done in range(number):
            trials.append(await trial(database, url, shop, "", moments.uniform(0.0, length)))
            if done % 10 == 9:
                print(f"{done + 1} kills", flush=True)
    return trials


async def changes(store: ActionStore, shop: CountingShop, number: int) -> list[float]:
    """Milliseconds of each of ``number`` whole changes, with their looks at the record before and after."""
    port = HttpActions({"shop": shop.url})
    runner, spent = ActionRunner(port, store=store), []
    for order in range(1000, 1000 + number):
        proposal, confirmation = change(f"{order}", datetime.now(UTC))
        begun = time.perf_counter()
        await runner.run(proposal, MemoryJournal(), confirmation)
        spent.append((time.perf_counter() - begun) * 1000)
    await port.close()
    return spent


async def measure(folder: Path, kills_wanted: int, changes_wanted: int) -> dict[str, object]:
    """Both measurements on one embedded server with the settings of production."""
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    try:
        await server.ensure_database()
        await migrate(server.url(SUPERUSER, DATABASE), APPLICATION_ROLE)
        database = Database(server.url(), 4)
        await database.open()
        try:
            await database.enter_tenant(TENANT)
            await database.enter_tenant("speed")
            with counting_shop() as shop:
                bare = await changes(MemoryActionStore(), shop, changes_wanted)
            with counting_shop() as shop:
                durable = await changes(PostgresActionStore(database, "speed"), shop, changes_wanted)
            length = median(durable) / 1000 * 1.5 + 0.06
            trials = await kills(database, server.url(), kills_wanted, length)
        finally:
            await database.close()
    finally:
        await server.stop()
    return {
        "kills": len(trials),
        "effects": dict(Counter(str(left.effects) for left in trials)),
        "states": dict(Counter(left.state.value if left.state else "never entered" for left in trials)),
        "told": dict(Counter(left.told or "nothing" for left in trials)),
        "flaws": [flaw for left in trials if (flaw := left.flaw()) is not None],
        "change in memory, ms p50/p95": _spread(bare),
        "change in PostgreSQL, ms p50/p95": _spread(durable),
    }


def _spread(spent: list[float]) -> list[float]:
    return [round(median(spent), 1), round(quantiles(spent, n=20)[-1], 1)]


def main() -> int:
    """Run, print, and say whether anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--changes", type=int, default=200)
    wanted = parser.parse_args()
    configure(level="error")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    try:
        found = asyncio.run(measure(folder, wanted.kills, wanted.changes))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["flaws"] else 0


if __name__ == "__main__":
    sys.exit(main())
