"""The process that reads files of strangers: ``python -m knowledge.reading_process LIMITS``.

Before it reads anything it gives up what a parser does not need: memory beyond a limit, writing files, the network,
other programs. Python's audit hook refuses those calls for good; the kernel's limits hold for what is not Python.

Refuses: being imported by anything but its test.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Final

from knowledge import readers
from knowledge.blocks import encode
from knowledge.child import Message, serve
from knowledge.errors import UnreadableDocument
from knowledge.limits import ReadLimits

LAST_WORDS: Final = 1 << 20
"""Bytes that it may write at all: its stderr is a file."""

_FORBIDDEN: Final = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.remove", "os.rename",
    "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.kill", "shutil.", "urllib.", "ftplib.",
    "smtplib.", "webbrowser.",
)  # fmt: skip
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(limits: ReadLimits) -> None:
    """Serve until the parent closes the pipe."""
    confine(limits)
    serve(lambda message: answer(message, limits))


def confine(limits: ReadLimits) -> None:
    """Give up what reading does not need. There is no way back."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LAST_WORDS, LAST_WORDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(refuse)


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: no network, no programs, no writing."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a document may not cause {event}")
    if event != "open" or len(arguments) < 3 or isinstance(arguments[0], int):
        return  # an integer is a pipe that is open already
    if isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("a document may not cause writing")


def answer(message: Message, limits: ReadLimits) -> Message:
    """Read one file within its own processor time. What a parser trips over ends the process: the parent reports it."""
    allow_processor_time(limits.cpu_seconds)
    name = str(message["name"])
    try:
        return {"source": encode(readers.read(Path(str(message["path"])), name, limits))}
    except UnreadableDocument as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"{name} needs more than {limits.memory_bytes} bytes of memory to read", "fatal": True}


def allow_processor_time(seconds: int) -> None:
    """Move the limit of processor time to ``seconds`` from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


if __name__ == "__main__":
    main(ReadLimits(**json.loads(sys.argv[1])))
