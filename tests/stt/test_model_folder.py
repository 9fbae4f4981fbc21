from __future__ import annotations

from pathlib import Path

import pytest

from stt.model_folder import CURRENT, GENERIC, REPORT, TenantNameUnusable, current_model, make_current, tenant_directory


def built(directory: Path, name: str) -> Path:
    folder = directory / name
    folder.mkdir(parents=True)
    (folder / REPORT).write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize("tenant", ["hanbit-store", "a", "Tenant_7", "한빛", "x" * 100])
def test_a_tenant_has_a_folder_of_its_own(tmp_path: Path, tenant: str) -> None:
    assert tenant_directory(tmp_path, tenant) == tmp_path / tenant


@pytest.mark.parametrize("tenant", ["", "..", "../other", "a/b", "/etc", ".hidden", "-rf", GENERIC, "a b", "x" * 101])
def test_a_name_that_would_lead_elsewhere_is_refused(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(TenantNameUnusable, match="cannot name a folder"):
        tenant_directory(tmp_path, tenant)


def test_there_is_no_current_model_before_the_first_build(tmp_path: Path) -> None:
    assert current_model(tmp_path) is None
    assert current_model(tmp_path / "nowhere") is None


def test_the_pointer_names_the_current_build(tmp_path: Path) -> None:
    first = built(tmp_path, "en-1")
    make_current(tmp_path, first)
    assert current_model(tmp_path) == first
    second = built(tmp_path, "en-2")
    assert current_model(tmp_path) == first, "a build that nobody switched to is not in use"
    make_current(tmp_path, second)
    assert current_model(tmp_path) == second


def test_a_build_without_its_report_is_not_finished(tmp_path: Path) -> None:
    folder = built(tmp_path, "en-1")
    make_current(tmp_path, folder)
    (folder / REPORT).unlink()
    assert current_model(tmp_path) is None


def test_the_build_before_the_current_one_stays_and_older_ones_go(tmp_path: Path) -> None:
    folders = []
    for number in range(3):
        folders.append(built(tmp_path, f"en-{number}"))
        make_current(tmp_path, folders[-1])
    assert [folder.exists() for folder in folders] == [False, True, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == [CURRENT, "en-1", "en-2"]


def test_switching_to_the_current_build_again_keeps_it(tmp_path: Path) -> None:
    folder = built(tmp_path, "en-1")
    make_current(tmp_path, folder)
    make_current(tmp_path, folder)
    assert current_model(tmp_path) == folder


def test_a_pointer_that_is_damaged_names_no_model(tmp_path: Path) -> None:
    (tmp_path / CURRENT).write_bytes(b"\xff\xfe")
    assert current_model(tmp_path) is None
