from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dialog.errors import ReleaseInvalid
from dialog.releases.content import NAMEPLATE, Content, difference, lay_out, name_of, read_content, read_manifest

MODELS = {"embedding": "built-in"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for name, text in {
        "tenant.yaml": "id: shop\n",
        "knowledge/ko/배송.md": "# 배송\n\n이틀 걸립니다.\n",
        "calls/demo.yaml": "never released",
        "services/orders.py": "never released",
        ".git/config": "never released",
        "knowledge/__pycache__/x.pyc": "never released",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def content(folder: Path) -> Content:
    return read_content(folder, "shop", MODELS)


def test_a_release_holds_what_decides_and_nothing_else(folder: Path) -> None:
    assert set(content(folder).manifest.files) == {"tenant.yaml", "knowledge/ko/배송.md"}


def test_the_same_content_has_the_same_name_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    first = content(folder)
    lay_out(first, tmp_path / "elsewhere")
    assert name_of(tmp_path / "elsewhere") == first.manifest.id == content(tmp_path / "elsewhere").manifest.id
    assert name_of(folder) is None


@pytest.mark.parametrize("change", ["file", "name", "model", "tenant"])
def test_whatever_changes_gives_another_name(folder: Path, change: str) -> None:
    before = content(folder).manifest
    after = before
    match change:
        case "file":
            (folder / "tenant.yaml").write_text("id: shop # more\n")
            after = content(folder).manifest
        case "name":
            (folder / "tenant.yaml").rename(folder / "other.yaml")
            (folder / "tenant.yaml").write_text("")
            after = content(folder).manifest
        case "model":
            after = replace(before, models={"embedding": "another"})
        case "tenant":
            after = replace(before, tenant="market")
    assert after.id != before.id


def test_a_newer_release_takes_the_place_of_an_older_one_whole(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "releases" / "shop"
    lay_out(content(folder), target)
    (folder / "knowledge/ko/배송.md").rename(folder / "knowledge/ko/교환.md")
    lay_out(content(folder), target)
    assert sorted(path.name for path in target.rglob("*") if path.is_file()) == [NAMEPLATE, "tenant.yaml", "교환.md"]
    assert [path.name for path in target.parent.iterdir()] == ["shop"]


def test_what_is_not_what_its_digest_says_is_not_laid_out(folder: Path, tmp_path: Path) -> None:
    good = content(folder)
    bad = Content(good.manifest, {digest: blob + b"!" for digest, blob in good.blobs.items()})
    with pytest.raises(ReleaseInvalid, match="not what its digest says"):
        lay_out(bad, tmp_path / "bad")
    assert not (tmp_path / "bad").exists()


def test_links_and_what_is_too_large_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "knowledge" / "all").symlink_to("/etc")
    with pytest.raises(ReleaseInvalid, match="is a link"):
        content(folder)
    (folder / "knowledge" / "all").unlink()
    monkeypatch.setattr("dialog.releases.content.LARGEST_FILE", 10)
    with pytest.raises(ReleaseInvalid, match="does not fit"):
        content(folder)


def test_a_folder_without_a_tenant_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReleaseInvalid, match=r"no tenant\.yaml"):
        content(tmp_path)


@pytest.mark.parametrize(
    "shape", [{}, {"schema": 2}, {"schema": 1, "tenant": "shop", "files": {"../x": "0"}, "models": {}}]
)
def test_what_is_no_manifest_is_refused(shape: dict[str, object]) -> None:
    with pytest.raises(ReleaseInvalid):
        read_manifest(shape)


def test_a_manifest_survives_its_json(folder: Path) -> None:
    manifest = content(folder).manifest
    assert read_manifest(json.loads(manifest.as_json())) == manifest


def test_a_difference_names_models_files_and_lines(folder: Path) -> None:
    old = content(folder)
    (folder / "knowledge/ko/배송.md").write_text("# 배송\n\n사흘 걸립니다.\n", encoding="utf-8")
    (folder / "knowledge" / "map.png").write_bytes(b"\x89PNG\xff")
    new = read_content(folder, "shop", {"embedding": "another"})
    lines = list(difference(old, new))
    assert lines[0] == "model embedding: built-in -> another"
    assert "-이틀 걸립니다." in lines
    assert "+사흘 걸립니다." in lines
    assert any(line.startswith("+(not text, sha256") for line in lines)
    assert not list(difference(new, new))
