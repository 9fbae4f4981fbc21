"""What we rely on of baresip-python, tried on the real stack, so that another release's move shows at once.

One stack for a process, so each test runs a process of its own; it calls itself over the loopback.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import inspect
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from gateway.telephony.leg import HangUpCause
from gateway.telephony.sip.leg import closing_cause
from tests.gateway.telephony.sip.endpoints import free_port, needs_the_stack

pytestmark = needs_the_stack

_HEAD = """
import asyncio, json, time
from baresip import Account, AudioNotActive, Call, Config, Event, Runtime, UserAgent
from baresip._native import lib

PORT = {port}
URI = f"sip:1588@127.0.0.1:{{PORT}}"

class Stack:
    def __init__(self, *, text="", headers=("User-to-User", "From", "To"), codecs=("pcmu",), rtp_timeout=0,
                 params=("catchall=yes", "video_codecs=none")):
        self.runtime, self.events, self.incoming = Runtime(), [], []
        self.config = Config(net_interface="127.0.0.1", max_concurrent_calls=8, expose_headers=headers,
                             rtp_timeout=rtp_timeout, extra_config_text=f"sip_listen 127.0.0.1:{{PORT}}\\n" + text)
        self.account = Account("aicc", f"127.0.0.1:{{PORT}}", "", reg_interval=0, audio_codecs=codecs,
                               extra_params=params)

    async def __aenter__(self):
        await self.runtime.start(self.config)
        self.runtime.subscribe(self.events.append)
        self.agent = await UserAgent.create(self.runtime, self.account, transfer_policy="reject")
        self.agent.on_incoming(self.incoming.append)
        return self

    async def __aexit__(self, *error):
        await self.runtime.close()

    async def until(self, holds, within=8.0):
        async with asyncio.timeout(within):
            while not holds():
                await asyncio.sleep(0.005)

    async def pair(self, headers=None):
        caller = await self.agent.dial(URI, headers=headers or {{}})
        await self.until(lambda: self.incoming)
        callee = self.incoming[-1]
        await callee.answer()
        await caller.wait_established(8)
        await self.until(lambda: callee.audio.info().rx_ready if callee.state.value == "established" else False)
        return caller, callee

    def names(self, call):
        return [event.event.name for event in self.events if event.call == call.handle]

def tell(**found):
    print(json.dumps(found))

async def main():
"""


def run(body: str) -> dict[str, Any]:
    """What ``body`` tells, run as a program with a stack of its own."""
    program = _HEAD.format(port=free_port()) + textwrap.indent(textwrap.dedent(body), "    ") + "\nasyncio.run(main())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_it_is_the_release_that_was_tried() -> None:
    assert importlib.metadata.version("baresip-python") == "0.5.2a3"


def test_a_call_is_told_by_these_events_and_shows_the_headers_that_were_asked_for() -> None:
    found = run(
        """
        async with Stack() as stack:
            caller, callee = await stack.pair({"User-to-User": "683432;encoding=hex"})
            await caller.hangup()
            await stack.until(lambda: callee.state.value == "closed" and caller.state.value == "closed")
            ends = {e.call: e.text for e in stack.events if e.event is Event.CALL_CLOSED}
            tell(caller=stack.names(caller), callee=stack.names(callee), headers=callee.headers, peer=callee.peer,
                 ids=[caller.call_id, callee.call_id], end=ends[callee.handle], heard=callee.final_stats.duration_s)
            await stack.runtime.cmd(lib.BP_CMD_PING)
        """
    )
    for name in ("CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED"):
        assert name in found["caller"]
    for name in ("CALL_ESTABLISHED", "CALL_CLOSED"):
        assert name in found["callee"]
    assert found["headers"]["User-to-User"] == "683432;encoding=hex"
    assert found["headers"]["To"].startswith("<sip:1588@")
    assert found["peer"].startswith("sip:aicc@127.0.0.1")
    assert found["ids"][0] == found["ids"][1]
    assert found["end"].startswith("Connection reset by peer"), "a BYE, in the stack's words"
    assert found["heard"] >= 0, "the last figures come with the end"


def test_what_happens_before_dial_returns_is_not_told_to_its_call_and_can_be_told_again() -> None:
    """The race that ``Worker._dial`` is about: the loop is busy while the network answers, here with a refusal."""
    found = run(
        """
        async with Stack() as stack:
            early = []
            push = stack.runtime._push_cmd
            def slow(command, *rest):
                err = push(command, *rest)
                if command == lib.BP_CMD_UA_CONNECT:
                    time.sleep(0.2)
                return err
            stack.runtime._push_cmd = slow
            stack.runtime.subscribe(early.append)
            call = await stack.agent.dial(f"sip:x@127.0.0.1:{PORT + 1}")
            missed = [e for e in early if e.call == call.handle]
            before = call.state.value
            for event in missed:
                call._on_stack_event(event)
            tell(missed=[e.event.name for e in missed], before=before, after=call.state.value, id=missed[0].call_id)
        """
    )
    assert found["missed"], "the stack tells of a call before dial() has returned it"
    assert found["before"] == "outgoing"
    assert found["id"]
    if "CALL_CLOSED" in found["missed"]:
        assert found["after"] == "closed"


def test_sound_is_written_ahead_counted_and_flushed() -> None:
    found = run(
        """
        async with Stack() as stack:
            caller, callee = await stack.pair()
            audio = callee.audio
            info = audio.info()
            taken = audio.write(bytes(8000))
            await asyncio.sleep(0.2)
            left = audio.info().tx_buffered
            audio.flush_tx()
            audio.write(bytes(8000))
            await asyncio.sleep(0.1)
            audio.write(bytes(1600))
            await stack.until(lambda: len(callee.audio.read(640)) > 0)
            tell(rate=info.tx_sample_rate, channels=info.tx_channels, taken=taken, left=left,
                 flushed=audio.info().tx_buffered, capacity=info.tx_capacity)
        """
    )
    assert (found["rate"], found["channels"], found["taken"]) == (8000, 1, 8000)
    assert 0 < found["left"] < 8000, "it is played at its own pace"
    assert found["flushed"] <= 1600, "also what was written before the stack came to flush is gone"
    assert found["capacity"] >= 16_000, "a second, of which we use half"


@pytest.mark.parametrize(
    ("codec", "rate", "channels"), [("g722/16000/1", 16_000, 1), ("opus/48000/2", 48_000, 2), ("pcma", 8_000, 1)]
)
def test_each_codec_has_this_format(codec: str, rate: int, channels: int) -> None:
    found = run(
        f"""
        async with Stack(codecs=({codec!r},)) as stack:
            caller, callee = await stack.pair()
            info = callee.audio.info()
            tell(rate=info.rx_sample_rate, channels=info.rx_channels)
        """
    )
    assert found == {"rate": rate, "channels": channels}


def test_keys_and_holds_are_told() -> None:
    found = run(
        """
        async with Stack() as stack:
            caller, callee = await stack.pair()
            await caller.send_dtmf("5")
            await caller.hold()
            await stack.until(lambda: "CALL_HOLD" in stack.names(callee))
            held = callee.remote_on_hold
            for _ in range(50):
                try:
                    await caller.resume()
                    break
                except Exception:
                    await asyncio.sleep(0.1)
            await stack.until(lambda: "CALL_RESUME" in stack.names(callee))
            keys = [e.text for e in stack.events if e.event is Event.CALL_DTMF_START]
            tell(keys=keys, held=held, names=stack.names(callee))
        """
    )
    assert found["keys"] == ["5"]
    assert found["held"]


def test_a_transfer_that_is_refused_says_why_and_the_call_goes_on() -> None:
    found = run(
        """
        from baresip import TransferFailed
        async with Stack() as stack:
            caller, callee = await stack.pair()
            try:
                await caller.transfer("<sip:x@127.0.0.1?User-to-User=6834%3Bencoding%3Dhex>", timeout=5)
            except TransferFailed as error:
                raw = [e.text for e in stack.events if e.event is Event.CALL_TRANSFER]
                tell(status=error.status, state=caller.state.value, raw=raw)
        """
    )
    assert found["status"] == 603, "whoever asks us to call somebody is refused"
    assert found["state"] == "established"
    assert found["raw"] == ["<sip:x@127.0.0.1?User-to-User=6834%3Bencoding%3Dhex>"], "as we wrote it"


def test_a_call_without_sound_is_ended_by_itself_in_words_that_we_know() -> None:
    found = run(
        """
        import socket
        sdp = "\\r\\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
                              "m=audio 9 RTP/AVP 0", ""])
        def request(method, more=()):
            head = [f"{method} {URI} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{peer[1]};branch=z9hG4bK{method}",
                    "From: <sip:silent@x>;tag=1", "Call-ID: silent", f"CSeq: 1 {method}", "Max-Forwards: 70",
                    f"Contact: <sip:silent@127.0.0.1:{peer[1]}>", *more]
            return "\\r\\n".join(head).encode()
        async with Stack(rtp_timeout=1) as stack:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
                wire.bind(("127.0.0.1", 0))
                wire.setblocking(False)
                peer, loop = wire.getsockname(), asyncio.get_running_loop()
                more = ["To: <sip:1588@x>", "Content-Type: application/sdp", f"Content-Length: {len(sdp)}", "", sdp]
                wire.sendto(request("INVITE", more), ("127.0.0.1", PORT))
                await stack.until(lambda: stack.incoming)
                await stack.incoming[0].answer()
                while not (answer := (await loop.sock_recv(wire, 4096)).decode()).startswith("SIP/2.0 200"):
                    pass
                to = next(line for line in answer.splitlines() if line.startswith("To:"))
                wire.sendto(request("ACK", [to, "Content-Length: 0", "", ""]), ("127.0.0.1", PORT))
                await stack.until(lambda: stack.incoming[0].state.value == "closed")
            tell(ends=[e.text for e in stack.events if e.event is Event.CALL_CLOSED])
        """
    )
    assert [closing_cause(end) for end in found["ends"]] == [HangUpCause.IDLE], found


def test_its_pieces_have_the_shape_that_we_use() -> None:
    baresip = pytest.importorskip("baresip")
    expected = {
        baresip.UserAgent.create: ["runtime", "account", "transfer_policy"],
        baresip.UserAgent.dial: ["self", "uri", "headers", "video"],
        baresip.Call.transfer: ["self", "uri", "timeout"],
        baresip.Call.attended_transfer: ["self", "consult_call", "timeout"],
        baresip.Runtime.cmd: ["self", "cmd_id", "args", "timeout"],
        baresip.Call._on_stack_event: ["self", "event"],
    }
    for function, parameters in expected.items():
        assert list(inspect.signature(function).parameters) == parameters, function


def test_the_gateway_itself_works_without_it() -> None:
    gateway = Path(__file__).parents[2] / "gateway"
    importing = [
        path.relative_to(gateway).as_posix()
        for path in gateway.rglob("*.py")
        if re.search(r"^\s*(?:from|import) baresip\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert sorted(importing) == ["telephony/sip/worker.py", "telephony/sip/worker_call.py"], "what a process runs"
