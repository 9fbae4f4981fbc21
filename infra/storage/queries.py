"""Reads files of named SQL, so that all statements of a room can be read in one place, each with what it is for.

A file is a series of::

    -- insert_events --
    -- Append a batch of events; those that are there already are left alone.
    INSERT INTO …

Refuses: a query without a description, a name taken twice, text before the first name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"^-- (?P<name>[a-z][a-z0-9_]*) --$", re.M)


class QueryFileBroken(ValueError):
    """A file of queries is not what it should be. A mistake in the program."""


@dataclass(frozen=True, slots=True)
class Query:
    """One statement; ``sql`` is bytes because the driver takes text for something a user may have typed."""

    name: str
    description: str
    sql: bytes


def load_queries(path: Path) -> Mapping[str, Query]:
    """All queries of a file, by name. Raises ``QueryFileBroken``."""
    before, *pieces = _NAME.split(path.read_text(encoding="utf-8"))
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        raise QueryFileBroken(f"{path}: there is SQL before the first '-- name --'")
    queries: dict[str, Query] = {}
    for name, text in zip(pieces[::2], pieces[1::2], strict=True):
        if name in queries:
            raise QueryFileBroken(f"{path}: two queries are named {name}")
        queries[name] = _query(path, name, text)
    return queries


def _query(path: Path, name: str, text: str) -> Query:
    lines = text.strip().splitlines()
    description = []
    while lines and lines[0].startswith("--"):
        description.append(lines.pop(0).removeprefix("--").strip())
    statement = "\n".join(lines).strip().removesuffix(";")
    if not description or not statement:
        raise QueryFileBroken(f"{path}: query {name} lacks its description or its statement")
    return Query(name, " ".join(description), statement.encode())
