"""The manifest of an export: which files belong to it, what they hold, and up to where it has read. Pure.

It is written last, so that a run without one has not been: what lies beside it is whole, but nobody vouches for it. The
next run goes on where the latest manifest of the same kind ends.

Refuses: manifests of another shape (``ManifestBroken``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.analytics.exports.errors import ManifestBroken

VERSION: Final = 1
"""Of the manifest itself; ``schema_version`` is that of the tables."""

FOLDER: Final = "_manifests"

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to where an export has read: everything that transactions below ``written`` wrote in the PostgreSQL cluster
    whose system identifier is ``cluster``."""

    cluster: str
    written: int


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file: where it lies in the destination, of which table and day, its rows, bytes and SHA-256 (hexadecimal)."""

    path: str
    table: str
    day: date
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One finished run.

    ``since`` and ``until`` bound the beginnings of its contacts where they were given; then it is complete for that
    window, and no other run goes on from it. Else it holds what was written from ``after`` (none: from the beginning)
    to ``watermark``, and a little of what came later. ``time_zone`` is that of the days; ``rows`` counts by table.
    """

    run: str
    tenant: str
    format: str
    schema_version: int
    time_zone: str
    tables: tuple[str, ...]
    rows: dict[str, int]
    files: tuple[ExportedFile, ...]
    watermark: Watermark
    after: Watermark | None
    previous: str | None
    since: datetime | None
    until: datetime | None
    begun_at: datetime
    finished_at: datetime
    manifest_version: int = VERSION

    @property
    def windowed(self) -> bool:
        """Whether it holds the contacts of a time, and not what has changed."""
        return self.since is not None or self.until is not None


_ADAPTER = TypeAdapter(Manifest)


def run_name(now: datetime, salt: bytes) -> str:
    """What a run is called: names sort by time; ``salt`` (4 bytes) tells two of the same second apart."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{salt.hex()}"


def place_of(tenant: str, run: str) -> str:
    """Where a run's manifest lies in the destination."""
    return f"{folder_of(tenant)}/{run}.json"


def folder_of(tenant: str) -> str:
    """Where a tenant's manifests lie in the destination."""
    return f"{FOLDER}/tenant={tenant}"


def runs_among(names: Iterable[str]) -> list[str]:
    """The runs whose manifests are among a folder's files, the latest first."""
    runs = (name.removesuffix(".json") for name in names if name.endswith(".json"))
    return sorted((run for run in runs if _RUN.fullmatch(run)), reverse=True)


def encode(manifest: Manifest) -> bytes:
    """A manifest as JSON that people can read as well."""
    return orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z) + b"\n"


def decode(body: bytes, place: str) -> Manifest:
    """The manifest that lies at ``place``. Raises ``ManifestBroken``."""
    try:
        manifest = _ADAPTER.validate_json(body)
    except ValidationError as error:
        raise ManifestBroken(
            f"{place} is no manifest of an export ({error.error_count()} mistakes): take it away to begin anew, or put "
            "back what it was"
        ) from error
    if manifest.manifest_version != VERSION:
        raise ManifestBroken(
            f"{place} is a manifest of version {manifest.manifest_version}; this program writes {VERSION}"
        )
    return manifest


def goes_on(manifest: Manifest, tables: tuple[str, ...], format: str, time_zone: str, schema_version: int) -> bool:
    """Whether an export like this may go on where that run ended: it wrote the same tables in the same shape."""
    same = (manifest.tables, manifest.format, manifest.time_zone, manifest.schema_version)
    return not manifest.windowed and same == (tables, format, time_zone, schema_version)
