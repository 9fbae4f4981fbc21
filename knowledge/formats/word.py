"""DOCX files: paragraphs, lists and tables in reading order.

A DOCX is a zip archive, so what it would unpack to is checked from its directory, and again while it unpacks, before
any of it is parsed. The XML is parsed without entities and nothing outside the archive is opened.

Refuses: the older .doc, macros, comments, tracked deletions, headers and footers.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table

from knowledge.blocks import Block, Heading, ListItem, Paragraph, Source, TableRow
from knowledge.errors import UnreadableDocument
from knowledge.limits import ReadLimits

_HEADING_STYLE: Final = re.compile(r"^(?:heading|제목)\s*(\d)$", re.I)
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SMALL_MEMBER: Final = 1_000_000
"""Bytes below which a member may grow as it likes."""


def read(data: bytes, name: str, limits: ReadLimits) -> Source:
    """The text of a DOCX. Raises ``UnreadableDocument`` for what is none, is over a limit or does not parse."""
    check_archive(data, name, limits)
    try:
        document = Document(io.BytesIO(data))
        blocks = tuple(_blocks(document))
        title = document.core_properties.title
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, TypeError, SyntaxError) as error:
        raise UnreadableDocument(f"{name} is a broken DOCX: {type(error).__name__}: {error}") from error
    return Source(blocks=blocks, title=title.strip() or None if title else None)


def check_archive(data: bytes, name: str, limits: ReadLimits) -> None:
    """Refuse an archive that is no DOCX, or that would unpack to more than ``limits`` allow."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "[Content_Types].xml" not in names or "word/document.xml" not in names:
                raise UnreadableDocument(f"{name} is an archive but no Word document; save it as DOCX")
            if len(members) > limits.members:
                raise UnreadableDocument(f"{name} has {len(members)} members, more than {limits.members}")
            left = limits.unpacked_bytes
            for member in members:
                left -= _unpacked(archive, member, name, left, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument(f"{name} is a broken or locked archive: {error}") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, left: int, limits: ReadLimits) -> int:
    """How many bytes a member really unpacks to; the directory may lie."""
    most = min(left, max(SMALL_MEMBER, member.compress_size * limits.ratio))
    total = 0
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 16):
            total += len(chunk)
            if total > most:
                raise UnreadableDocument(f"{name} unpacks to more than we take ({member.filename}); is it a bomb?")
    return total


def _blocks(document: Any) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from _table(part)
        else:
            yield from _paragraph(part)


def _paragraph(paragraph: Any) -> Iterator[Block]:
    lines = [" ".join(line.split()) for line in _shown(paragraph._p).split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        return
    style = paragraph.style.name if paragraph.style is not None else ""
    if heading := _HEADING_STYLE.match(style or ""):
        yield Heading(int(heading[1]), " ".join(lines))
    elif style == "Title":
        yield Heading(1, " ".join(lines))
    elif (depth := _list_depth(paragraph, style or "")) is not None:
        yield from (ListItem(depth, line) for line in lines)
    elif len(lines) == 1 and _all_bold(paragraph) and len(lines[0]) <= 60:
        yield Heading(6, lines[0])
    else:
        yield from (Paragraph(line) for line in lines)


def _shown(element: Any) -> str:
    """The text of runs, with links and insertions, without deletions, struck-through and hidden runs."""
    parts: list[str] = []
    for run in element.iter(f"{_W}r"):
        properties = run.find(f"{_W}rPr")
        if properties is not None and any(_on(properties.find(_W + mark)) for mark in ("strike", "dstrike", "vanish")):
            continue
        for child in run:
            if child.tag == f"{_W}t":
                parts.append(child.text or "")
            elif child.tag == f"{_W}tab":
                parts.append(" ")
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
    return "".join(parts)


def _on(mark: Any) -> bool:
    return mark is not None and mark.get(f"{_W}val") not in ("0", "false", "off")


def _list_depth(paragraph: Any, style: str) -> int | None:
    properties = paragraph._p.pPr
    numbering = properties.numPr if properties is not None else None
    if numbering is not None:
        level = numbering.ilvl
        return int(level.val) if level is not None else 0
    if style.startswith("List"):
        return int(style[-1]) - 1 if style[-1:].isdigit() else 0
    return None


def _all_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _table(table: Any) -> Iterator[Block]:
    grid = [[" ".join(_cell_text(cell).split()) for cell in row.cells] for row in table.rows]
    if not grid:
        return
    headers = grid[0]
    if len(grid) == 1 or len(set(headers)) == 1:
        headers, body = [""] * len(headers), grid
    else:
        body = grid[1:]
    for cells in body:
        if any(cells):
            filled = (cells + [""] * len(headers))[: len(headers)]
            yield TableRow(tuple(headers), tuple(filled))


def _cell_text(cell: Any) -> str:
    return " ".join(_shown(paragraph._p) for paragraph in cell.paragraphs)
