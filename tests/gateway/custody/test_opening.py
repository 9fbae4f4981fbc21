from __future__ import annotations

from pathlib import Path

import pytest

from gateway.custody.opening import kept_of, retention_of
from gateway.session.errors import TenantInvalid
from gateway.session.tenant import Recording, Retention, load_tenant
from infra.storage.database import Database
from tests.gateway.custody.archive import NODE, Book, Rack
from tests.house import EXAMPLE


def test_a_tenant_keeps_what_its_file_says(database: Database, tmp_path: Path) -> None:
    days = {"words_days": 365, "records_days": 1825}
    tenant = load_tenant(EXAMPLE).model_copy(update={"retention": Retention(**days)})
    kept = kept_of(tenant, database, tmp_path, Rack(), Book(), NODE)
    assert (kept.retention.recording_days, kept.retention.words_days, kept.retention.record_days) == (90, 365, 1825)


def test_days_that_contradict_each_other_are_refused() -> None:
    tenant = load_tenant(EXAMPLE).model_copy(
        update={"recording": Recording(keep_days=400), "retention": Retention(words_days=365)}
    )
    with pytest.raises(TenantInvalid, match="recording"):
        retention_of(tenant)
