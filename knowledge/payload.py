"""Passages, entries and records as plain values, for indexes that keep JSON.

Refuses: writing vectors; reading what an older version wrote in another shape (raise a version and ingest again).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from knowledge.document import Document, Passage
from knowledge.index import Entry, Record, Shift, Space
from knowledge.lexical import Sparse


def passage_values(passage: Passage) -> dict[str, Any]:
    """A passage with its document."""
    return {
        "id": passage.id,
        "document": document_values(passage.document),
        "ordinal": passage.ordinal,
        "headings": list(passage.headings),
        "text": passage.text,
        "sentences": list(passage.sentences),
        "question": passage.question,
    }


def passage_from(values: Mapping[str, Any]) -> Passage:
    """What ``passage_values`` made."""
    return Passage(
        id=values["id"],
        document=document_from(values["document"]),
        ordinal=values["ordinal"],
        headings=tuple(values["headings"]),
        text=values["text"],
        sentences=tuple(values["sentences"]),
        question=values["question"],
    )


def entry_values(entry: Entry) -> dict[str, Any]:
    """What is kept of an entry beside its vectors."""
    return {
        "passage": passage_values(entry.passage),
        "revision": entry.revision,
        "staged_at": entry.staged_at,
        "terms": [list(terms) for terms in entry.sentence_terms],
    }


def entry_from(
    key: str,
    values: Mapping[str, Any],
    *,
    lexical: Sparse | None = None,
    characters: Sparse | None = None,
    dense: Any = None,
    rows: Any = None,
) -> Entry:
    """What ``entry_values`` made, with the vectors as far as they were asked for."""
    return Entry(
        id=key,
        passage=passage_from(values["passage"]),
        revision=values["revision"],
        staged_at=values["staged_at"],
        lexical=lexical or Sparse((), ()),
        sentence_terms=tuple(tuple(terms) for terms in values["terms"]),
        characters=characters,
        dense=None if dense is None else np.asarray(dense, np.float32),
        rows=None if rows is None else np.asarray(rows, np.float32),
    )


def document_values(document: Document) -> dict[str, Any]:
    """A document; days as ISO 8601."""
    return {
        "id": document.id,
        "title": document.title,
        "language": document.language,
        "digest": document.digest,
        "valid_from": document.valid_from.isoformat() if document.valid_from else None,
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "audience": list(document.audience),
        "channels": list(document.channels),
    }


def document_from(values: Mapping[str, Any]) -> Document:
    """What ``document_values`` made."""
    return Document(
        id=values["id"],
        title=values["title"],
        language=values["language"],
        digest=values["digest"],
        valid_from=_day(values["valid_from"]),
        valid_until=_day(values["valid_until"]),
        audience=tuple(values.get("audience", ())),
        channels=tuple(values.get("channels", ())),
    )


def record_values(record: Record) -> dict[str, Any]:
    """A record with its document."""
    return {
        "document": document_values(record.document),
        "revision": record.revision,
        "root": record.root,
        "model": record.model,
        "passages": record.passages,
    }


def record_from(values: Mapping[str, Any]) -> Record:
    """What ``record_values`` made."""
    return Record(
        document=document_from(values["document"]),
        revision=values["revision"],
        root=values["root"],
        model=values["model"],
        passages=values["passages"],
    )


def shift_values(shift: Shift) -> dict[str, Any]:
    """Who serves a language, and who did or will."""
    return {
        "serving": asdict(shift.serving),
        "following": asdict(shift.following) if shift.following else None,
        "retired": asdict(shift.retired) if shift.retired else None,
        "since": shift.since,
    }


def shift_from(values: Mapping[str, Any]) -> Shift:
    """What ``shift_values`` made."""
    following, retired = values["following"], values["retired"]
    return Shift(
        serving=Space(**values["serving"]),
        following=Space(**following) if following else None,
        retired=Space(**retired) if retired else None,
        since=values["since"],
    )


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
