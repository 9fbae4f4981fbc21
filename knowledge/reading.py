"""Reads files of strangers, from the safe side: in a child process with limits.

One child reads many files (starting an interpreter per file would cost more than reading it), each under its own
limits of processor time and patience. A file that kills the child is that file's error; the next one gets a new child.

Refuses: parsing anything here.
"""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Final, Self

from knowledge.blocks import Source, decode
from knowledge.child import ChildLost, ChildProcess, ChildTimeout
from knowledge.errors import UnreadableDocument
from knowledge.limits import ReadLimits

START_ALLOWANCE: Final = 15.0
"""Seconds on top of a file's own for starting the interpreter on a busy machine."""


class Reading:
    """A reading process. A context manager; not for use from several threads."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._child = ChildProcess("knowledge.reading_process", [json.dumps(asdict(limits))])

    def read(self, path: Path, name: str) -> Source:
        """What a file says. Raises ``UnreadableDocument`` with the reason, a limit included."""
        try:
            answer = self._child.ask(
                {"path": str(path), "name": name}, timeout=self._limits.wall_seconds + START_ALLOWANCE
            )
        except ChildTimeout:
            raise UnreadableDocument(
                f"{name} took longer than {self._limits.wall_seconds:g} s to read; simplify or split it"
            ) from None
        except ChildLost as lost:
            raise UnreadableDocument(f"{name} {self._why(lost)}") from lost
        if "error" in answer:
            if answer.get("fatal"):
                self._child.close()
            raise UnreadableDocument(str(answer["error"]))
        return decode(answer["source"])

    def close(self) -> None:
        """End the reading process."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _why(self, lost: ChildLost) -> str:
        if lost.code == -signal.SIGXCPU:
            return f"took more than {self._limits.cpu_seconds} s of processor time to read; simplify or split it"
        last = lost.last_words.splitlines()[-1:] or ["no reason given"]
        return f"cannot be read; the process that tried ended with status {lost.code}: {last[0][:300]}"
