"""Server-sent events out of bytes, as servers stream chat completions (WHATWG HTML, 9.2.6). Pure.

Only ``data`` is kept: nobody names events or asks to reconnect here. Refuses lines without an end: what babbles is
stopped before it fills the memory.
"""

from __future__ import annotations

import re

from dialog.models.generator import GeneratorMalformed

LONGEST_LINE = 64 * 1024
"""Bytes; one event of a chat completion has a few hundred."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)


class EventStream:
    """Takes bytes as they come, gives the data of each event that is complete."""

    def __init__(self) -> None:
        self._buffer = b""
        self._data: list[str] = []

    def feed(self, received: bytes) -> list[str]:
        """The data of the events that ``received`` completes. Raises ``GeneratorMalformed``."""
        *lines, self._buffer = _LINE_END.split(self._buffer + received)
        if len(self._buffer) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in lines):
            raise GeneratorMalformed(f"the server sent a line of more than {LONGEST_LINE} bytes; is it a model server?")
        found = []
        for line in lines:
            if not line and self._data:
                found.append("\n".join(self._data))
                self._data = []
            elif line.startswith(b"data:"):
                value = line.removeprefix(b"data:").removeprefix(b" ")
                self._data.append(value.decode("utf-8", errors="replace"))
        return found
