"""Reads one file into blocks: what it is, how it is encoded, what it says of itself.

The extension says what a file claims to be and its first bytes what it is; when they differ it is refused, since a
parser that is fed something else finds nonsense or nothing. A file without words is an error, not an empty document.

This runs inside the reading process (``reading_process``), behind limits of processor time, memory and size; nothing
else should call ``read``.

Refuses: fetching anything; writing anything; pictures, archives, older office formats.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from knowledge.blocks import Block, Heading, Paragraph, QuestionAnswer, Source
from knowledge.errors import UnreadableDocument
from knowledge.language import LANGUAGES
from knowledge.limits import ReadLimits

SUFFIXES: Final = (".md", ".markdown", ".html", ".htm", ".txt", ".text", ".csv", ".tsv", ".pdf", ".docx")
LONGEST_FRONT_MATTER: Final = 8_000
_DESCRIBED: Final = ("valid_from", "valid_until", "audience", "channel")
"""What a page may say of itself in ``meta`` tags, beside its title and language."""

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.S)
_META_CHARSET: Final = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.I)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")
_ASKS: Final = re.compile(r"^(?:Q|문|질문|Question)\s*\d*\s*[.:)\]]\s*(.+)$", re.I)
_ANSWERS: Final = re.compile(r"^(?:A|답|답변|Answer)\s*\d*\s*[.:)\]]\s*(.+)$", re.I)
_BOTH: Final = re.compile(
    r"^(?:Q|문|질문|Question)\s*\d*\s*[.:)\]]\s*(.+?)\s+(?:A|답|답변|Answer)\s*\d*\s*[.:)\]]\s*(.+)$", re.I
)


def read(path: Path, name: str, limits: ReadLimits) -> Source:
    """Read one file. ``name`` stands for it in errors.

    Raises ``UnreadableDocument`` when it is not what it claims to be, is over a limit, or yields no text.
    """
    data = _bytes(path, name, limits)
    suffix = path.suffix.lower()
    _check_nature(suffix, data, name)
    match suffix:
        case ".pdf":
            from knowledge.formats import pdf

            source = pdf.read(data, name, limits.pages)
        case ".docx":
            from knowledge.formats import word

            source = word.read(data, name, limits)
        case ".md" | ".markdown":
            source = _markdown(decode(data, name), name)
        case ".html" | ".htm":
            source = _html(decode(data, name, _META_CHARSET), name)
        case ".csv" | ".tsv":
            from knowledge.formats import table

            source = Source(blocks=tuple(table.read(decode(data, name), name)))
        case _:
            from knowledge.formats import plain

            source = Source(blocks=tuple(plain.read(decode(data, name))))
    source = replace(source, blocks=tuple(paired(source.blocks)))
    if source.characters > limits.characters:
        raise UnreadableDocument(
            f"{name} holds {source.characters} characters, more than {limits.characters}; split it"
        )
    if not any(block for block in source.blocks if not isinstance(block, Heading)):
        raise UnreadableDocument(f"{name} yields no text; there is nothing in it that could answer anybody")
    return source


def _bytes(path: Path, name: str, limits: ReadLimits) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise UnreadableDocument(f"{name} cannot be opened: {error.strerror or error}") from error
    if len(data) > limits.file_bytes:
        raise UnreadableDocument(f"{name} is larger than {limits.file_bytes} bytes; split it or raise the limit")
    if not data.strip():
        raise UnreadableDocument(f"{name} is empty")
    return data


def _check_nature(suffix: str, data: bytes, name: str) -> None:
    if suffix not in SUFFIXES:
        raise UnreadableDocument(f"{name}: we read {', '.join(SUFFIXES)}; convert it to one of them")
    nature = _nature(data)
    wanted = {".pdf": "a PDF file", ".docx": "a zip archive"}.get(suffix, "text")
    if nature == wanted:
        return
    if suffix == ".docx" and nature == "an OLE file":
        raise UnreadableDocument(f"{name} is an older .doc or locked with a password; save it as an unlocked DOCX")
    raise UnreadableDocument(f"{name} claims to be {suffix[1:].upper()} but holds {nature}; give it its real extension")


def _nature(data: bytes) -> str:
    head = data[:1024]
    if b"%PDF-" in head[:1024] and not head.lstrip()[:1].isalpha():
        return "a PDF file"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a zip archive"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "an OLE file"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if b"\x00" in data[:65_536]:
        return "binary data"
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return "binary data" if odd > len(head) * 0.05 else "text"


def decode(data: bytes, name: str, declared: re.Pattern[bytes] | None = None) -> str:
    """Text from bytes: byte order mark, declared charset, UTF-8, then the code page of Korean Windows.

    Composes Hangul (files from a Mac come decomposed) and drops control characters.
    """
    candidates = ["utf-8-sig", "cp949"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates.insert(0, "utf-16")
    if declared is not None and (found := declared.search(data[:4096])):
        charset = found[1].decode("ascii").lower()
        candidates.insert(0, "cp949" if charset in {"euc-kr", "ks_c_5601-1987"} else charset)
    for candidate in candidates:
        try:
            text = data.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        return _CONTROL.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableDocument(f"{name} is text in an encoding that we do not know; save it as UTF-8")


def _markdown(text: str, name: str) -> Source:
    from knowledge.formats import markdown

    values, body = front_matter(text, name)
    return _described(Source(blocks=tuple(markdown.read(body))), values, name)


def _html(text: str, name: str) -> Source:
    from knowledge.formats import web

    page = web.read(text)
    values = {key: page.meta[key] for key in _DESCRIBED if page.meta.get(key)}
    language = page.language if page.language in LANGUAGES else None
    return _described(Source(blocks=tuple(page.blocks), title=page.title, language=language), values, name)


def front_matter(text: str, name: str) -> tuple[Mapping[str, Any], str]:
    """The YAML between the first two lines of dashes, and the text below it."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, text
    matter = found[1] or ""
    if len(matter) > LONGEST_FRONT_MATTER:
        raise UnreadableDocument(f"{name}: its front matter is longer than {LONGEST_FRONT_MATTER} characters")
    try:
        values = yaml.safe_load(matter)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableDocument(f"{name}: its front matter is not YAML: {error}") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        return {}, text  # a rule, some words and another rule: not meant as front matter
    return values, text[found.end() :]


def _described(source: Source, values: Mapping[str, Any], name: str) -> Source:
    title = values.get("title")
    language = values.get("language", source.language)
    if language is not None and language not in LANGUAGES:
        raise UnreadableDocument(f"{name}: language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    return replace(
        source,
        title=str(title).strip() if title else source.title,
        language=language,
        valid_from=_day(values.get("valid_from"), "valid_from", name),
        valid_until=_day(values.get("valid_until"), "valid_until", name),
        audience=_names(values.get("audience"), "audience", name),
        channels=_names(values.get("channel"), "channel", name),
    )


def _names(value: object, key: str, name: str) -> tuple[str, ...]:
    """One name, several parted by commas, or a list of them; in lower case."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else str(value).split(",")
    names = tuple(dict.fromkeys(part.strip().lower() for part in listed if isinstance(part, str) and part.strip()))
    if not names or len(names) < len(listed):
        raise UnreadableDocument(f"{name}: {key} must be a name or a list of names, not {value!r}")
    return names


def _day(value: object, key: str, name: str) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise UnreadableDocument(f"{name}: {key} must be a day such as 2026-12-31, not {value!r}") from None


def paired(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Make "Q. …" and "A. …" one block, whichever way the paragraphs fell."""
    waiting: str | None = None
    for block in blocks:
        if isinstance(block, Heading) and (asked := _ASKS.match(block.text)):
            block = Heading(block.level, asked[1])
        text = block.text if isinstance(block, Paragraph) else None
        answer = _ANSWERS.match(text) if text and waiting is not None else None
        if answer and waiting is not None:
            yield QuestionAnswer(waiting, answer[1])
            waiting = None
            continue
        if waiting is not None:
            yield Heading(5, waiting)
            waiting = None
        if text and (both := _BOTH.match(text)):
            yield QuestionAnswer(both[1], both[2])
        elif text and (asked := _ASKS.match(text)):
            waiting = asked[1]
        else:
            yield block
    if waiting is not None:
        yield Paragraph(waiting)
