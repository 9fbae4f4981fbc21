"""HTML pages: the words a visitor reads, without the frame around them.

Nothing is fetched, no script runs. Navigation, headers, footers, forms and hidden parts are left out, because an
answer must not come from a menu.

Refuses: decoding bytes (the reader in front does), styles and positions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.blocks import Block, Heading, ListItem, Paragraph, QuestionAnswer, TableRow

DEEPEST: Final = 150
"""Levels of nesting that are walked; what lies deeper is taken as plain words."""
WIDEST_SPAN: Final = 50
MOST_ROWS: Final = 20_000

_FRAME: Final = frozenset({"nav", "header", "footer", "aside"})
_NEVER: Final = frozenset(
    "script style noscript template head svg canvas iframe object embed form button select option textarea input"
    " audio video map dialog del s strike".split()
)
_BREAKS: Final = frozenset(
    "p div section article main ul ol dl dt dd li table h1 h2 h3 h4 h5 h6 blockquote pre br hr details summary figure"
    " figcaption address body html header footer center fieldset legend caption td th tr".split()
)
_HEADING: Final = re.compile(r"h([1-6])$")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and what its head says of it (lower-case names of ``meta``)."""

    blocks: list[Block]
    title: str | None
    language: str | None
    meta: dict[str, str]


def read(html: str) -> Page:
    """A whole page."""
    tree = LexborHTMLParser(html)
    root = tree.css_first("main") or tree.css_first("article") or tree.body or tree.root
    title = tree.css_first("title")
    head = tree.css_first("html")
    language = (head.attributes.get("lang") or "")[:2].lower() if head is not None else ""
    meta = {
        (node.attributes.get("name") or "").lower(): (node.attributes.get("content") or "").strip()
        for node in tree.css("meta[name]")
    }
    whole = root is not None and root.tag in {"main", "article"}
    return Page(
        blocks=_Walk(skip_frame=not whole).of(root) if root is not None else [],
        title=_words(title) or None if title is not None else None,
        language=language or None,
        meta=meta,
    )


def fragment(html: str) -> list[Block]:
    """A piece of HTML inside something else."""
    root = LexborHTMLParser(html).body
    return _Walk(skip_frame=False).of(root) if root is not None else []


class _Walk:
    """Collects blocks in the order in which they are read."""

    def __init__(self, *, skip_frame: bool) -> None:
        self._skip_frame = skip_frame
        self._blocks: list[Block] = []
        self._line: list[str] = []
        self._lists = 0
        self._term = ""

    def of(self, root: LexborNode) -> list[Block]:
        self._children(root, 0)
        self._flush()
        return self._blocks

    def _children(self, node: LexborNode, depth: int) -> None:
        child = node.child
        while child is not None:
            self._node(child, depth + 1)
            child = child.next

    def _node(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._line.append(node.text(deep=False) or "")
            return
        if tag.startswith("-") or tag in _NEVER or _hidden(node) or (self._skip_frame and tag in _FRAME):
            return
        if depth >= DEEPEST:
            self._line.append(node.text(deep=True, separator=" "))
            return
        if tag not in _BREAKS:
            if tag == "img":
                self._line.append(node.attributes.get("alt") or "")
            self._children(node, depth)
            return
        self._flush()
        self._block(tag, node, depth)
        self._flush()

    def _block(self, tag: str, node: LexborNode, depth: int) -> None:
        if found := _HEADING.match(tag):
            self._add_heading(int(found[1]), _words(node))
        elif tag == "summary":
            self._add_heading(5, _words(node))
        elif tag in {"ul", "ol"}:
            self._lists += 1
            self._children(node, depth)
            self._flush()
            self._lists -= 1
        elif tag == "details" and (entry := _disclosure(node)) is not None:
            self._blocks.append(entry)
        elif tag == "dt":
            self._term = _words(node)
        elif tag == "dd":
            self._definition(_words(node))
        elif tag == "table" and not node.css("table table, h1, h2, h3, h4, ul, ol"):
            self._blocks.extend(_table(node))
        else:
            self._children(node, depth)

    def _add_heading(self, level: int, text: str) -> None:
        if text:
            self._blocks.append(Heading(level, text))

    def _definition(self, text: str) -> None:
        if not text:
            return
        if self._term.endswith(("?", "？")):
            self._blocks.append(QuestionAnswer(self._term, text))
        elif self._term:
            self._blocks.append(TableRow((self._term,), (text,)))
        else:
            self._blocks.append(Paragraph(text))

    def _flush(self) -> None:
        text = " ".join("".join(self._line).split())
        self._line.clear()
        if text:
            self._blocks.append(ListItem(self._lists - 1, text) if self._lists else Paragraph(text))


def _disclosure(details: LexborNode) -> QuestionAnswer | None:
    """A fold-out entry of a list of questions; ``None`` when it holds more than words."""
    summary = details.css_first("summary")
    if summary is None or details.css("ul, ol, table, details details"):
        return None
    question, whole = _words(summary), _words(details)
    answer = whole.removeprefix(question).strip()
    return QuestionAnswer(question, answer) if question and answer else None


def _table(table: LexborNode) -> list[Block]:
    grid, heads = _grid(table)
    if not grid:
        return []
    caption = table.css_first("caption")
    blocks: list[Block] = [Paragraph(_words(caption))] if caption is not None and _words(caption) else []
    width = max(map(len, grid))
    headers = [""] * width
    body = list(zip(grid, heads, strict=True))
    if all(heads[0]) or _looks_like_headers(grid, heads):
        headers, body = grid[0] + [""] * (width - len(grid[0])), body[1:]
    for cells, head in body:
        if not any(cells):
            continue
        if not any(headers) and head and head[0] and not any(head[1:]) and len(cells) > 1:
            blocks.append(TableRow((cells[0],), (" ".join(filter(None, cells[1:])),)))
        else:
            blocks.append(TableRow(tuple(headers), tuple(cells + [""] * (width - len(cells)))))
    return blocks


def _looks_like_headers(grid: list[list[str]], heads: list[list[bool]]) -> bool:
    """A first row of short words above rows with figures or longer text is a header that was not marked as one."""
    if any(any(row) for row in heads) or len(grid) < 2 or len(grid[0]) < 2:
        return False
    first = grid[0]
    return all(cell and len(cell) <= 30 and not any(map(str.isdigit, cell)) for cell in first)


def _grid(table: LexborNode) -> tuple[list[list[str]], list[list[bool]]]:
    """Cells with their spans written out, and which of them are header cells."""
    texts: list[list[str]] = []
    heads: list[list[bool]] = []
    hanging: dict[int, tuple[int, str, bool]] = {}
    for row in table.css("tr")[:MOST_ROWS]:
        line: list[str] = []
        marks: list[bool] = []
        cells = [cell for cell in row.css("th, td") if not _hidden(cell)]
        while cells or len(line) in hanging:
            if (hung := hanging.pop(len(line), None)) is not None:
                left, text, mark = hung
                if left > 1:
                    hanging[len(line)] = (left - 1, text, mark)
                line.append(text)
                marks.append(mark)
                continue
            cell = cells.pop(0)
            text, mark = _words(cell), cell.tag == "th"
            down = _span(cell, "rowspan")
            for _ in range(_span(cell, "colspan")):
                if down > 1:
                    hanging[len(line)] = (down - 1, text, mark)
                line.append(text)
                marks.append(mark)
        if line:
            texts.append(line)
            heads.append(marks)
    return texts, heads


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), WIDEST_SPAN) if value.isdigit() else 1


def _words(node: LexborNode) -> str:
    """The words in a node, with spaces where blocks meet and without what is crossed out or hidden."""
    parts: list[str] = []

    def gather(inner: LexborNode, depth: int) -> None:
        child = inner.child
        while child is not None:
            tag = child.tag or ""
            if tag == "-text":
                parts.append(child.text(deep=False) or "")
            elif not tag.startswith("-") and tag not in _NEVER and not _hidden(child):
                gap = " " if tag in _BREAKS else ""
                parts.append(gap)
                if depth < DEEPEST:
                    gather(child, depth + 1)
                else:
                    parts.append(child.text(deep=True, separator=" "))
                parts.append(gap)
            child = child.next

    gather(node, 0)
    return " ".join("".join(parts).split())


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style
