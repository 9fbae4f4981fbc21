from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dialog.errors import ReleaseInvalid, ReleaseUnknown
from dialog.releases.content import name_of
from dialog.releases.store import ReleaseStore
from gateway.releases import models_in_use, read_folder, released
from infra.storage.database import Database
from tests.house import small_tenant

TENANT = "hanbit-store"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_tenant(tmp_path, ("ko/delivery/standard-delivery.md",))


async def test_a_label_is_served_and_not_what_lies_in_the_folder_now(
    folder: Path, tmp_path: Path, database: Database
) -> None:
    await database.enter_tenant(TENANT)
    store = ReleaseStore(database, TENANT)
    name = await store.add(read_folder(folder), "first")
    await store.promote(name, "prod", by="an operator")
    (folder / "knowledge" / "ko" / "delivery" / "standard-delivery.md").write_text("# 다른 말\n", encoding="utf-8")
    [served] = await released(database, [folder], "prod", tmp_path / "data")
    assert name_of(served) == name
    assert "다른 말" not in (served / "knowledge/ko/delivery/standard-delivery.md").read_text("utf-8")
    assert read_folder(served).manifest.id == name


async def test_a_label_that_is_not_there_stops_the_start(folder: Path, tmp_path: Path, database: Database) -> None:
    await database.enter_tenant(TENANT)
    with pytest.raises(ReleaseUnknown):
        await released(database, [folder], "nowhere", tmp_path / "data")


async def test_a_release_for_another_model_is_not_served(
    folder: Path, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.enter_tenant(TENANT)
    store = ReleaseStore(database, TENANT)
    await store.promote(await store.add(read_folder(folder), ""), "other", by="an operator")
    monkeypatch.setenv("AICC_LLM_ENGINE", "openai")
    monkeypatch.setenv("AICC_LLM_MODEL", "small-one")
    with pytest.raises(ReleaseInvalid, match="openai:small-one"):
        await released(database, [folder], "other", tmp_path / "data")


def test_models_are_named_by_what_decides_their_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert models_in_use()["embedding"] == "built-in"
    assert "language" not in models_in_use()
    monkeypatch.setenv("AICC_LLM_ENGINE", "ctranslate2")
    monkeypatch.setenv("AICC_LLM_FOLDER", "/models/compact")
    assert models_in_use()["language"] == "ctranslate2:compact:int8"


def test_calls_and_services_of_the_example_are_no_part_of_it(folder: Path) -> None:
    before = read_folder(folder).manifest.id
    (folder / "calls").mkdir()
    shutil.copy(folder / "tenant.yaml", folder / "calls" / "extra.yaml")
    assert read_folder(folder).manifest.id == before
