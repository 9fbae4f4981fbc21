"""``aicc quality``: see what a tenant's contacts are judged by, and try it on one of them. Nothing is written.

It works on the database itself, beside a running gateway or without one.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gateway.analytics.errors import NotJudged
from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.contact import Contact
from gateway.analytics.quality.rubric import Rubric, Rubrics, read_rubrics
from gateway.analytics.quality.scoring import applies, judge, passes, total
from gateway.analytics.whole_log import whole_log
from gateway.session.numbers import open_numbers, served
from gateway.session.store import ContactLog
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.settings import KeySettings

_LOOKS = {Verdict.MET: "green", Verdict.MISSED: "red", Verdict.NOT_APPLICABLE: "dim"}


def check(folder: Path, console: Console) -> None:
    """Print a tenant's rubrics. Raises ``TenantDialogInvalid`` that names the line of a mistake, and ``NotJudged``."""
    for rubric in _rubrics(folder).rubrics:
        table = Table("criterion", "check", "weight", "", title=f"{rubric.id}, version {rubric.version}", box=None)
        for one in rubric.criteria:
            table.add_row(one.id, one.check, f"{one.weight:g}", "critical" if one.critical else "")
        console.print(table)


async def attempt(data: Path, folder: Path, call: str, console: Console) -> None:
    """Judge one contact by each rubric that applies, and print what is found. Raises ``NotJudged`` where there is
    nothing to judge, and the storage's errors."""
    rubrics, tenant = await asyncio.to_thread(_rubrics, folder), load_tenant(folder)
    async with (
        open_storage(load(DatabaseSettings), data) as database,
        open_subject_keys(load(KeySettings), database, data) as keys,
    ):
        await database.enter_tenant(tenant.id)
        numbers = await open_numbers(keys, [tenant.id])
        log = ContactLog(database, "quality", served(numbers))
        record = await log.call(tenant.id, call)
        if record is None:
            raise NotJudged(f"{tenant.id} has no contact {call}: ids stand in the list of past calls")
        contact = Contact(record, await whole_log(log, tenant.id, call))
    judging = [rubric for rubric in rubrics.rubrics if applies(rubric, contact)]
    if not judging:
        raise NotJudged(f"no rubric of {tenant.id} applies to contact {call}")
    for rubric in judging:
        console.print(_judged(rubric, contact))


def _judged(rubric: Rubric, contact: Contact) -> Table:
    found = judge(rubric, contact)
    score, passed = total(found), passes(found, rubric.passes_at)
    outcome = "nothing to judge" if passed is None else "passed" if passed else "failed"
    told = "" if score is None else f"{score:g}, "
    table = Table("criterion", "verdict", "turns", "events", "", title=f"{rubric.id}: {told}{outcome}", box=None)
    for one in found:
        look = _LOOKS[one.verdict]
        turns, events = (", ".join(map(str, numbers)) for numbers in (one.turns, one.events))
        table.add_row(one.id, f"[{look}]{one.verdict}[/]", turns, events, one.note)
    return table


def _rubrics(folder: Path) -> Rubrics:
    rubrics = read_rubrics(folder)
    if rubrics is None:
        raise NotJudged(f"{folder} has no quality.yaml: its contacts are not judged")
    return rubrics
