"""``aicc audit``: find out whether somebody has touched a tenant's audits, and take them along.

It works on the database itself, beside a running gateway or without one; what was exported is verified without any.

What was sealed anew from the beginning, or cut off at the end, shows only by heads that were kept elsewhere: ``verify``
compares with those in a file, and writes the new ones into it when all is whole.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from dialog.clock import utc_now
from gateway.access.audit import AUDIT_EXPORTED, COMMAND_LINE, AuditEntry
from gateway.access.audit_chain import FIELDS, AuditCheck, Record
from gateway.access.errors import AuditUnreadable
from gateway.access.postgres import PostgresAccess
from gateway.custody.audits import MEANS
from gateway.custody.opening import audits_of
from infra.config import load
from infra.hash_chain import Break, Head
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.runtime import open_storage

Heads = dict[str, dict[str, Head]]
"""By tenant and audit."""


async def verify(data: Path, tenant: str, console: Console, *, heads: Path | None = None) -> bool:
    """Whether both audits of a tenant are what was written. Raises ``AuditUnreadable`` and the storage's errors."""
    kept = {} if heads is None else _read_heads(heads)
    async with _storage(data, tenant) as database:
        checks = [AuditCheck(audit, kept.get(tenant, {}).get(audit)) for audit in FIELDS]
        for check in checks:
            await audits_of(database, tenant).verify(check)
    whole = _told(checks, console)
    if whole and heads is not None:
        _write(heads, _heads_as_json({**kept, tenant: {check.audit: check.head for check in checks}}))
    return whole


async def export(data: Path, tenant: str, file: Path, console: Console) -> None:
    """Write both audits into a file, one record a line, and enter that in the audit before. Raises the storage's
    errors."""
    async with _storage(data, tenant) as database:
        entry = AuditEntry(tenant, utc_now(), COMMAND_LINE, AUDIT_EXPORTED, details={"file": file.name})
        await PostgresAccess(database).record(entry)
        checks, lines = [AuditCheck(audit) for audit in FIELDS], 0
        aside = file.with_name(f".{file.name}.part")
        try:
            with aside.open("wb") as out:
                for check in checks:
                    async for page in audits_of(database, tenant).pages(check.audit):
                        for record in page:
                            check.take(record)
                            out.write(orjson.dumps({"tenant": tenant, **record}) + b"\n")
                        lines += len(page)
                end = {check.audit: _head_as_json(check.head) for check in checks}
                out.write(orjson.dumps({"tenant": tenant, "heads": end}) + b"\n")
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)
    console.print(f"{lines} records in {file}", markup=False, highlight=False)
    _told(checks, console)


def verify_file(file: Path, console: Console, *, heads: Path | None = None) -> bool:
    """Whether an exported file is what was written. Raises ``AuditUnreadable`` for one that is not whole."""
    kept = {} if heads is None else _read_heads(heads)
    checks: dict[str, AuditCheck] = {}
    tenant, last = "", dict[str, Any]()
    for record in _lines(file):
        if not checks:
            tenant = str(record.get("tenant"))
            checks = {audit: AuditCheck(audit, kept.get(tenant, {}).get(audit)) for audit in FIELDS}
        else:
            _take(checks, tenant, last, file)
        last = record
    ends = last.get("heads") if last.get("tenant") == tenant else None
    if not isinstance(ends, dict) or ends.keys() != FIELDS.keys():
        raise AuditUnreadable(f"{file} has no heads at its end: it is no exported audit, or not all of one")
    whole = _told(checks.values(), console)
    for audit, check in checks.items():
        if whole and check.head != _head(ends[audit], file):
            console.print(f"{audit}: the file does not end where its heads say; records are missing", highlight=False)
            return False
    return whole


def _take(checks: Mapping[str, AuditCheck], tenant: str, record: Record, file: Path) -> None:
    check = checks.get(str(record.get("audit")))
    if check is None or record.get("tenant") != tenant:
        raise AuditUnreadable(f"{file} has a record of another audit or tenant: {str(record)[:100]}")
    check.take(record)


def _told(checks: Iterable[AuditCheck], console: Console) -> bool:
    whole = True
    for check in checks:
        found: Break | None = check.end()
        whole = whole and found is None
        if found is None:
            said = f"{check.records} records, whole; the latest is {check.head.number}, seal {check.head.digest}"
        else:
            said = f"broken at {found.number} ({found.fault}): {MEANS[found.fault]}"
        console.print(f"{check.audit}: {said}", markup=False, highlight=False, soft_wrap=True)
    return whole


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                record = orjson.loads(line)
                if not isinstance(record, dict):
                    raise AuditUnreadable(f"line {number} of {file} is no record")
                yield record
    except OSError as error:
        raise AuditUnreadable(f"{file} cannot be read: {error}") from error
    except orjson.JSONDecodeError as error:
        raise AuditUnreadable(f"{file} has a line that is no JSON: {error}") from error


def _read_heads(file: Path) -> Heads:
    """The heads that were kept; none where there is no file yet."""
    if not file.exists():
        return {}
    try:
        kept = json.loads(file.read_text("utf-8"))
        return {tenant: {audit: _head(head, file) for audit, head in audits.items()} for tenant, audits in kept.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise AuditUnreadable(f"{file} holds no heads: {error}") from error


def _head(value: object, file: Path) -> Head:
    if not isinstance(value, Mapping) or not isinstance(value.get("number"), int):
        raise AuditUnreadable(f"{file} holds no heads: {str(value)[:100]}")
    return Head(value["number"], str(value.get("digest")))


def _head_as_json(head: Head) -> dict[str, object]:
    return {"number": head.number, "digest": head.digest}


def _heads_as_json(heads: Heads) -> bytes:
    plain = {tenant: {audit: _head_as_json(head) for audit, head in audits.items()} for tenant, audits in heads.items()}
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _write(file: Path, content: bytes) -> None:
    aside = file.with_name(f".{file.name}.part")
    aside.write_bytes(content)
    aside.replace(file)


@asynccontextmanager
async def _storage(data: Path, tenant: str) -> AsyncIterator[Database]:
    async with open_storage(load(DatabaseSettings), data) as database:
        await database.enter_tenant(tenant)
        yield database
