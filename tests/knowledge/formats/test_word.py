from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest

from knowledge.blocks import Heading, ListItem, Paragraph, TableRow
from knowledge.errors import UnreadableDocument
from knowledge.formats import word
from knowledge.limits import ReadLimits


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_structure_comes_out_in_reading_order() -> None:
    document = docx.Document()
    document.core_properties.title = "수리 안내"
    document.add_heading("접수", 1)
    document.add_paragraph("전화로 접수합니다.")
    document.add_paragraph("서울", style="List Bullet")
    document.add_paragraph("강남", style="List Bullet 2")
    table = document.add_table(2, 2)
    for at, text in enumerate(("지역", "기간", "제주", "7일")):
        table.cell(at // 2, at % 2).text = text
    document.add_paragraph().add_run("비용").bold = True
    document.add_paragraph("무료입니다.")
    source = word.read(saved(document), "f.docx", ReadLimits())
    assert source.title == "수리 안내"
    assert source.blocks == (
        Heading(1, "접수"),
        Paragraph("전화로 접수합니다."),
        ListItem(0, "서울"),
        ListItem(1, "강남"),
        TableRow(("지역", "기간"), ("제주", "7일")),
        Heading(6, "비용"),
        Paragraph("무료입니다."),
    )


def test_struck_through_and_hidden_words_are_not_told() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Now ")
    paragraph.add_run("5 ").font.strike = True
    paragraph.add_run("4 ").font.hidden = True
    paragraph.add_run("3 won.")
    assert word.read(saved(document), "f.docx", ReadLimits()).blocks == (Paragraph("Now 3 won."),)


def test_what_would_unpack_to_too_much_is_refused_before_it_is_parsed() -> None:
    bomb = archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"0" * 30_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(UnreadableDocument, match="bomb"):
        word.read(bomb, "bomb.docx", ReadLimits())
    with pytest.raises(UnreadableDocument, match="bomb"):
        word.read(bomb, "bomb.docx", ReadLimits(ratio=10_000, unpacked_bytes=20_000_000))


def test_too_many_members_are_refused() -> None:
    members = {"[Content_Types].xml": b"", "word/document.xml": b""} | {f"m{n}": b"" for n in range(50)}
    with pytest.raises(UnreadableDocument, match="members"):
        word.read(archive(members), "f.docx", ReadLimits(members=20))


def test_another_kind_of_archive_and_a_broken_one_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="no Word document"):
        word.read(archive({"xl/workbook.xml": b""}), "f.docx", ReadLimits())
    with pytest.raises(UnreadableDocument, match="broken"):
        word.read(b"PK\x03\x04 nothing", "f.docx", ReadLimits())


def test_entities_are_not_resolved(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    good = zipfile.ZipFile(io.BytesIO(saved(docx.Document())))
    members = {name: good.read(name) for name in good.namelist()}
    members["word/document.xml"] = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file://{secret}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>seen: &e;</w:t></w:r></w:p></w:body></w:document>"
    ).encode()
    try:
        blocks = word.read(archive(members), "f.docx", ReadLimits()).blocks
    except UnreadableDocument:
        return
    assert "SECRET" not in str(blocks)
