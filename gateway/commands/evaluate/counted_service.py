"""A service that misbehaves on demand and counts what it really did, on a real socket.

Records are changed as often as they are asked to be: it knows no idempotency keys, so that whoever asks twice is found
out. Refuses: being kind. Each record has one behaviour for changes; looks are always answered.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import assert_never

HOLD = 3.0
"""Seconds that a slow answer takes: longer than anybody waits."""


class Behaviour(StrEnum):
    """What a record's service does when it is asked for a change."""

    WELL = "well"
    REFUSES = "refuses"
    """It says no."""
    FAILS = "fails"
    """It is out of order and does nothing."""
    FAILS_AFTER = "fails_after"
    """It does it, and says that it is out of order."""
    CUT_OFF = "cut_off"
    """It does it, and half of its answer is lost."""
    LOST = "lost"
    """It does it, and hangs up without an answer."""
    SLOW = "slow"
    """It does it, and answers too late."""
    SILENT = "silent"
    """It does nothing, and never answers in time."""


@dataclass(slots=True)
class CountedService:
    """Where it listens, how each record behaves, and how often each was changed."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    """Set when nobody is to be kept waiting any more."""

    def add(self, record: str, behaviour: Behaviour) -> None:
        """A new record."""
        self.behaviours[record] = behaviour

    def shown(self, record: str) -> dict[str, object]:
        """A record as it is told."""
        return {"record": record, "state": "changed" if self.effects[record] else "new"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers who gave up waiting: some trials are about them."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def counting() -> Iterator[CountedService]:
    """A service that is listening."""
    service = CountedService()
    lock = threading.Lock()

    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            record = self.path.rsplit("/", 1)[-1]
            if record in service.behaviours:
                self._answer(200, service.shown(record))
            else:
                self._answer(404, {"error": "not_found"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            record = self.path.split("/")[2]
            behaviour = service.behaviours[record]
            match behaviour:
                case Behaviour.REFUSES:
                    self._answer(409, {"error": "no"})
                case Behaviour.FAILS:
                    self._answer(503, {"error": "out of order"})
                case Behaviour.SILENT:
                    service.released.wait(HOLD)
                    self.close_connection = True
                case Behaviour.WELL:
                    self._answer(200, self._changed(record))
                case Behaviour.FAILS_AFTER:
                    self._changed(record)
                    self._answer(503, {"error": "out of order"})
                case Behaviour.CUT_OFF:
                    self._answer(200, self._changed(record), half=True)
                case Behaviour.LOST:
                    self._changed(record)
                    self.close_connection = True
                case Behaviour.SLOW:
                    answer = self._changed(record)
                    service.released.wait(HOLD)
                    self._answer(200, answer)
                case _:
                    assert_never(behaviour)

        def _changed(self, record: str) -> dict[str, object]:
            with lock:
                service.effects[record] += 1
            return service.shown(record)

        def _answer(self, status: int, body: dict[str, object], *, half: bool = False) -> None:
            content = json.dumps(body).encode()
            content = content[: len(content) // 2] if half else content
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Request)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="counted service")
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        service.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
