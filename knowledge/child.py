"""A child process that answers questions one after the other over its pipes.

Two kinds of work must not happen in the process that serves calls or holds the index: parsing files of strangers, and
running torch. Both are children of this kind. Messages are JSON behind a 4-byte length, never pickles: what has parsed
a hostile file is not trusted to send objects.

A child ends when its pipe closes, so it does not outlive its parent. Refuses: more than one question at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Self

from infra.config import child_environment

HEADER: Final = struct.Struct("!I")
NICENESS: Final = 10
LARGEST: Final = 512 * 1024 * 1024
Message = dict[str, Any]


class ChildLost(Exception):
    """The child ended. ``code`` is its exit status (negative: the signal), ``last_words`` the end of its stderr."""

    def __init__(self, code: int | None, last_words: str) -> None:
        super().__init__(f"child process ended with status {code}: {last_words or 'without a word'}")
        self.code = code
        self.last_words = last_words


class ChildTimeout(Exception):
    """The child did not answer in time and was killed."""


class ChildProcess:
    """Starts on the first question, and again after it was lost."""

    def __init__(
        self, module: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = [sys.executable, "-B", "-m", module, *arguments]
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None

    def ask(self, message: Message, timeout: float) -> Message:
        """The child's answer. Raises ``ChildLost`` or ``ChildTimeout``; the next question starts a new child."""
        process = self._running()
        assert process.stdin is not None
        body = json.dumps(message).encode()
        try:
            process.stdin.write(HEADER.pack(len(body)) + body)
            process.stdin.flush()
            return self._answer(process, time.monotonic() + timeout)
        except BrokenPipeError:
            raise self._lost(process) from None
        except ChildTimeout:
            self.close()
            raise

    def close(self) -> None:
        """End the child, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        paths = [str(Path(__file__).resolve().parents[1]), *(entry for entry in sys.path if entry)]
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child, closed in close()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=child_environment(PYTHONPATH=os.pathsep.join(paths), PYTHONIOENCODING="utf-8", **self._environment),
        )
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], deadline: float) -> Message:
        (length,) = HEADER.unpack(self._exactly(process, HEADER.size, deadline))
        if length > LARGEST:
            self.close()
            raise ChildLost(None, f"it announced an answer of {length} bytes")
        answer = json.loads(self._exactly(process, length, deadline))
        if not isinstance(answer, dict):
            raise ChildLost(None, "its answer is no object")
        return answer

    def _exactly(self, process: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        data = bytearray()
        while len(data) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise ChildTimeout(f"no answer from {self._command[3]} in time")
            chunk = os.read(descriptor, min(count - len(data), 1 << 20))
            if not chunk:
                raise self._lost(process)
            data += chunk
        return bytes(data)

    def _lost(self, process: subprocess.Popen[bytes]) -> ChildLost:
        try:
            code: int | None = process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = None
        words = ""
        if self._stderr is not None:
            self._stderr.seek(0)
            words = self._stderr.read().decode(errors="replace")[-2000:].strip()
        self.close()
        return ChildLost(code, words)


def serve(answer: Callable[[Message], Message]) -> None:
    """The child's side: answer until the pipe closes, giving way to calls. What others print goes to stderr."""
    os.nice(NICENESS)
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (message := _receive(incoming)) is not None:
        body = json.dumps(answer(message)).encode()
        outgoing.write(HEADER.pack(len(body)) + body)
        outgoing.flush()


def _receive(incoming: BinaryIO) -> Message | None:
    head = incoming.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    (length,) = HEADER.unpack(head)
    body = incoming.read(length)
    if len(body) < length:
        return None
    message: Message = json.loads(body)
    return message
