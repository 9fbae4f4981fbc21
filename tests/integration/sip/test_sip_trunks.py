"""A trunk as carriers have it: it registers us, wants to know who we are, and does not always connect."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.telephony.sip.endpoints import HOST, eventually, free_port, needs_the_stack, place, settings

pytestmark = [needs_the_stack, pytest.mark.xdist_group("sip alone")]

PASSWORD = "open sesame"
NONCE = "2f1e"


def md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r$", message, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def is_answer(message: str, name: str) -> bool:
    """Whether a request answers our challenge (RFC 8760 and RFC 2617, section 3.2.2) with the right password."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', header(message, name)))
    if given.get("nonce") != NONCE:
        return False
    ours = md5(given["username"], "carrier", PASSWORD)
    asked = md5(message.split(" ", 1)[0], given["uri"])
    if "qop" in given:
        return given["response"] == md5(ours, NONCE, given["nc"], given["cnonce"], given["qop"], asked)
    return given["response"] == md5(ours, NONCE, asked)


class Carrier(asyncio.DatagramProtocol):
    """A far end that answers each request as a test says: a status line, and headers."""

    def __init__(self, script: Callable[[str], tuple[str, str]]) -> None:
        self.script = script
        self.requests: list[str] = []
        self.answers: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        message = data.decode()
        if message.startswith(("SIP/2.0", "ACK")):
            return
        status, more = self.script(message)
        self.requests.append(message)
        self.answers.append(status)
        kept = [f"{name}: {header(message, name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
        lines = [f"SIP/2.0 {status}", *kept, f"To: {header(message, 'To')};tag=carrier", *([more] if more else [])]
        self._transport.sendto("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode(), address)


@asynccontextmanager
async def carrier(script: Callable[[str], tuple[str, str]]) -> AsyncIterator[tuple[Carrier, int]]:
    port = free_port()
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Carrier(script), local_addr=(HOST, port)
    )
    yield protocol, port
    transport.close()


def trunk(port: int, **more: object) -> dict[str, object]:
    return {"carrier": {"domain": f"{HOST}:{port}", "user": "gw", "auth_user": "gw-1", "password": PASSWORD, **more}}


def challenge(kind: str) -> str:
    return f'{kind}: Digest realm="carrier", nonce="{NONCE}", algorithm=MD5, qop="auth"'


async def test_we_register_with_the_password_and_tell_when_it_is_wrong(tmp_path: Path) -> None:
    def script(message: str) -> tuple[str, str]:
        if is_answer(message, "Authorization"):
            return "200 OK", f"Contact: {header(message, 'Contact')};expires=300"
        return "401 Unauthorized", challenge("WWW-Authenticate")

    async with carrier(script) as (far, port):
        given = settings(free_port(2), workers=2, trunks=trunk(port, register_seconds=300))
        async with place(given, tmp_path) as here:
            first, second = here.endpoint.workers.each
            await eventually(lambda: "carrier" in first.registrations)
            assert first.registrations["carrier"].registered
            assert not second.registrations, "whoever registers twice is rung twice"
        assert far.answers[:2] == ["401 Unauthorized", "200 OK"]
        assert header(far.requests[1], "From").startswith(f"<sip:gw@{HOST}")
        assert 'username="gw-1"' in far.requests[1]
        wrong = settings(free_port(), trunks=trunk(port, register_seconds=300, password="guessed"))
        async with place(wrong, tmp_path) as here:
            (worker,) = here.endpoint.workers.each
            await eventually(lambda: "carrier" in worker.registrations)
            assert not worker.registrations["carrier"].registered


async def test_a_call_is_authenticated_and_shows_the_line_that_calls(tmp_path: Path) -> None:
    def script(message: str) -> tuple[str, str]:
        if is_answer(message, "Proxy-Authorization"):
            return "486 Busy Here", ""
        return "407 Proxy Authentication Required", challenge("Proxy-Authenticate")

    async with carrier(script) as (far, port), place(settings(free_port(), trunks=trunk(port)), tmp_path) as here:
        order = TrunkOrder("tel:+8221588", "07012345678", 20.0)
        reached = await here.endpoint.trunks.call(order, lambda: None)
        assert isinstance(reached, NotReached)
        assert (reached.failure, reached.code) == (Failure.BUSY, 486)
        invite = far.requests[-1]
        assert invite.startswith(f"INVITE sip:+8221588@{HOST}:{port}")
        assert header(invite, "From").startswith(f"<sip:07012345678@{HOST}:{port}>")
        assert 'username="gw-1"' in invite


@pytest.mark.parametrize(
    ("status", "more", "failure"),
    [
        ("302 Moved Temporarily", "Contact: <sip:+19005550100@127.0.0.1:{other}>", Failure.UNREACHABLE),
        ("404 Not Found", "", Failure.UNREACHABLE),
        ("480 Temporarily Unavailable", "", Failure.NO_ANSWER),
        ("503 Service Unavailable", "Retry-After: 10", Failure.UNREACHABLE),
        ("603 Decline", "", Failure.DECLINED),
    ],
)
async def test_each_refusal_is_told_and_nobody_sends_us_elsewhere(
    tmp_path: Path, status: str, more: str, failure: Failure
) -> None:
    async with (
        carrier(lambda message: ("486 Busy Here", "")) as (elsewhere, other),
        carrier(lambda message: (status, more.format(other=other))) as (_, port),
        place(settings(free_port(), trunks=trunk(port)), tmp_path) as here,
    ):
        reached = await here.endpoint.trunks.call(TrunkOrder("tel:+8221588", "070", 20.0), lambda: None)
        assert isinstance(reached, NotReached)
        assert (reached.failure, reached.code) == (failure, int(status[:3]))
        assert not elsewhere.requests, "a redirection would be a way to have us call any number"
