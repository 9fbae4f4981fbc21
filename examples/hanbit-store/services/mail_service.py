"""The shop's post: a small, real mail server that keeps what it takes, and shows it to whoever looks into the inbox.

It speaks as much of RFC 5321 as a client needs that delivers one message at a time; nothing is ever passed on. Only the
standard library is used. Mail to ``refused@…`` is refused (550).

It listens on two ports: for mail, and for HTTP, where ``GET /messages`` gives what was taken, oldest first:
``[{"to": "…", "subject": "…", "text": "…"}]``. The address that it says it listens on names both:
``smtp://127.0.0.1:8025/?inbox=8026``.
"""

from __future__ import annotations

import json
import sys
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

LARGEST_MESSAGE = 256 * 1024
LONGEST_LINE = 2_000
MOST_KEPT = 200
IDLE_CONNECTION_SECONDS = 30.0
POLL_SECONDS = 0.02
"""How long the inbox may take to close."""

Kept = dict[str, str]


class MailServer(ThreadingTCPServer):
    """Takes mail; ``messages`` is what it took."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, MailSession)
        self.messages: list[Kept] = []
        self.inbox = ThreadingHTTPServer((address[0], 0), _Look)
        self.inbox.daemon_threads = True
        self.inbox.messages = self.messages  # type: ignore[attr-defined]
        watching = {"poll_interval": POLL_SECONDS}
        threading.Thread(target=self.inbox.serve_forever, kwargs=watching, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens, for mail and for looks into the inbox."""
        host, port = self.server_address[:2]
        return f"smtp://{host!s}:{port}/?inbox={self.inbox.server_address[1]}"

    def keep(self, recipient: str, content: bytes) -> None:
        """Keep a message; the oldest go."""
        parsed = message_from_bytes(content, policy=default)
        assert isinstance(parsed, EmailMessage), "that is what the policy makes"
        body = parsed.get_body(("plain",))
        text = "" if body is None else str(body.get_content())
        self.messages.append({"to": recipient, "subject": str(parsed["Subject"]), "text": text})
        del self.messages[:-MOST_KEPT]

    def server_close(self) -> None:
        """Close both ports."""
        self.inbox.shutdown()
        self.inbox.server_close()
        super().server_close()


class MailSession(StreamRequestHandler):
    """One connection of a client that delivers mail."""

    server: MailServer
    timeout = IDLE_CONNECTION_SECONDS

    def handle(self) -> None:
        """Answer until the client leaves."""
        self._recipient = ""
        self._say(220, "post of the shop")
        while line := self.rfile.readline(LONGEST_LINE):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    self._say(250, "hello")
                case "MAIL" | "RSET" | "NOOP":
                    self._recipient = ""
                    self._say(250, "fine")
                case "RCPT":
                    self._take_recipient(rest)
                case "DATA" if self._recipient:
                    self._take_message()
                case "QUIT":
                    self._say(221, "goodbye")
                    return
                case _:
                    self._say(503 if verb.upper() == "DATA" else 502, "not now")

    def _take_recipient(self, rest: str) -> None:
        address = rest.partition(":")[2].strip().split(" ")[0].strip("<>")
        if not address or address.startswith("refused@"):
            self._say(550, "no such mailbox")
            return
        self._recipient = address
        self._say(250, "fine")

    def _take_message(self) -> None:
        self._say(354, "go on")
        content = bytearray()
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b".\r\n", b""):
            content += line[1:] if line.startswith(b".") else line
            if len(content) > LARGEST_MESSAGE:
                self._say(552, "too large")
                return
        self.server.keep(self._recipient, bytes(content))
        self._say(250, "taken")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


class _Look(BaseHTTPRequestHandler):
    """Shows what was taken."""

    def do_GET(self) -> None:
        """Answer one request."""
        found = self.path.rstrip("/") == "/messages"
        shown = self.server.messages if found else {"error": "no_such_path"}  # type: ignore[attr-defined]
        content = json.dumps(shown, ensure_ascii=False).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: mail is about people."""


def build_server(*, host: str = "127.0.0.1", port: int = 0) -> MailServer:
    """A server that is bound and listening; ``serve_forever`` makes it answer. Port 0 takes a free one."""
    return MailServer((host, port))


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; the first line on standard output says where."""
    from serving import parser, serve  # beside this program; whoever only builds a server does not need it

    arguments = parser("The post of the example shop.", 8025).parse_args(argv)
    server = build_server(host=arguments.host, port=arguments.port)
    return serve(server, server.url, until_stdin_closes=arguments.until_stdin_closes)


if __name__ == "__main__":
    sys.exit(main())
