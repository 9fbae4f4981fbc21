"""Cuts a source into passages along its own structure.

A passage must be able to answer a question by itself: it stays under one heading, keeps the way from the title down to
it, and takes whole sentences, list items and table rows. A row is written out with its headers ("Region: Jeju, Fee:
6,000 won") so that it is a sentence that can be spoken. A list that is cut keeps the line that announced it.

Ids are the document's id and a hash of the words, so a passage that did not change keeps its id through re-ingestion.

Refuses: files, clocks and models; merging what stands under different headings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, assert_never

from knowledge.blocks import Block, Heading, ListItem, Paragraph, QuestionAnswer, Source, TableRow, words_of
from knowledge.document import Document, Passage
from knowledge.language import detect
from knowledge.sentences import split

VERSION: Final = 2
"""Raise it when the same source would be cut differently: everything is then ingested anew."""

KOREAN_WEIGHT: Final = 1.6
"""A Korean word (eojeol) carries its particles with it: about as much as this many English words."""
COMFORTABLE: Final = 0.5
"""Share of the longest size from which a passage is long enough to end at a paragraph's end."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a sentence, a list item, a row. ``lead`` announced the list it belongs to."""

    sentence: str
    lead: str | None = None
    ends_paragraph: bool = False


@dataclass(slots=True)
class _Section:
    """What stands under one heading."""

    headings: tuple[str, ...]
    question: str | None = None
    units: list[_Unit] = field(default_factory=list)


def cut(source: Source, document: Document, longest: int = 120) -> tuple[Passage, ...]:
    """The passages of a source, in order. ``longest`` is in English words; a single sentence may be longer."""
    passages: list[Passage] = []
    used: dict[str, int] = {}
    for section in _sections(source.blocks, document):
        for sentences in _packed(section.units, longest):
            key = _hash(section.headings, section.question, sentences)
            used[key] = used.get(key, 0) + 1
            suffix = f"-{used[key]}" if used[key] > 1 else ""
            passages.append(
                Passage(
                    id=f"{document.id}#{key}{suffix}",
                    document=document,
                    ordinal=len(passages),
                    headings=section.headings,
                    text=" ".join(sentences),
                    sentences=sentences,
                    question=section.question,
                )
            )
    return tuple(passages)


def title_of(source: Source, fallback: str) -> str:
    """The source's own title, else its first top heading, else ``fallback``."""
    if source.title:
        return source.title
    first = next((block for block in source.blocks if isinstance(block, Heading)), None)
    return first.text if first is not None and first.level <= 2 else fallback


def language_of(source: Source) -> str:
    """The language the source names, else the one it is written in."""
    return source.language or detect(" ".join(words for block in source.blocks for words in words_of(block)))


def size(text: str) -> float:
    """How long a text is to read, in English words."""
    words = len(text.split())
    return words * KOREAN_WEIGHT if detect(text) == "ko" else float(words)


def row_sentence(row: TableRow) -> str:
    """A table row as one sentence. A cell without a header leads: it names what the row is about."""
    parts = []
    for header, cell in zip(row.headers, row.cells, strict=True):
        if cell and header and header != cell:
            parts.append(f"{header.rstrip(':')}: {cell}")
        elif cell:
            parts.append(cell)
    text = ", ".join(parts)
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _sections(blocks: tuple[Block, ...], document: Document) -> Iterator[_Section]:
    path: list[tuple[int, str]] = []
    section = _Section((document.title,))
    lead: str | None = None
    parents: dict[int, str] = {}
    for block in blocks:
        match block:
            case Heading(level=level, text=text):
                yield section
                path = [entry for entry in path if entry[0] < level]
                path.append((level, text))
                lead = None
                section = _Section(_way(document, path), question=text if _asks(text) else None)
            case Paragraph(text=text):
                sentences = split(text)
                section.units += [_Unit(s, ends_paragraph=s is sentences[-1]) for s in sentences]
                lead = sentences[-1] if sentences and _announces(sentences[-1]) else None
                parents.clear()
            case ListItem(depth=depth, text=text):
                parents[depth] = text
                above = parents.get(depth - 1, "")
                whole = f"{above} {text}" if above.endswith((":", "：")) else text
                section.units += [_Unit(s, lead) for s in split(whole)]
            case TableRow() if sentence := row_sentence(block):
                section.units.append(_Unit(sentence, lead))
            case TableRow():
                pass
            case QuestionAnswer(question=question, answer=answer, topic=topic):
                way = _way(document, [*path, (9, topic)] if topic else path)
                yield _Section(way, question, [_Unit(s) for s in split(answer)])
            case _:
                assert_never(block)
    yield section


def _way(document: Document, path: list[tuple[int, str]]) -> tuple[str, ...]:
    """Title first; a heading that repeats the one above it says nothing."""
    way = [document.title]
    way += [text for _, text in path if text != document.title]
    return tuple(dict.fromkeys(way))


def _asks(heading: str) -> bool:
    return heading.rstrip().endswith(("?", "？"))


def _announces(sentence: str) -> bool:
    """Whether a list is about to follow."""
    return sentence.endswith((":", "：", "다음과 같습니다.", "아래와 같습니다.", "as follows.", "the following."))


def _packed(units: list[_Unit], longest: int) -> Iterator[tuple[str, ...]]:
    """Greedy: fill up to the longest size, but rather end with a paragraph once it is comfortable."""
    units = [piece for unit in units for piece in _bounded(unit, longest)]
    sizes = [size(unit.sentence) for unit in units]
    rest, comfortable = sum(sizes), longest * COMFORTABLE
    pending: list[_Unit] = []
    filled = 0.0
    for unit, length in zip(units, sizes, strict=True):
        if pending and filled + length > longest:
            yield _flat(pending)
            repeated = unit.lead is not None and unit.lead != unit.sentence
            pending = [_Unit(unit.lead)] if repeated and unit.lead is not None else []
            filled = sum(size(lead.sentence) for lead in pending)
        pending.append(unit)
        filled += length
        rest -= length
        roomy = filled >= comfortable and rest >= comfortable
        if unit.ends_paragraph and roomy and not _announces(unit.sentence):
            yield _flat(pending)
            pending, filled = [], 0.0
    if pending:
        yield _flat(pending)


def _bounded(unit: _Unit, longest: int) -> Iterator[_Unit]:
    """A "sentence" longer than a passage is text without punctuation: it is cut between words."""
    if size(unit.sentence) <= longest:
        yield unit
        return
    words = unit.sentence.split()
    step = max(1, int(len(words) * longest / size(unit.sentence)))
    for start in range(0, len(words), step):
        last = start + step >= len(words)
        yield _Unit(" ".join(words[start : start + step]), unit.lead, unit.ends_paragraph and last)


def _flat(units: list[_Unit]) -> tuple[str, ...]:
    return tuple(unit.sentence for unit in units)


def _hash(headings: tuple[str, ...], question: str | None, sentences: tuple[str, ...]) -> str:
    content = "\x1f".join(("\x1e".join(headings), question or "", *sentences))
    return hashlib.sha256(content.encode()).hexdigest()[:12]
