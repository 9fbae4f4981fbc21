"""The caller in real calls: with a scripted server of another make, and through our own doors from webhook to stop."""

from __future__ import annotations

import asyncio
import base64
import json
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from gateway.telephony.caller import (
    Caller,
    CallerEvent,
    CallOver,
    MarkReturned,
    Misunderstood,
    SoundCleared,
    SpeechSent,
    VoiceStarted,
    VoiceStopped,
    dial,
    new_call_sid,
)
from gateway.telephony.errors import CallEnded, CallRefused, NoAnswer
from gateway.telephony.leg import DtmfReceived, LegEvent, MediaLeg, MediaReceived
from infra.audio import mulaw_decode, mulaw_encode
from tests.gateway.telephony.doors import doors

TOKEN = "open sesame"


def tone(seconds: float, rate: int = 8000) -> bytes:
    return (6000 * np.sin(np.arange(round(seconds * rate)) * 5600 / rate)).astype("<i2").tobytes()


def level(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.square(np.frombuffer(pcm, dtype="<i2").astype(float)))))


class Line:
    """The scripted server's end of one call: everything that came, and a hand to answer with."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.messages: list[dict[str, Any]] = []
        self.times: list[float] = []

    @property
    def sid(self) -> str:
        return str(self.messages[1]["streamSid"])

    async def take(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.connection.recv())
        self.messages.append(message)
        self.times.append(asyncio.get_running_loop().time())
        return message

    async def take_until(self, event: str) -> dict[str, Any]:
        while (message := await self.take())["event"] != event:
            pass
        return message

    async def take_for(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await self.take()

    async def play(self, pcm: bytes, mark: str | None = None) -> None:
        payload = base64.b64encode(mulaw_encode(pcm)).decode()
        await self.say({"event": "media", "media": {"payload": payload}})
        if mark is not None:
            await self.say({"event": "mark", "mark": {"name": mark}})

    async def say(self, message: dict[str, Any]) -> None:
        await self.connection.send(json.dumps({"streamSid": self.sid} | message))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]


@asynccontextmanager
async def server(script: Callable[[Line], Awaitable[None]]) -> AsyncIterator[tuple[str, list[Line]]]:
    """A server that runs ``script`` for each call once its start has come; its address, and the calls."""
    lines: list[Line] = []

    async def handle(connection: ServerConnection) -> None:
        line = Line(connection)
        lines.append(line)
        await line.take_until("start")
        await script(line)

    async with serve(handle, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/media", lines


async def listen_only(line: Line) -> None:
    await line.take_until("stop")


async def told(caller: Caller) -> list[CallerEvent]:
    async with asyncio.timeout(20):
        return [event async for event in caller.events()]


async def test_a_caller_speaks_the_carriers_side_in_real_time_and_in_order() -> None:
    async with (
        server(listen_only) as (url, lines),
        Caller(url, ani="+8210", dnis="15880000", parameters={"demo": "1"}) as caller,
    ):
        spoken = await caller.say(tone(0.5, 16000), 16000)
        began = asyncio.get_running_loop().time() - caller.now
        await caller.press("1#")
        await asyncio.sleep(0.06)
    (line,) = lines
    assert [message["event"] for message in line.messages[:2]] == ["connected", "start"]
    start = line.messages[1]["start"]
    assert start["customParameters"] == {"from": "+8210", "to": "15880000", "demo": "1"}
    assert (start["callSid"], start["mediaFormat"]["encoding"]) == (caller.call_sid, "audio/x-mulaw")
    sequence = [int(message["sequenceNumber"]) for message in line.messages[1:]]
    assert sequence == list(range(1, len(sequence) + 1))
    media = [message["media"] for message in line.of("media")]
    assert [int(piece["chunk"]) for piece in media] == list(range(1, len(media) + 1))
    assert [int(piece["timestamp"]) for piece in media] == [20 * n for n in range(len(media))]
    times = [at for at, message in zip(line.times, line.messages, strict=True) if message["event"] == "media"]
    late = [at - began - number * 0.02 for number, at in enumerate(times)]
    assert min(late) > -0.01, "no frame is sent before its time"
    assert min(late[len(late) // 2 :]) < 0.1, "the caller keeps up, wherever the machine lets it"
    assert [message["dtmf"]["digit"] for message in line.of("dtmf")] == ["1", "#"]
    assert line.messages[-1]["event"] == "stop"
    speech = b"".join(mulaw_decode(base64.b64decode(piece["payload"])) for piece in media)
    first = 2 * round(spoken.started * 8000)
    assert level(speech[first : first + 2 * 8000 // 2]) == pytest.approx(6000 / 2**0.5, rel=0.05)
    assert 0.44 < spoken.ended - spoken.started < 0.52
    assert caller.said.startswith(speech)


async def test_a_mark_comes_back_when_the_sound_before_it_was_heard() -> None:
    async def script(line: Line) -> None:
        await line.play(tone(0.2), mark="greeting")
        began = asyncio.get_running_loop().time()
        assert (await line.take_until("mark"))["mark"]["name"] == "greeting"
        line.waited = asyncio.get_running_loop().time() - began  # type: ignore[attr-defined]
        await line.take_until("stop")

    async with server(script) as (url, lines), Caller(url) as caller:
        heard = await caller.listen_until_quiet(quiet=0.1, timeout=20)
        assert heard.span.end - heard.span.start == pytest.approx(0.2, abs=0.02)
        assert heard.response_time is None
        assert level(heard.pcm) > 3000
    assert 0.19 < lines[0].waited < 3.0  # type: ignore[attr-defined]


async def test_a_clear_takes_the_sound_back_and_returns_the_marks_at_once() -> None:
    async def script(line: Line) -> None:
        await line.play(tone(0.2), mark="heard")
        await line.play(tone(9.8), mark="never heard in full")
        await line.take_until("mark")
        await line.say({"event": "clear"})
        began = asyncio.get_running_loop().time()
        await line.take_until("mark")
        line.waited = asyncio.get_running_loop().time() - began  # type: ignore[attr-defined]
        await line.take_until("stop")

    async with server(script) as (url, lines):
        async with Caller(url) as caller:
            heard = await caller.listen_until_quiet(quiet=0.1, timeout=20)
            assert 0.18 < heard.span.end - heard.span.start < 5.0
        events = await told(caller)
    assert lines[0].waited < 3.0  # type: ignore[attr-defined]
    cleared = next(event for event in events if isinstance(event, SoundCleared))
    assert cleared.seconds == pytest.approx(10.0 - (heard.span.end - heard.span.start), abs=0.03)
    assert [event.name for event in events if isinstance(event, MarkReturned)] == ["heard", "never heard in full"]
    assert len(caller.heard) == pytest.approx(16000 * caller.now, abs=4)


async def test_the_time_to_the_answer_is_measured_from_the_last_speech_to_the_first_sound() -> None:
    async def script(line: Line) -> None:
        for _ in range(2):
            while level(mulaw_decode(base64.b64decode((await line.take_until("media"))["media"]["payload"]))) < 1000:
                pass
            while level(mulaw_decode(base64.b64decode((await line.take_until("media"))["media"]["payload"]))) > 1000:
                pass
            await line.take_for(0.1)
            await line.play(bytes(1600) + tone(0.1))  # 0.1 s of silence first: it is not an answer yet
        await line.take_until("stop")

    async with server(script) as (url, _):
        async with Caller(url) as caller:
            for _ in range(2):
                await caller.say(tone(0.2) + bytes(3200), 8000)
                heard = await caller.listen_until_quiet(quiet=0.1, timeout=20)
                # One frame to see that it is silent, 0.1 s of pondering, 0.1 s of silence.
                assert heard.response_time is not None
                assert 0.19 < heard.response_time < 3.0
        events = await told(caller)
    kinds = [type(event) for event in events]
    assert kinds.count(SpeechSent) == kinds.count(VoiceStarted) == 2
    assert VoiceStopped in kinds
    assert [event.response_time for event in events if isinstance(event, VoiceStarted)][-1] == heard.response_time


async def test_a_gateway_that_hangs_up_ends_everything_that_waits_for_it() -> None:
    async def script(line: Line) -> None:
        await line.play(tone(0.1), mark="heard")
        await line.take_until("mark")
        await line.connection.close(1013, "no room")

    async with server(script) as (url, _):
        async with Caller(url) as caller:
            with pytest.raises(CallEnded, match="1013 no room"):
                await caller.say(tone(2.0), 8000)
            over = await caller.wait_until_over(20.0)
            assert (over.code, over.reason) == (1013, "no room")
            heard = await caller.listen_until_quiet(timeout=20.0)
            assert heard.over
            with pytest.raises(CallEnded, match="the call is over"):
                await caller.press("1")
            with pytest.raises(CallEnded):
                await caller.listen_until_quiet(timeout=20.0)
        assert (await told(caller))[-1] == caller.over


async def test_a_pause_within_sound_that_has_arrived_already_is_not_the_end_of_the_answer() -> None:
    async def script(line: Line) -> None:
        await line.play(tone(0.1) + bytes(6400) + tone(0.1))
        await line.take_until("stop")

    async with server(script) as (url, _), Caller(url) as caller:
        heard = await caller.listen_until_quiet(quiet=0.1, timeout=20)
        assert heard.span.end - heard.span.start == pytest.approx(0.6, abs=0.03)


async def test_events_that_nobody_reads_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(line: Line) -> None:
        for number in range(8):
            await line.say({"event": "mark", "mark": {"name": str(number)}})
        await line.take_until("stop")

    monkeypatch.setattr("gateway.telephony.caller.EVENT_LIMIT", 3)
    async with server(script) as (url, lines):
        async with Caller(url) as caller, asyncio.timeout(20):
            while not lines or len(lines[0].of("mark")) < 8:
                await asyncio.sleep(0.01)
        kept = await told(caller)
    assert [event.name for event in kept if isinstance(event, MarkReturned)] == ["6", "7"]
    assert isinstance(kept[-1], CallOver)


async def test_waiting_for_an_answer_has_an_end() -> None:
    async with server(listen_only) as (url, _), Caller(url) as caller:
        with pytest.raises(NoAnswer, match=r"said nothing within 0\.1 s"):
            await caller.listen_until_quiet(timeout=0.1)
        with pytest.raises(NoAnswer, match="did not hang up"):
            await caller.wait_until_over(timeout=0.05)


async def test_what_is_not_in_the_protocol_is_noted_and_passed_over() -> None:
    async def script(line: Line) -> None:
        await line.say({"event": "dance"})
        await line.say({"event": "clear", "streamSid": "MZother"})
        await line.connection.send(b"\x00\x01")
        await line.play(tone(0.1))
        await line.take_until("stop")

    async with server(script) as (url, _):
        async with Caller(url) as caller:
            await caller.listen_until_quiet(quiet=0.05, timeout=20)
        problems = [event.problem for event in await told(caller) if isinstance(event, Misunderstood)]
    assert len(problems) == 3
    assert problems[1] == "a message for another stream"


async def test_the_recording_has_the_caller_left_and_the_other_side_right(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        await line.take_for(0.3)
        await line.play(tone(0.2))
        await line.take_until("stop")

    async with server(script) as (url, _), Caller(url, noise_dbfs=None) as caller:
        await caller.say(tone(0.2), 8000)
        heard = await caller.listen_until_quiet(quiet=0.1, timeout=20)
    await asyncio.to_thread(caller.save_recording, tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        sides = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    loud = [np.flatnonzero(np.abs(side) > 1000) / 8000 for side in (sides[:, 0], sides[:, 1])]
    assert (loud[0][0], loud[0][-1]) == (pytest.approx(0.0, abs=0.03), pytest.approx(0.2, abs=0.03))
    assert (loud[1][0], loud[1][-1]) == (
        pytest.approx(heard.span.start, abs=0.03),
        pytest.approx(heard.span.end, abs=0.03),
    )
    assert heard.span.start > 0.29


# --- through our own doors -----------------------------------------------------------------------------------------


async def test_a_call_goes_from_the_webhook_over_the_socket_and_back_signed_all_the_way() -> None:
    seen: list[Any] = []

    async def echo_until_key(leg: MediaLeg) -> None:
        seen.append(leg.info)
        pressed = asyncio.Event()

        def hear(event: LegEvent) -> None:
            match event:
                case MediaReceived(frame):
                    leg.send(frame)
                case DtmfReceived(digit):
                    seen.append(digit)
                    pressed.set()

        leg.listen(hear)
        await pressed.wait()
        leg.clear()
        await leg.hang_up("goodbye")

    async with doors(echo_until_key, twilio_auth_token=TOKEN) as opened:
        voice_url = opened.voice
        sid = new_call_sid()
        with pytest.raises(CallRefused, match="answered 403"):
            await dial(voice_url, ani="+8210", dnis="15880000", call_sid=sid)
        offer = await dial(voice_url, ani="+8210", dnis="15880000", call_sid=sid, auth_token=TOKEN)
        with pytest.raises(CallRefused, match="403"):
            async with Caller(offer.url):
                pass
        async with Caller(offer.url, parameters=offer.parameters, call_sid=sid, auth_token=TOKEN) as caller:
            await caller.say(tone(0.3), 8000)
            heard = await caller.listen_until_quiet(quiet=0.2, timeout=20)
            await caller.press("9")
            over = await caller.wait_until_over(20.0)
    info, digit = seen
    assert (info.call_sid, info.ani, info.dnis, digit) == (sid, "+8210", "15880000", "9")
    assert over == CallOver(1000, "goodbye", over.at)
    assert level(caller.heard) > 500
    assert heard.response_time is not None
