"""Traces of calls as files: one for each call, JSON lines, found by the Call-ID, the oldest deleted.

A trace holds telephone numbers. Files are readable by the gateway's user alone, at most so many are kept, and none
longer than some days.

Refuses: what is kept of a call (``trace.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from gateway.telephony.sip.trace import TracedGap, TracedMessage, TracedNote, TraceEntry

FOLDER: Final = "sip-traces"
"""Where they are, in the data directory."""

MOST_FILES: Final = 2000
MOST_DAYS: Final = 7

_SUFFIX: Final = ".jsonl"
_KINDS: Final[dict[str, type[TraceEntry]]] = {"message": TracedMessage, "note": TracedNote, "gap": TracedGap}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class KeptTrace:
    """A trace as it was kept."""

    call_id: str
    entries: tuple[TraceEntry, ...]


class TraceFiles:
    """The traces in a folder, which is made when the first one is written."""

    def __init__(self, folder: Path, *, most: int = MOST_FILES, days: float = MOST_DAYS) -> None:
        self._folder = folder
        self._most = most
        self._days = days

    def write(self, call_id: str, entries: Iterable[TraceEntry]) -> None:
        """Keep a call's trace in place of what was kept of it so far. Raises ``OSError``."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(call_id)
        lines = [{"call_id": call_id}, *({"kind": _NAMES[type(entry)], **asdict(entry)} for entry in entries)]
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(content)
        path.with_suffix(".new").replace(path)

    def read(self, call_id: str) -> KeptTrace | None:
        """The trace of a call; ``None`` where none is kept."""
        return _read(self._path(call_id))

    def latest(self, most: int) -> list[KeptTrace]:
        """The traces that were written last, the newest first."""
        found = (_read(path) for path in self._by_age()[:most])
        return [trace for trace in found if trace is not None]

    def prune(self, now: float) -> int:
        """Delete what is too old or too many; how many files. ``now`` is in seconds since 1970."""
        kept, deleted = 0, 0
        for path in self._by_age():
            too_old = _written(path) < now - self._days * 86_400
            if kept < self._most and not too_old:
                kept += 1
                continue
            path.unlink(missing_ok=True)
            deleted += 1
        return deleted

    def _by_age(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: (_written(path), path.name), reverse=True)

    def _path(self, call_id: str) -> Path:
        """A name without anything that the far end has chosen."""
        return self._folder / f"{hashlib.sha256(call_id.encode(errors='replace')).hexdigest()[:32]}{_SUFFIX}"


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process has deleted it just now
        return 0.0


def _read(path: Path) -> KeptTrace | None:
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return None
    return KeptTrace(lines[0]["call_id"], tuple(_entry(line) for line in lines[1:]))


def _entry(line: dict[str, Any]) -> TraceEntry:
    return _KINDS[line.pop("kind")](**line)
