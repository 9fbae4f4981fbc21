from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.blocks import Paragraph
from knowledge.errors import UnreadableDocument
from knowledge.limits import ReadLimits
from knowledge.reading import Reading
from tests.knowledge.formats.pdfs import pdf


def test_every_kind_of_file_is_read_and_a_broken_one_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("배송은 이틀 걸립니다.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (tmp_path / "b.pdf").write_bytes(pdf([["Two days."]]))
    with Reading(ReadLimits()) as reading:
        assert reading.read(tmp_path / "a.txt", "a.txt").blocks == (Paragraph("배송은 이틀 걸립니다."),)
        with pytest.raises(UnreadableDocument, match=r"broken\.pdf"):
            reading.read(tmp_path / "broken.pdf", "broken.pdf")
        assert reading.read(tmp_path / "b.pdf", "b.pdf").blocks == (Paragraph("Two days."),)


def test_processor_time_is_limited_per_file(tmp_path: Path) -> None:
    (tmp_path / "heavy.md").write_text("| a | b |\n|---|---|\n" + "| x | y |\n" * 190_000)
    (tmp_path / "a.txt").write_text("Two days.")
    with Reading(ReadLimits(cpu_seconds=1)) as reading:
        with pytest.raises(UnreadableDocument, match="processor time"):
            reading.read(tmp_path / "heavy.md", "heavy.md")
        assert reading.read(tmp_path / "a.txt", "a.txt").blocks == (Paragraph("Two days."),)


def test_memory_is_limited(tmp_path: Path) -> None:
    (tmp_path / "large.html").write_text("<p>" + "<b>x</b>" * 1_500_000)
    with (
        Reading(ReadLimits(memory_bytes=330_000_000)) as reading,
        pytest.raises(UnreadableDocument, match=r"large\.html"),
    ):
        reading.read(tmp_path / "large.html", "large.html")
