from __future__ import annotations

from pathlib import Path

import pytest

from gateway.access.audit_chain import AuditCheck
from gateway.custody.opening import custodian_of, eraser_of, kept_of, retention_of
from gateway.session.errors import TenantInvalid
from gateway.session.tenant import Recording, Retention, load_tenant
from infra.storage.database import Database
from tests.gateway.custody.archive import NODE, Book, Rack
from tests.house import EXAMPLE
from tests.sealed_numbers import WORDS


def test_a_tenant_keeps_what_its_file_says(database: Database, tmp_path: Path) -> None:
    days = {"words_days": 365, "records_days": 1825}
    tenant = load_tenant(EXAMPLE).model_copy(update={"retention": Retention(**days)})
    kept = kept_of(tenant, database, tmp_path, Rack(), Book(), NODE)
    assert (kept.retention.recording_days, kept.retention.words_days, kept.retention.record_days) == (90, 365, 1825)


async def test_a_custodian_keeps_what_a_sweep_keeps_and_reads_both_audits(database: Database, tmp_path: Path) -> None:
    tenant = load_tenant(EXAMPLE)
    await database.enter_tenant(tenant.id)
    own = custodian_of(tenant, database, eraser_of(tenant, database, tmp_path, Rack(), Book(), NODE), WORDS)
    assert own.retention == retention_of(tenant)
    assert own.store.tenant == tenant.id
    for audit in ("access", "actions"):
        assert await own.audits.verify(check := AuditCheck(audit))
        assert check.end() is None


def test_days_that_contradict_each_other_are_refused() -> None:
    tenant = load_tenant(EXAMPLE).model_copy(
        update={"recording": Recording(keep_days=400), "retention": Retention(words_days=365)}
    )
    with pytest.raises(TenantInvalid, match="recording"):
        retention_of(tenant)
