"""Puts together what lets go of a tenant's contacts, for the composition root and for commands."""

from __future__ import annotations

from pathlib import Path

from gateway.custody.eraser import Eraser, JoinedAudit, KeyRack
from gateway.custody.recording_files import RecordingFiles
from gateway.custody.retention import Retention
from gateway.custody.store import CustodyStore
from gateway.custody.sweep import Kept
from gateway.session.errors import TenantInvalid
from gateway.session.tenant import Tenant
from infra.storage.database import Database


def retention_of(tenant: Tenant) -> Retention:
    """For how long a tenant keeps what. Raises ``TenantInvalid`` for days that contradict each other."""
    try:
        return Retention(tenant.recording.keep_days, tenant.retention.words_days, tenant.retention.records_days)
    except ValueError as error:
        raise TenantInvalid(f"{tenant.folder / 'tenant.yaml'}: recording.keep_days, retention: {error}") from error


def eraser_of(
    tenant: Tenant, database: Database, recordings: Path, keys: KeyRack, audit: JoinedAudit, node: str
) -> Eraser:
    """Who erases a tenant's contacts on a node; ``recordings`` is its folder of all tenants' recordings."""
    return Eraser(CustodyStore(database, tenant.id), RecordingFiles(recordings), keys, audit, node)


def kept_of(tenant: Tenant, database: Database, recordings: Path, keys: KeyRack, audit: JoinedAudit, node: str) -> Kept:
    """What a sweep has to know of a tenant. Raises ``TenantInvalid``."""
    return Kept(eraser_of(tenant, database, recordings, keys, audit, node), retention_of(tenant))
