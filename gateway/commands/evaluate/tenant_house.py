"""A tenant's dialog as it is served, for a measurement: its knowledge ingested, its example services running, no
telephone.

Contacts are kept in memory and gone afterwards. Refuses: a dialog put together in another way than the gateway does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.app import open_house
from gateway.commands.services import example_services
from gateway.house import House, Parts
from gateway.session.tenant import load_tenant
from infra.config import set_variable

EXAMPLES = Path(__file__).parents[3] / "examples"


@asynccontextmanager
async def tenant_house(folder: Path, work: Path, tell: Callable[[str], None]) -> AsyncIterator[tuple[House, str]]:
    """The open house and the tenant's id. Raises the packages' own errors."""
    tenant = load_tenant(folder).id

    def step(what: str, how: str) -> None:
        tell(f"{what}: {how}")

    def progress(stage: str, done: int, total: int) -> None:
        if done == total:
            tell(f"{tenant}: {stage}, {total}")

    async with example_services((folder,)) as urls:
        set_variable("AICC_DIALOG_SERVICE_URLS", ",".join(f"{name}={url}" for name, url in urls.items()))
        async with open_house(work / tenant, (folder,), Parts.NONE, step) as house:
            await house.knowledge.ingest(folder / "knowledge", tenant=tenant, progress=progress)
            await house.knowledge_changed(tenant)
            yield house, tenant


def tenant_folder(named: str, suite: Path) -> Path:
    """A tenant's folder: relative to the suite's own, else one of the examples."""
    beside = (suite / named).resolve()
    return beside if (beside / "tenant.yaml").is_file() else EXAMPLES / named
