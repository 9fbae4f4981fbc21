"""The leg that keeps the time itself, in virtual time: what it writes when, and when it says that marks are reached."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.telephony.codec import CodecEvent, FlowControl, WireCounts
from gateway.telephony.leg import HangUpCause, HungUp, LegEvent, LegInfo, MarkPlayed
from gateway.telephony.media_clock import GapCounts
from gateway.telephony.paced_leg import PacedLeg
from gateway.telephony.settings import TelephonySettings
from infra.audio import AudioFrame
from tests import virtual_time

RATE = 8000
PIECE = b"\x05\x00" * 160


class Socket:
    """Takes what is written, and when."""

    def __init__(self) -> None:
        self.is_writable = True
        self.written: list[tuple[float, str | bytes]] = []
        self.closed: tuple[int, str] | None = None

    def send(self, message: str | bytes) -> None:
        self.written.append((round(asyncio.get_running_loop().time() - 1000.0, 3), message))

    send_text = send

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class Codec:
    """A wire on which sound is sent as it is, and can be killed."""

    protocol, is_text = "plain", False

    def __init__(self) -> None:
        self.counts, self.gaps = WireCounts(), GapCounts()

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        return [FlowControl(go_on=message == "on")]

    def encode_media(self, pcm: bytes) -> bytes:
        return pcm

    def encode_mark(self, name: str) -> None:
        return None

    def encode_clear(self) -> str:
        return "kill"

    def encode_end(self, reason: str) -> None:
        return None


def leg(socket: Socket, **settings: float) -> tuple[PacedLeg, list[LegEvent]]:
    made = PacedLeg(socket, Codec(), LegInfo("1", "1", "", "", "plain", RATE), TelephonySettings(**settings))
    events: list[LegEvent] = []
    made.listen(events.append)
    return made, events


def frame(pieces: int) -> AudioFrame:
    return AudioFrame(PIECE * pieces, RATE, 0.0)


def test_sound_is_written_at_the_pace_of_sound_and_its_mark_told_when_it_is_over() -> None:
    socket = Socket()

    async def play() -> list[LegEvent]:
        made, events = leg(socket)
        made.send(frame(6))
        made.mark("said")
        assert events == []
        await asyncio.sleep(0.1199)
        assert events == []
        await asyncio.sleep(0.0002)
        await made.hang_up("over")
        await asyncio.sleep(0)
        return events

    assert virtual_time.run(play()) == [MarkPlayed("said"), HungUp("over", HangUpCause.OURS)]
    assert [at for at, _ in socket.written] == [0.0, 0.0, 0.0, 0.0, 0.02, 0.04]
    assert socket.closed == (1000, "over")


def test_a_clear_takes_back_what_was_not_sent_and_says_so_where_the_wire_has_a_word_for_it() -> None:
    socket = Socket()

    async def play() -> list[LegEvent]:
        made, events = leg(socket)
        made.send(frame(100))
        made.mark("never heard")
        await asyncio.sleep(0.05)
        made.clear()
        assert events == []  # never from within a call of the leg
        await asyncio.sleep(1.0)
        return events

    assert virtual_time.run(play()) == [MarkPlayed("never heard")]
    assert socket.written[-1] == (0.05, "kill")
    assert len(socket.written) == 7


def test_nothing_is_let_go_while_the_socket_or_the_far_end_takes_nothing() -> None:
    socket = Socket()

    async def play() -> None:
        made, _ = leg(socket)
        made.received("off")
        made.send(frame(1))
        assert socket.written == []
        made.received("on")
        assert len(socket.written) == 1
        socket.is_writable = False
        made.writable(False)
        made.send(frame(1))
        await asyncio.sleep(1.0)
        assert len(socket.written) == 1
        socket.is_writable = True
        made.writable(True)
        assert len(socket.written) == 2

    virtual_time.run(play())


def test_what_does_not_fit_is_dropped_and_half_a_sample_or_another_rate_is_a_mistake_of_ours() -> None:
    socket = Socket()

    async def play() -> list[LegEvent]:
        made, events = leg(socket, send_queue=0.02)
        made.send(frame(2))
        made.mark("would be a lie")
        with pytest.raises(ValueError, match="whole samples"):
            made.send(AudioFrame(b"\0", RATE, 0.0))
        with pytest.raises(ValueError, match="resample"):
            made.send(AudioFrame(PIECE, 16_000, 0.0))
        await asyncio.sleep(1.0)
        return events

    assert virtual_time.run(play()) == []
    assert socket.written == []


def test_a_listener_that_fails_at_a_mark_ends_the_leg_as_a_fault_of_ours() -> None:
    socket = Socket()

    async def play() -> list[LegEvent]:
        heard: list[LegEvent] = []

        def hear(event: LegEvent) -> None:
            heard.append(event)
            if event == MarkPlayed("m"):
                raise LookupError("the session is broken")

        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        made = PacedLeg(socket, Codec(), LegInfo("1", "1", "", "", "plain", RATE), TelephonySettings())
        made.listen(hear)
        made.mark("m")
        await asyncio.sleep(0.1)
        return heard

    assert virtual_time.run(play()) == [MarkPlayed("m"), HungUp("internal error", HangUpCause.FAULT)]
    assert socket.closed == (1011, "internal error")
