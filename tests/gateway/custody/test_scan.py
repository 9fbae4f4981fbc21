from __future__ import annotations

from pathlib import Path

import pytest

from gateway.custody import scan
from gateway.custody.scan import Trace, scan_files, scan_tables
from infra.storage.database import Database
from tests.gateway.custody.archive import NEEDLE, open_archive


def test_a_string_is_found_in_files_as_it_is_and_as_json_writes_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text("x 김철수 y", encoding="utf-8")
    (tmp_path / "export.json").write_text('{"name": "\\uae40\\ucca0\\uc218"}')
    (tmp_path / "other").write_bytes(b"\x00nothing\xff")
    assert sorted(scan_files(tmp_path, ["absent", "김철수 "[:3] + " y"]), key=lambda t: t.where) == [
        Trace(str(tmp_path / "deep" / "log"), 1)
    ]
    assert {Path(trace.where).name for trace in scan_files(tmp_path, ["0000", "김철수 y"])} == {"log"}
    (tmp_path / "export.json").write_text('{"name": "\\uae40\\ucca0\\uc218\\uc528"}')
    assert [Path(trace.where).name for trace in scan_files(tmp_path, ["김철수씨"])] == ["export.json"]


def test_a_string_that_falls_between_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "BLOCK", 10)
    (tmp_path / "f").write_bytes(b"1234567" + b"needle" + b"890")
    assert scan_files(tmp_path, ["needle"]) == [Trace(str(tmp_path / "f"), 0)]


def test_what_would_be_found_by_chance_is_not_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="by chance"):
        scan_files(tmp_path, ["needle", "ab"])


async def test_a_string_is_found_in_the_tables_of_its_tenant_alone(database: Database) -> None:
    archive, stranger = await open_archive(database), await open_archive(database)
    call = await archive.call()
    await archive.handoff(call)
    found = await scan_tables(database, archive.tenant, ["absent", NEEDLE])
    assert {trace.where for trace in found} >= {"public.contact_events", "public.handoffs"}
    assert {trace.needle for trace in found} == {1}
    assert await scan_tables(database, stranger.tenant, [NEEDLE]) == []
