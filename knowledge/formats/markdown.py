"""Markdown: CommonMark with tables and struck-through text.

Struck-through text is dropped: what a writer has crossed out must not be told to a caller. Raw HTML inside is read as
HTML.

Refuses: front matter (the reader in front takes it off), links' targets, images but for their description.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.blocks import Block, Heading, ListItem, Paragraph, TableRow
from knowledge.formats import web


def read(text: str) -> list[Block]:
    """The blocks of a Markdown text."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return list(_Walk(parser.parse(text)).blocks())


class _Walk:
    """Goes once over the flat run of tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._depth = 0
        self._headers: list[str] = []
        self._cells: list[str] = []
        self._in_head = False

    def blocks(self) -> Iterator[Block]:
        for index, token in enumerate(self._tokens):
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self._depth += 1
                case "bullet_list_close" | "ordered_list_close":
                    self._depth -= 1
                case "thead_open":
                    self._in_head = True
                case "thead_close":
                    self._in_head = False
                    self._headers, self._cells = self._cells, []
                case "tr_close" if not self._in_head:
                    yield TableRow(tuple(self._headers), tuple(self._cells))
                    self._cells = []
                case "fence" | "code_block":
                    yield from (Paragraph(line.strip()) for line in token.content.splitlines() if line.strip())
                case "html_block":
                    yield from web.fragment(token.content)
                case "inline":
                    yield from self._inline(self._tokens[index - 1], token)

    def _inline(self, opening: Token, token: Token) -> Iterator[Block]:
        lines = spoken_lines(token.children or [])
        match opening.type:
            case "heading_open":
                if heading := " ".join(lines):
                    yield Heading(int(opening.tag[1]), heading)
            case "th_open" | "td_open":
                self._cells.append(" ".join(lines))
            case _ if self._depth:
                yield from (ListItem(self._depth - 1, line) for line in lines)
            case _ if len(lines) == 1 and _all_strong(token.children or []):
                yield Heading(6, lines[0])
            case _:
                yield from (Paragraph(line) for line in lines)


def spoken_lines(children: Sequence[Token]) -> list[str]:
    """The words of inline tokens, one entry per hard line break."""
    lines = [""]
    struck = 0
    for child in children:
        match child.type:
            case "s_open":
                struck += 1
            case "s_close":
                struck -= 1
            case _ if struck:
                continue
            case "text" | "code_inline":
                lines[-1] += child.content
            case "image":
                lines[-1] += child.content
            case "softbreak":
                lines[-1] += " "
            case "hardbreak":
                lines.append("")
            case "html_inline" if child.content.lower().startswith("<br"):
                lines.append("")
    return [" ".join(line.split()) for line in lines if line.strip()]


def _all_strong(children: Sequence[Token]) -> bool:
    """Whether a paragraph is one bold run: how many writers make a heading."""
    shown = [child for child in children if child.type != "text" or child.content.strip()]
    return (
        len(shown) >= 3
        and shown[0].type == "strong_open"
        and shown[-1].type == "strong_close"
        and (sum(child.type == "strong_open" for child in shown) == 1)
    )
