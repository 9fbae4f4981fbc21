"""``aicc ingest``: bring a tenant's knowledge up to date from a file or folder.

With a running gateway the files go to it, for its index belongs to its process; without one it is done here.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

from gateway.app import open_house
from gateway.commands.progress import Steps
from gateway.commands.server import GatewayRefused, RunningGateway, find
from gateway.house import Parts
from knowledge.ingest import IngestReport
from knowledge.readers import SUFFIXES

_UPLOAD_WITHIN = 600.0
_REPORT = TypeAdapter(IngestReport)


async def ingest(data: Path, folder: Path, tenant: str, path: Path, console: Console) -> bool:
    """Ingest ``path`` for the tenant of ``folder``; whether everything that could be read was read."""
    steps = Steps(console)
    gateway = await find(data)
    if gateway is not None:
        return await _remote(gateway, folder, tenant, path, console)
    async with open_house(data, (folder,), Parts.NONE, steps) as house:
        with steps.step("ingestion"):
            report = await house.knowledge.ingest(path, tenant=tenant, progress=steps.counting("ingestion"))
        with steps.step("words for the recognizer"):
            await house.knowledge_changed(tenant)
    return _told(console, report)


async def _remote(gateway: RunningGateway, folder: Path, tenant: str, path: Path, console: Console) -> bool:
    if path.resolve() == (folder / "knowledge").resolve():
        async with gateway.client(_UPLOAD_WITHIN) as client:
            response = await client.post(f"/v1/tenants/{tenant}/knowledge/refresh")
        if response.is_error:
            raise GatewayRefused(response.text[:300])
        return _told(console, _REPORT.validate_python(response.json()))
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
    good = True
    async with gateway.client(_UPLOAD_WITHIN) as client:
        for file in files:
            response = await client.post(
                f"/v1/tenants/{tenant}/documents", files={"file": (file.name, file.read_bytes())}
            )
            good = good and not response.is_error
            mark = "[red]✗[/]" if response.is_error else "[green]✓[/]"
            console.print(f"  {mark} {file.name} {response.json().get('detail', '') if response.is_error else ''}")
    return good


def _told(console: Console, report: IngestReport) -> bool:
    console.print(
        f"  {len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed; {report.passages} new passages in {report.seconds:.1f} s"
    )
    for file, why in report.failed:
        console.print(f"  [red]✗[/] {file}: {why}")
    return not report.failed
