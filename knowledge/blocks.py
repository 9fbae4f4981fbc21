"""What every reader makes of a file: a flat run of blocks, whatever the format was.

It is the language between the process that parses files (which nobody trusts) and the one that keeps them, so it
goes over as JSON and is checked on arrival; pickles never come from there.

Refuses: knowing formats, passages or sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never

from knowledge.errors import UnreadableDocument


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 is the highest."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text without line breaks that mean anything."""

    text: str


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; ``depth`` 0 is the outermost."""

    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table with its column's headers. A header may be empty; both have the same length."""

    headers: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A question that the source itself asks and answers."""

    question: str
    answer: str
    topic: str = ""


Block = Heading | Paragraph | ListItem | TableRow | QuestionAnswer


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read. What it does not say of itself is ``None``."""

    blocks: tuple[Block, ...]
    title: str | None = None
    language: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    audience: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """How much text it holds."""
        return sum(len(words) for block in self.blocks for words in words_of(block))


def words_of(block: Block) -> tuple[str, ...]:
    """The texts in a block."""
    match block:
        case Heading(text=text) | Paragraph(text=text) | ListItem(text=text):
            return (text,)
        case TableRow(headers=headers, cells=cells):
            return (*headers, *cells)
        case QuestionAnswer(question=question, answer=answer, topic=topic):
            return (topic, question, answer)
        case _:
            assert_never(block)


def encode(source: Source) -> dict[str, Any]:
    """A source as plain JSON values."""
    return {
        "title": source.title,
        "language": source.language,
        "valid_from": source.valid_from.isoformat() if source.valid_from else None,
        "valid_until": source.valid_until.isoformat() if source.valid_until else None,
        "audience": list(source.audience),
        "channels": list(source.channels),
        "blocks": [_encode_block(block) for block in source.blocks],
    }


def decode(values: dict[str, Any]) -> Source:
    """The source that ``encode`` made. Raises ``UnreadableDocument`` for anything else."""
    try:
        return Source(
            blocks=tuple(_decode_block(block) for block in values["blocks"]),
            title=_text_or_none(values["title"]),
            language=_text_or_none(values["language"]),
            valid_from=_day(values["valid_from"]),
            valid_until=_day(values["valid_until"]),
            audience=tuple(map(str, values["audience"])),
            channels=tuple(map(str, values["channels"])),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableDocument(f"the reading process answered with something that is no source: {error}") from error


def _encode_block(block: Block) -> list[Any]:
    match block:
        case Heading(level=level, text=text):
            return ["heading", level, text]
        case Paragraph(text=text):
            return ["paragraph", text]
        case ListItem(depth=depth, text=text):
            return ["item", depth, text]
        case TableRow(headers=headers, cells=cells):
            return ["row", list(headers), list(cells)]
        case QuestionAnswer(question=question, answer=answer, topic=topic):
            return ["question", question, answer, topic]
        case _:
            assert_never(block)


def _decode_block(values: list[Any]) -> Block:
    match values:
        case ["heading", int(level), str(text)]:
            return Heading(level, text)
        case ["paragraph", str(text)]:
            return Paragraph(text)
        case ["item", int(depth), str(text)]:
            return ListItem(depth, text)
        case ["row", list(headers), list(cells)] if len(headers) == len(cells):
            return TableRow(tuple(map(str, headers)), tuple(map(str, cells)))
        case ["question", str(question), str(answer), str(topic)]:
            return QuestionAnswer(question, answer, topic)
        case _:
            raise ValueError(f"unknown block {str(values)[:80]}")


def _text_or_none(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{value!r} is no text")


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
