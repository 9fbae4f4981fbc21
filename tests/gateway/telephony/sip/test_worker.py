"""The process itself, told by a test what the gateway would tell it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.settings import in_clear
from gateway.telephony.sip.worker_messages import Splitter, encode_note
from tests.gateway.telephony.sip.endpoints import HOST, free_port, needs_the_stack, settings

pytestmark = needs_the_stack


class Gateway:
    """The gateway's end of the wire."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._splitter = Splitter()
        self._heard: list[wire.Sound | wire.Note] = []

    def say(self, *notes: wire.Note) -> None:
        self._connection.sendall(b"".join(map(encode_note, notes)))

    async def hear(self, kind: type) -> wire.Sound | wire.Note:
        """The next message of a kind; those before it are passed over."""
        async with asyncio.timeout(20):
            while True:
                while self._heard:
                    if isinstance(message := self._heard.pop(0), kind):
                        return message
                data = await asyncio.get_running_loop().sock_recv(self._connection, 1 << 16)
                assert data, f"it ended before it said {kind.__name__}"
                self._heard += self._splitter.feed(data)


@asynccontextmanager
async def worker() -> AsyncIterator[tuple[Gateway, subprocess.Popen[bytes]]]:
    """A process, as the gateway starts one."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    program = "from gateway.telephony.sip.worker import main; main()"
    with theirs:
        process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
            [sys.executable, "-c", program, str(theirs.fileno()), "aicc-sip-test"], pass_fds=(theirs.fileno(),)
        )
    with ours, process:
        try:
            yield Gateway(ours), process
        finally:
            process.kill()


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, 20)


async def test_it_is_a_thin_telephone() -> None:
    port = free_port()
    async with worker() as (gateway, process):
        gateway.say(wire.Start(in_clear(settings(port)), 0, ""))
        await gateway.hear(wire.Ready)
        alive = await gateway.hear(wire.Alive)
        assert isinstance(alive, wire.Alive)
        assert alive.cpu > 0
        gateway.say(wire.Dial(1, "self", "010", f"sip:1588@{HOST}:{port}", {"X-Note": "hello"}))
        incoming = await gateway.hear(wire.Incoming)
        assert isinstance(incoming, wire.Incoming)
        assert incoming.peer.startswith("sip:010@")
        gateway.say(wire.Answer(incoming.call))
        established = await gateway.hear(wire.Established)
        assert established in (wire.Established(incoming.call, 16_000), wire.Established(incoming.call - 1, 16_000))
        assert await gateway.hear(wire.Sound)
        gateway.say(wire.HangUp(incoming.call))
        assert await gateway.hear(wire.Closed)
        gateway.say(wire.Stop())
        assert await ended(process) == 0


async def test_orders_that_make_no_sense_do_it_no_harm() -> None:
    async with worker() as (gateway, process):
        gateway.say(wire.Start(in_clear(settings(free_port())), 0, ""))
        await gateway.hear(wire.Ready)
        gateway.say(wire.Answer(99), wire.Refer(99, "<sip:x@y>", 1.0), wire.Clear(99), wire.Ready())
        gateway.say(wire.Dial(7, "self", "010", "sip:1@127.0.0.1\r\nX: y", {}))
        refused = await gateway.hear(wire.NotDialled)
        assert isinstance(refused, wire.NotDialled)
        assert refused.ticket == 7
        gateway.say(wire.Stop())
        assert await ended(process) == 0


async def test_a_port_that_is_taken_is_told() -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, port))
        async with worker() as (gateway, process):
            gateway.say(wire.Start(in_clear(settings(port)), 0, ""))
            failed = await gateway.hear(wire.Failed)
            assert isinstance(failed, wire.Failed)
            assert "in use" in failed.reason
            assert await ended(process) == 0


async def test_it_ends_when_the_gateway_is_gone_and_not_when_a_terminal_or_a_service_manager_says_so() -> None:
    async with worker() as (gateway, process):
        gateway.say(wire.Start(in_clear(settings(free_port())), 0, ""))
        await gateway.hear(wire.Ready)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(process.pid, number)
        await gateway.hear(wire.Alive)
        gateway._connection.close()
        assert await ended(process) == 0


async def test_it_ends_also_before_it_was_told_anything() -> None:
    async with worker() as (gateway, process):
        gateway._connection.close()
        with contextlib.suppress(ProcessLookupError):
            assert await ended(process) in (0, 1)


async def test_a_call_that_cannot_be_resumed_at_once_is_resumed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    from baresip import BaresipError, CallState

    from gateway.telephony.sip import worker as process

    class Busy:
        state, tries = CallState.ESTABLISHED, 0

        async def resume(self) -> None:
            self.tries += 1
            if self.tries < 3:
                raise BaresipError("another session refresh is in flight")

    monkeypatch.setattr(process, "HOLD_PAUSE", 0.0)
    call = Busy()
    await process._hold(call, held=False)
    assert call.tries == 3
    call.state, call.tries = CallState.CLOSED, 0
    with pytest.raises(BaresipError):
        await process._hold(call, held=False)


def test_the_buffers_of_many_calls_are_looked_at_once_a_packet_and_those_of_few_twice() -> None:
    from gateway.telephony.sip.worker import FEW_CALLS, tick  # it needs the stack

    assert [tick(calls) for calls in (0, FEW_CALLS, FEW_CALLS + 1, 200)] == [0.01, 0.01, 0.02, 0.02]
