"""Lines of text without markup: .txt files, and what a PDF leaves over.

Writers of plain text show structure by blank lines, marks and numbers; only the plain signs are taken at their word.

Refuses: joining what a blank line parts; guessing a heading where a sentence ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from knowledge.blocks import Block, Heading, ListItem, Paragraph

_BULLET: Final = re.compile(r"^(\s*)(?:[-*•·∙▪▸►▶○●◦‣※✓✔]|\d{1,2}[.)]|[①-⑳]|[가-하][.)])\s*(?=\S)")
_MARKED_HEADING: Final = re.compile(r"^(?:#{1,6}\s+(?P<hash>.+)|[■□▣◆◇★☆]\s*(?P<mark>.+)|\[(?P<box>[^\]]{1,60})\])\s*$")
_ARTICLE: Final = re.compile(r"^(제\s*\d+\s*[조장절](?:의\s*\d+)?\s*(?:[(\[（【][^)\]）】]{1,60}[)\]）】])?)\s*(.*)$")
_UNDERLINE: Final = re.compile(r"^\s*(={3,}|-{3,})\s*$")
_CLOSED: Final = re.compile(r"[.!?…:;,。](?:[\"'”’)\]])*$")
LONGEST_HEADING: Final = 60


def read(text: str) -> list[Block]:
    """The blocks of a plain text."""
    return list(from_lines(text.splitlines()))


def from_lines(lines: Sequence[str]) -> Iterator[Block]:
    """The blocks of lines whose groups are parted by blank ones."""
    for group, alone in _groups(lines):
        yield from _group(group, alone)


def _groups(lines: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """Runs of lines, and whether something follows them (a last line is no heading)."""
    group: list[str] = []
    pending: list[str] | None = None
    for line in [*lines, ""]:
        if line.strip():
            group.append(line.rstrip())
        elif group:
            if pending is not None:
                yield pending, True
            pending, group = group, []
    if pending is not None:
        yield pending, False


def _group(group: list[str], followed: bool) -> Iterator[Block]:
    paragraph: list[str] = []
    item: tuple[int, list[str]] | None = None

    def flush() -> Iterator[Block]:
        nonlocal item
        if paragraph:
            yield Paragraph(" ".join(paragraph))
            paragraph.clear()
        if item is not None:
            yield ListItem(item[0], " ".join(item[1]))
            item = None

    for index, line in enumerate(group):
        bare = line.strip()
        if _UNDERLINE.match(line):
            if len(paragraph) == 1 and not item:
                yield Heading(1 if "=" in line else 2, paragraph.pop())
            continue
        if heading := _heading(bare, alone=len(group) == 1 and followed):
            yield from flush()
            yield from heading
        elif bullet := _BULLET.match(line):
            yield from flush()
            item = (min(len(bullet[1].expandtabs(4)) // 2, 5), [line[bullet.end() :].strip()])
        elif item is not None and (line[:1].isspace() or not index or not _CLOSED.search(item[1][-1])):
            item[1].append(bare)
        else:
            if item is not None:
                yield from flush()
            paragraph.append(bare)
    yield from flush()


def _heading(line: str, *, alone: bool) -> list[Block]:
    if marked := _MARKED_HEADING.match(line):
        return [Heading(2, next(part for part in marked.groups() if part).strip())]
    if article := _ARTICLE.match(line):
        rest = article[2].strip()
        if rest and not article[1].rstrip().endswith((")", "]", "）", "】")):
            return []  # "제3조에 따라 …" runs on: it is a sentence that mentions an article
        return [Heading(3, article[1].strip()), *([Paragraph(rest)] if rest else [])]
    if alone and len(line) <= LONGEST_HEADING and not _BULLET.match(line):
        asks = line.endswith(("?", "？"))
        if asks or not _CLOSED.search(line):
            return [Heading(2, line)]
    return []
