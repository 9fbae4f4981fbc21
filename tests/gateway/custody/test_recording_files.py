from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.custody.errors import CustodyError
from gateway.custody.recording_files import RecordingFiles
from gateway.session.errors import NameRefused

DAY = date(2026, 11, 1)


async def test_a_recording_is_found_by_name_whatever_its_kind(tmp_path: Path) -> None:
    day = tmp_path / "shop" / "2026-11-01"
    day.mkdir(parents=True)
    for name in ("c1.wav", "c1.sealed", "c12.wav"):
        (day / name).write_bytes(b"sound")
    files = RecordingFiles(tmp_path)
    assert await files.delete("shop", "c1", DAY) == 2
    assert await files.delete("shop", "c1", DAY) == 0
    assert [path.name for path in day.iterdir()] == ["c12.wav"]


async def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(NameRefused):
        await RecordingFiles(tmp_path).delete("shop", "../c1", DAY)


async def test_what_cannot_be_deleted_is_said(tmp_path: Path) -> None:
    (tmp_path / "shop" / "2026-11-01" / "c1.wav").mkdir(parents=True)  # a folder in a recording's place
    with pytest.raises(CustodyError, match="cannot be deleted"):
        await RecordingFiles(tmp_path).delete("shop", "c1", DAY)
