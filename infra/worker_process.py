"""The inside of one worker process: a loop that does what its pool asks, in order, on one thread.

It is started as a fresh interpreter (never forked, so no lock, thread or socket of the media process comes along) and
imports nothing but the standard library until it unpickles the factory of its host: what a worker costs to start is
what its host imports.

Refuses: knowing what it hosts; living longer than the process that started it.

The wire is a stream socket. Each message is a 4-byte big-endian length and a pickled tuple whose first item is one of
the tags below. Pickle is safe here because both ends are the same program talking over a private socket pair.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from infra.errors import AiccError

HEADER = struct.Struct("!I")
LARGEST_MESSAGE = 256 * 1024 * 1024
"""Bytes; a longer message is a mistake of the caller and is refused before it is sent."""


class Ask:
    """Tags of what the pool sends. Plain integers, because they are pickled fifty times a second and call."""

    HELLO, CALL, CAST, LEASE, RELEASE, PING, STOP = range(7)


class Tell:
    """Tags of what the worker sends."""

    READY, FAILED, RESULT, ERROR, EVENT, TAKEN, BROKEN, PONG = range(8)


class RemoteError(AiccError):
    """The host in a worker process failed with an error that has no name of ours; its traceback is in the message."""

    code = "worker_failed"


def frame(message: tuple[Any, ...]) -> bytes:
    """A message as it goes over the wire. Raises ``ValueError`` when it is too long, pickle's errors when unfit."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    if len(body) > LARGEST_MESSAGE:
        raise ValueError(
            f"a message of {len(body)} bytes is over the limit of {LARGEST_MESSAGE}; pass a file's path instead"
        )
    return HEADER.pack(len(body)) + body


def portable(error: BaseException) -> AiccError:
    """The error that crosses to the pool: one of ours as itself, any other as ``RemoteError`` with its traceback."""
    if isinstance(error, AiccError):
        try:
            copy = pickle.loads(pickle.dumps(error))
        except (pickle.PickleError, TypeError, AttributeError, ImportError):
            copy = None
        if type(copy) is type(error):
            return error
    trace = "".join(traceback.format_exception(error)).rstrip()
    return RemoteError(f"{type(error).__name__}: {error}\n{trace}")


class Servant:
    """Takes messages one after the other and answers them."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb", buffering=256 * 1024)
        self._host: Any = None
        self._sessions: dict[int, Any] = {}
        self._taken: dict[int, list[int]] = {}
        self._sending = threading.Lock()  # a host may emit from a thread of its own

    def run(self) -> None:
        """Serve until told to stop or until the pool's end of the socket is gone."""
        with self._reader:
            if not self._settle_in():
                return
            while (message := self._receive()) is not None and message[0] != Ask.STOP:
                self._do(message)
            for session in self._sessions.values():
                self._leave(session)

    def _settle_in(self) -> bool:
        hello = self._receive()
        if hello is None:
            return False
        try:
            _, factory, args = pickle.loads(hello[1])
            self._host = factory(*args)
        except Exception as error:  # noqa: BLE001 - supervisor: whatever keeps a host from being built is told to the pool
            self._send((Tell.FAILED, portable(error)))
            return False
        self._send((Tell.READY,))
        return True

    def _do(self, message: tuple[Any, ...]) -> None:
        match message:
            case (Ask.CALL, number, lease, method, args):
                target = self._sessions.get(lease) if lease else self._host
                self._answer(number, lambda: getattr(target, method)(*args))
            case (Ask.CAST, lease, method, args):
                self._cast(lease, method, args)
            case (Ask.LEASE, number, lease, step, args):
                self._answer(number, lambda: self._open(lease, step, args))
            case (Ask.RELEASE, number, lease):
                self._taken.pop(lease, None)
                self._answer(number, lambda: self._leave(self._sessions.pop(lease, None)))
            case (Ask.PING, number):
                self._send((Tell.PONG, number, time.process_time()))

    def _open(self, lease: int, step: int, args: tuple[Any, ...]) -> None:
        self._sessions[lease] = self._host.open_session(lambda event: self._send((Tell.EVENT, lease, event)), *args)
        self._taken[lease] = [0, step]

    def _cast(self, lease: int, method: str, args: tuple[Any, ...]) -> None:
        session = self._sessions.get(lease)
        if session is None:
            return  # released or broken while the message was on its way
        try:
            getattr(session, method)(*args)
        except Exception as error:  # noqa: BLE001 - supervisor: the lease learns of it, the other leases go on
            self._sessions.pop(lease, None)
            self._leave(session)
            self._send((Tell.BROKEN, lease, portable(error)))
            return
        taken = self._taken[lease]
        taken[0] += 1
        if taken[0] >= taken[1]:
            self._send((Tell.TAKEN, lease, taken[0]))
            taken[0] = 0

    def _answer(self, number: int, work: Callable[[], object]) -> None:
        try:
            reply = frame((Tell.RESULT, number, work()))
        except Exception as error:  # noqa: BLE001 - supervisor: every failure of a call is its caller's answer
            reply = frame((Tell.ERROR, number, portable(error)))
        with self._sending:
            self._connection.sendall(reply)

    def _leave(self, session: Any) -> None:
        close = getattr(session, "close", None)
        if close is not None:
            close()

    def _send(self, message: tuple[Any, ...]) -> None:
        data = frame(message)
        with self._sending:
            self._connection.sendall(data)

    def _receive(self) -> tuple[Any, ...] | None:
        header = self._reader.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        (length,) = HEADER.unpack(header)
        body = self._reader.read(length)
        return pickle.loads(body) if len(body) == length else None


def main() -> None:
    """Entry of the process: ``argv`` is the socket's file descriptor, the niceness and the pool's name (for ``ps``)."""
    _forget_inherited_signals()
    descriptor, niceness = int(sys.argv[1]), int(sys.argv[2])
    if niceness:
        os.nice(niceness)
    connection = socket.socket(fileno=descriptor)
    threading.Thread(target=_die_with_the_pool, args=(descriptor,), daemon=True, name="pool-watch").start()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the pool is gone in the middle of an answer
        Servant(connection).run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # destructors of native engines may hang or crash; the kernel gives everything back


def _forget_inherited_signals() -> None:
    """Ctrl-C reaches the whole terminal, and a service manager's stop the whole service, while calls that still go on
    need their models: ending workers in order is the pool's business, so both are ignored here."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for ours in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ours, signal.SIG_IGN)
    for inherited in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(inherited, signal.SIG_DFL)


def _die_with_the_pool(descriptor: int) -> None:
    """End at once when the other end closes, even amid a long computation: a killed parent leaves no orphan."""
    if not hasattr(select, "POLLRDHUP"):
        return  # only Linux tells of a hang-up apart from data; elsewhere the main loop notices at its next read
    watch = select.poll()
    watch.register(descriptor, select.POLLRDHUP)
    watch.poll()
    os._exit(0)
