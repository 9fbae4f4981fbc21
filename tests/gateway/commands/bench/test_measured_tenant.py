from __future__ import annotations

from pathlib import Path

from gateway.commands.bench.measured_tenant import DOCUMENTS, measured_tenant
from tests.house import EXAMPLE


def test_the_callers_are_the_examples_own_and_the_recognizer_hears_what_they_say(tmp_path: Path) -> None:
    tenant = measured_tenant(EXAMPLE, tmp_path)
    assert tenant.number == "+18005550100"
    assert all(path.is_file() for path in tenant.recordings)
    heard = tenant.scripted()["AICC_STT_SCRIPT"].split("|")
    assert heard[: len(tenant.texts)] == list(tenant.texts)
    assert len(heard) >= 200
    assert len(tenant.texts) == len(tenant.recordings) >= 5


def test_only_the_documents_that_are_asked_for_are_served_and_copied_once(tmp_path: Path) -> None:
    tenant = measured_tenant(EXAMPLE, tmp_path)
    served = sorted(path.relative_to(tenant.folder / "knowledge").as_posix() for path in tenant.folder.rglob("en/*/*"))
    assert served == sorted(DOCUMENTS)
    (tenant.folder / "mine").touch()
    assert (measured_tenant(EXAMPLE, tmp_path).folder / "mine").exists()
