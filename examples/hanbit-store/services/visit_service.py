"""The shop's visit service: appointments at the Seoul store, one for each telephone number.

A small, real HTTP service like ``order_service.py``; what is booked is remembered until it stops. Only the standard
library is used.

``GET /visits/{phone}``
    200 with the visit ``{"phone", "at", "people", "status"}``, or 404.
``POST /visits`` with ``{"phone", "at", "people"}``
    200 with the visit; 409 ``{"error": "taken"}`` when that hour is full, ``{"error": "booked"}`` when the number has
    a visit already.
``PUT /visits/{phone}`` with ``{"at"}``
    200 with the moved visit, 404, or 409.
``POST /visits/{phone}/cancel``
    200 with the visit, whose status is ``cancelled`` from then on; 404. The number may book anew.
``GET /health``
    200.

A request with an ``Idempotency-Key`` that was answered before is answered the same way and changes nothing. For
failure drills ``?drill_body=broken`` cuts the answer in half after the work was done.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_AT_ONCE = 2
"""Visits that begin at the same time."""
LARGEST_BODY = 16 * 1024
IDLE_CONNECTION_SECONDS = 30.0

Visit = dict[str, Any]


class VisitServer(ThreadingHTTPServer):
    """Keeps visits by telephone number."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, VisitRequest)
        self.visits: dict[str, Visit] = {}
        self.changing = threading.Lock()
        self.answered: dict[str, tuple[int, object]] = {}

    @property
    def url(self) -> str:
        """Where it listens, with the port that was really taken."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class VisitRequest(BaseHTTPRequestHandler):
    """One connection."""

    server: VisitServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_CONNECTION_SECONDS

    def do_GET(self) -> None:
        """Look a visit up."""
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["health"]:
                self._answer(200, {"status": "ok", "visits": len(self.server.visits)})
            case ["visits", phone]:
                visit = self.server.visits.get(phone)
                self._answer(*((200, visit) if visit is not None else (404, {"error": "not_found"})))
            case _:
                self._answer(404, {"error": "no_such_path"})

    def do_POST(self) -> None:
        """Book one, or cancel one."""
        self._change()

    def do_PUT(self) -> None:
        """Move one."""
        self._change()

    def _change(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            body = json.loads(self.rfile.read(min(length, LARGEST_BODY)) or b"{}")
            if not urlsplit(self.path).path.endswith("/cancel"):
                datetime.fromisoformat(body["at"])
        except (ValueError, KeyError, TypeError):
            self._answer(400, {"error": "bad_body"})
            return
        key = self.headers.get("Idempotency-Key", "")
        with self.server.changing:
            answer = self.server.answered.get(key) or self._changed(body)
            if key:
                self.server.answered[key] = answer
        self._answer(*answer)

    def _changed(self, body: dict[str, Any]) -> tuple[int, object]:
        visits = self.server.visits
        booked = {phone for phone, visit in visits.items() if visit["status"] == "booked"}
        full = sum(visits[phone]["at"] == body.get("at") for phone in booked) >= MOST_AT_ONCE
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["visits"] if self.command == "POST" and body.get("phone"):
                if full or body["phone"] in booked:
                    return 409, {"error": "taken" if full else "booked"}
                visit = {"phone": body["phone"], "at": body["at"], "people": body.get("people", 1), "status": "booked"}
            case ["visits", phone] if self.command == "PUT":
                if phone not in booked:
                    return 404, {"error": "not_found"}
                if full:
                    return 409, {"error": "taken"}
                visit = visits[phone] | {"at": body["at"]}
            case ["visits", phone, "cancel"] if self.command == "POST":
                if phone not in visits:
                    return 404, {"error": "not_found"}
                visit = visits[phone] | {"status": "cancelled"}
            case _:
                return 404, {"error": "no_such_path"}
        visits[visit["phone"]] = visit
        return 200, visit

    def _answer(self, status: int, body: object) -> None:
        wanted = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        content = json.dumps(body, ensure_ascii=False).encode()
        if wanted.get("drill_body") == "broken":
            content = content[: len(content) // 2]
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: telephone numbers are personal data."""


def build_server(*, host: str = "127.0.0.1", port: int = 0) -> VisitServer:
    """A server that is bound and listening; ``serve_forever`` makes it answer. Port 0 takes a free one."""
    return VisitServer((host, port))


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; the first line on standard output says where."""
    from serving import parser, serve  # beside this program; whoever only builds a server does not need it

    arguments = parser("The visit service of the example shop.", 8071).parse_args(argv)
    server = build_server(host=arguments.host, port=arguments.port)
    return serve(server, server.url, until_stdin_closes=arguments.until_stdin_closes)


if __name__ == "__main__":
    sys.exit(main())
