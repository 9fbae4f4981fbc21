"""Puts together what keeps and lets go of a tenant's contacts, for the composition root and for commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialog.actions.postgres import PostgresActionStore
from gateway.access.postgres import PostgresAccess
from gateway.custody.audits import Audits
from gateway.custody.eraser import Eraser, JoinedAudit, KeyRack
from gateway.custody.proofs import Proofs
from gateway.custody.recording_files import RecordingFiles
from gateway.custody.retention import Retention
from gateway.custody.store import CustodyStore
from gateway.custody.sweep import Kept
from gateway.session.errors import TenantInvalid
from gateway.session.tenant import Tenant
from infra.storage.database import Database
from infra.storage.sealed_words import SealedWords


@dataclass(frozen=True, slots=True)
class Custodian:
    """All that the page asks of one tenant's keeping; ``words`` are what its numbers are sealed with."""

    store: CustodyStore
    eraser: Eraser
    retention: Retention
    words: SealedWords
    audits: Audits
    proofs: Proofs


def retention_of(tenant: Tenant) -> Retention:
    """For how long a tenant keeps what. Raises ``TenantInvalid`` for days that contradict each other."""
    try:
        return Retention(tenant.recording.keep_days, tenant.retention.words_days, tenant.retention.records_days)
    except ValueError as error:
        raise TenantInvalid(f"{tenant.folder / 'tenant.yaml'}: recording.keep_days, retention: {error}") from error


def audits_of(database: Database, tenant: str) -> Audits:
    """A tenant's audits, to be read and verified."""
    return Audits(tenant, PostgresAccess(database), PostgresActionStore(database, tenant))


def eraser_of(
    tenant: Tenant, database: Database, recordings: Path, keys: KeyRack, audit: JoinedAudit, node: str
) -> Eraser:
    """Who erases a tenant's contacts on a node; ``recordings`` is its folder of all tenants' recordings."""
    return Eraser(CustodyStore(database, tenant.id), RecordingFiles(recordings), keys, audit, node)


def kept_of(tenant: Tenant, database: Database, recordings: Path, keys: KeyRack, audit: JoinedAudit, node: str) -> Kept:
    """What a sweep has to know of a tenant. Raises ``TenantInvalid``."""
    return Kept(eraser_of(tenant, database, recordings, keys, audit, node), retention_of(tenant))


def custodian_of(tenant: Tenant, database: Database, eraser: Eraser, words: SealedWords) -> Custodian:
    """What the page asks of a tenant. Raises ``TenantInvalid``."""
    return Custodian(
        CustodyStore(database, tenant.id),
        eraser,
        retention_of(tenant),
        words,
        audits_of(database, tenant.id),
        Proofs(database, tenant.id),
    )
