"""PDF files: the text that is in them, page by page.

A PDF knows glyphs on pages, not paragraphs. Lines that stand on most pages are running heads and go; wrapped lines are
joined; page numbers go. A file of pictures has no text: that is an error, since nobody would find what it says.

Refuses: reading pictures, guessing passwords, following links.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowledge.blocks import Source
from knowledge.errors import UnreadableDocument
from knowledge.formats import plain

RUNNING_SHARE: Final = 0.6
"""A first or last line that stands on more than this share of at least four pages is a running head."""
_PAGE_NUMBER: Final = re.compile(
    r"^[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?(?:\s*쪽|\s*페이지)?[-–—\s]*$", re.I
)
_ENDS: Final = re.compile(r"[.!?:。](?:[\"'”’)\]])*$")


def read(data: bytes, name: str, most_pages: int) -> Source:
    """The text of a PDF. Raises ``UnreadableDocument`` for one that is broken, locked, too long or without text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it describes every flaw of a file; one error is enough
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument(f"{name} is locked with a password; save it without one")
        if len(reader.pages) > most_pages:
            raise UnreadableDocument(f"{name} has {len(reader.pages)} pages, more than {most_pages}; split it")
        pages = [page.extract_text().splitlines() for page in reader.pages]
        title = reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, ZeroDivisionError) as error:
        raise UnreadableDocument(f"{name} is a broken PDF: {type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise UnreadableDocument(f"{name} is a broken PDF: its objects refer to each other without end") from error
    if not any(line.strip() for page in pages for line in page):
        raise UnreadableDocument(f"{name} holds no text (scanned pictures?); run text recognition on it first")
    lines = _unwrapped(_without_running_heads(pages))
    return Source(blocks=tuple(plain.from_lines(lines)), title=title.strip() or None if title else None)


def _without_running_heads(pages: Sequence[Sequence[str]]) -> list[str]:
    """Sentences are never running heads, however often they stand at an edge."""

    def shape(line: str) -> str:
        return re.sub(r"\d+", "#", " ".join(line.split()))

    edges = Counter(mark for page in pages for mark in {shape(line) for line in (*_edge(page), *_edge(page[::-1]))})
    running = {
        mark
        for mark, count in edges.items()
        if len(pages) >= 4 and count > len(pages) * RUNNING_SHARE and not _ENDS.search(mark)
    }
    return [
        line
        for page in pages
        for line in page
        if shape(line) not in running and not _PAGE_NUMBER.match(line.strip() or "x")
    ]


def _edge(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip()][:2]


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """Blank lines where a paragraph seems to end: the line stops short of the margin behind a closing mark."""
    margin = max((len(line.rstrip()) for line in lines), default=0)
    out: list[str] = []
    for line in lines:
        bare = line.rstrip()
        if out and out[-1].endswith("-") and bare[:1].islower() and out[-1][-2:-1].isalpha():
            out[-1] = out[-1][:-1] + bare.lstrip()
        else:
            out.append(bare)
        if _ENDS.search(bare) and len(bare) < 0.8 * margin:
            out.append("")
    return out
