"""The leg over real sockets: what it tells its listener, what it sends, and every way that it can end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.telephony.codec import CodecEvent, FlowControl, WireCounts
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegEvent, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts
from gateway.telephony.media_leg import WebSocketLeg
from gateway.telephony.settings import TelephonySettings
from infra.audio import AudioFrame
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import OpenCall, open_call


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


def frame(samples: int = 160, rate: int = 8000) -> AudioFrame:
    return AudioFrame(bytes(2 * samples), rate, 0.0)


async def fill(call: OpenCall) -> None:
    """Speak until the far end, which does not read, takes nothing more, not even into its system's buffers."""
    call.far_end.transport.pause_reading()
    socket = call.leg._socket  # type: ignore[attr-defined]
    refusals = 0
    while refusals < 20:
        refusals = 0 if socket.is_writable else refusals + 1
        if socket.is_writable:
            call.leg.send(frame(8000))
        await asyncio.sleep(0.001)


async def test_a_leg_hears_speaks_and_ends_with_the_carriers_stop() -> None:
    async with open_call() as call:
        call.leg.send(frame())
        call.leg.mark("m")
        assert [message["event"] for message in await call.said(2)] == ["media", "mark"]
        call.listen()
        await call.say(wire.media(1), wire.mark("m", sequence=3), wire.dtmf("#", sequence=4), wire.stop(sequence=5))
        assert (await call.ended()).cause is HangUpCause.FAR_END
        assert await call.closed_with() == (1000, "")
        sound, played, key, _ = call.events
        assert isinstance(sound, MediaReceived)
        assert (played, key) == (MarkPlayed("m"), DtmfReceived("#", at=0.02))


async def test_what_came_before_anybody_listened_is_told_first_and_never_from_within_listen() -> None:
    async with open_call() as call:
        await call.say(wire.dtmf("1"), wire.dtmf("2", sequence=3))
        call.leg.mark("the far end knows that its keys were read")
        await call.said(1)
        await asyncio.sleep(0.05)
        call.listen()
        assert call.events == []
        await call.say(wire.dtmf("3", sequence=4), wire.stop(sequence=5))
        await call.ended()
        assert [event.digit for event in call.events if isinstance(event, DtmfReceived)] == ["1", "2", "3"]


async def test_a_leg_that_ended_before_anybody_listened_still_tells_its_end() -> None:
    async with open_call() as call:
        await call.leg.hang_up("goodbye")
        assert await call.closed_with() == (1000, "goodbye")
        call.listen()
        assert await call.ended() == HungUp("goodbye", HangUpCause.OURS)
        assert len(call.events) == 1


async def test_a_second_listener_is_a_mistake_of_ours() -> None:
    async with open_call() as call:
        call.listen()
        with pytest.raises(RuntimeError, match="one listener"):
            call.listen()


async def test_a_call_to_which_nobody_ever_listens_is_ended_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.telephony.audience.UNHEARD", 3)
    async with open_call() as call:
        await call.say(*(wire.dtmf("1", sequence=2 + n) for n in range(3)))
        assert await call.closed_with() == (1011, "internal error")


@pytest.mark.parametrize("early", [True, False], ids=["in what came before", "in what comes now"])
async def test_a_listener_that_fails_ends_the_leg_as_a_fault_of_ours(
    early: bool, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[LegEvent] = []

    def hear(event: LegEvent) -> None:
        heard.append(event)
        if event == DtmfReceived("1", at=0.0):
            raise LookupError("the session is broken")

    before = count("legs_ended_total", protocol="twilio", cause="fault")
    async with open_call() as call:
        if not early:
            call.leg.listen(hear)
        await call.say(wire.dtmf("1"), wire.dtmf("2", sequence=3))
        await asyncio.sleep(0.05)
        if early:
            call.leg.listen(hear)
        assert await call.closed_with() == (1011, "internal error")
    assert heard == [DtmfReceived("1", at=0.0), HungUp("internal error", HangUpCause.FAULT)]
    assert count("legs_ended_total", protocol="twilio", cause="fault") - before == 1
    (record,) = [record for record in caplog.records if record.exc_info]
    assert isinstance(record.exc_info, tuple)
    assert isinstance(record.exc_info[1], LookupError)


async def test_sound_at_another_rate_is_a_mistake_of_ours() -> None:
    async with open_call() as call:
        with pytest.raises(ValueError, match="resample"):
            call.leg.send(frame(rate=16000))


async def test_a_clear_overtakes_the_sound_that_waits() -> None:
    async with open_call() as call:
        await fill(call)
        call.leg.send(frame())
        call.leg.mark("m")
        call.leg.clear()
        call.leg.mark("after")
        call.far_end.transport.resume_reading()
        while (message := (await call.said(1))[0])["event"] == "media":
            pass
        assert message["event"] == "clear"
        assert [message["mark"]["name"] for message in await call.said(2)] == ["m", "after"]


async def test_a_full_queue_drops_the_new_frame_and_the_mark_behind_it() -> None:
    before = [count(name, protocol="twilio") for name in ("frames_dropped_total", "marks_withheld_total")]
    async with open_call(send_queue=0.04) as call:
        await fill(call)
        for _ in range(5):
            call.leg.send(frame())
        call.leg.mark("would be a lie")
        call.leg.mark("true")
        call.far_end.transport.resume_reading()
        while (message := (await call.said(1))[0])["event"] == "media":
            pass
        assert message["mark"]["name"] == "true"
    after = [count(name, protocol="twilio") for name in ("frames_dropped_total", "marks_withheld_total")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3, 1]


async def test_sound_that_meets_a_lost_connection_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    async with open_call() as call:
        call.listen()
        call.far_end.transport.abort()
        for _ in range(20):
            call.leg.send(frame())
            await asyncio.sleep(0.005)
        assert (await call.ended()).cause is HangUpCause.CONNECTION_LOST
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_after_the_end_nothing_is_sent_and_nothing_breaks() -> None:
    async with open_call() as call:
        call.listen()
        await call.leg.hang_up("goodbye")
        await call.leg.hang_up("once more")
        call.leg.send(frame())
        call.leg.mark("m")
        call.leg.clear()
        assert await call.ended() == HungUp("goodbye", HangUpCause.OURS)
        assert await call.closed_with() == (1000, "goodbye")


async def test_a_far_end_that_takes_nothing_is_given_up() -> None:
    async with open_call(send_timeout=0.05) as call:
        call.listen()
        await fill(call)
        assert await call.ended() == HungUp("the far end took nothing for 0.05 s", HangUpCause.STALLED)


async def test_a_far_end_that_says_nothing_is_given_up() -> None:
    async with open_call(idle_timeout=0.05) as call:
        call.listen()
        assert await call.ended() == HungUp("silence on the wire for 0.05 s", HangUpCause.IDLE)
        assert await call.closed_with() == (1008, "silence on the wire for 0.05 s")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (1000, HangUpCause.FAR_END),
        (1001, HangUpCause.FAR_END),
        (1005, HangUpCause.CONNECTION_LOST),
        (1009, HangUpCause.CONNECTION_LOST),
        (1012, HangUpCause.CONNECTION_LOST),
        (4000, HangUpCause.CONNECTION_LOST),
    ],
)
async def test_a_socket_that_closes_without_a_stop_ends_the_leg(code: int, cause: HangUpCause) -> None:
    async with open_call() as call:
        call.listen()
        if code == 1005:
            call.far_end.protocol.send_close()
            call.far_end.transport.write(b"".join(call.far_end.protocol.data_to_send()))
        else:
            await call.far_end.close(code)
        end = await call.ended()
        assert (end.cause, f"({code})" in end.reason) == (cause, True)


async def test_sound_far_ahead_of_real_time_is_refused_whether_stamped_or_sent_so() -> None:
    async with open_call(max_ahead=30) as call:
        call.listen()
        await call.say(wire.media(1), wire.media(2, timestamp=29_000), wire.media(3, timestamp=10**12))
        assert await call.closed_with() == (1008, "sound runs more than 30 s ahead of real time")
        await call.ended()
        assert [type(event) for event in call.events] == [MediaReceived, MediaReceived, HungUp]


async def test_what_was_odd_on_the_wire_is_counted_when_the_leg_ends() -> None:
    names = ("unknown_event", "sequence_gap", "lost_chunk", "late_chunk")

    def odd() -> list[float]:
        return [count("odd_messages_total", protocol="twilio", kind=name) for name in names]

    before, filled = odd(), count("sound_filled_seconds_total", protocol="twilio")
    async with open_call() as call:
        await call.say(wire.media(1), wire.media(3), wire.media(2), {"event": "news"}, wire.stop(sequence=5))
        await call.closed_with()
    assert [new - old for new, old in zip(odd(), before, strict=True)] == [1, 1, 1, 1]
    assert count("sound_filled_seconds_total", protocol="twilio") - filled == pytest.approx(0.02)


async def test_legs_that_are_open_are_counted() -> None:
    before = count("legs_open", protocol="twilio")
    async with open_call() as call:
        assert count("legs_open", protocol="twilio") == before + 1
        await call.leg.hang_up("done")
        assert count("legs_open", protocol="twilio") == before


async def test_hundreds_of_frames_wake_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_call() as call:
        call.listen()
        made: list[Any] = []
        loop = asyncio.get_running_loop()
        create = loop.create_task
        monkeypatch.setattr(loop, "create_task", lambda *a, **k: (made.append(a), create(*a, **k))[1])
        for number in range(1, 201):
            await call.say(wire.media(number))
            call.leg.send(frame())
        await call.say(wire.stop(sequence=300))
        await call.ended()
        assert len(call.events) == 201
        assert made == []


class Choosy:
    """A wire that says when it has room, has a clear of two messages, and no marks."""

    protocol, is_text = "choosy", False

    def __init__(self) -> None:
        self.counts, self.gaps = WireCounts(), GapCounts()

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        return [FlowControl(go_on=message == "on")]

    def encode_media(self, pcm: bytes) -> bytes:
        return pcm[:2]

    def encode_mark(self, name: str) -> str | None:
        return name or None

    def encode_clear(self) -> tuple[str, str]:
        return ("stop", "empty")

    def encode_end(self, reason: str) -> None:
        return None


class Paper:
    """A socket on which everything can be written."""

    is_writable = True

    def __init__(self) -> None:
        self.written: list[str | bytes] = []

    def send(self, message: str | bytes) -> None:
        self.written.append(message)

    send_text = send

    def close(self, code: int, reason: str) -> None:
        self.written.append(reason)


async def test_a_far_end_without_room_is_sent_nothing_until_it_has_some_again() -> None:
    paper = Paper()
    leg = WebSocketLeg(paper, Choosy(), LegInfo("1", "1", "", "", "choosy", 8000), TelephonySettings())
    leg.send(frame())
    leg.received("off")
    leg.send(frame())
    leg.mark("m")
    assert paper.written == [b"\0\0"]
    leg.received("on")
    assert paper.written == [b"\0\0", b"\0\0", "m"]
    leg.received("off")
    leg.send(frame())
    leg.clear()  # takes back what waits here as well, and what filled the far end is gone
    leg.mark("")  # a wire without marks
    leg.send(frame())
    assert paper.written[3:] == ["stop", "empty", b"\0\0"]
    await leg.hang_up("over")
