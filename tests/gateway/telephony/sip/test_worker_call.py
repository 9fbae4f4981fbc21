"""The sound of one call inside a worker, with a stack that is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

baresip = pytest.importorskip("baresip", reason="SIP is not installed: pip install 'aicc[sip]'")

from gateway.telephony.sip import worker_messages as wire  # noqa: E402 - it imports baresip
from gateway.telephony.sip.worker_call import WorkerCall  # noqa: E402

NARROW = baresip.AudioInfo(True, True, 8_000, 1, 20, 8_000, 1, 0, 0, 32_768, 32_768)
FRAME = b"\x01\x00" * 160


class Audio:
    """The stack's buffers."""

    def __init__(self) -> None:
        self.format = NARROW
        self.active = True
        self.restarted = False
        self.received = b""
        self.buffer = b""
        self.flushed = 0

    def _check(self) -> None:
        if not self.active:
            raise baresip.AudioNotActive("no audio")
        if self.restarted:
            self.restarted = False
            raise baresip.AudioRestarted("another codec")

    def info(self) -> object:
        if not self.active:
            raise baresip.AudioNotActive("no audio")
        return replace(self.format, tx_buffered=len(self.buffer))

    def read(self, most: int) -> bytes:
        self._check()
        got, self.received = self.received[:most], self.received[most:]
        return got

    def write(self, pcm: bytes) -> int:
        self._check()
        self.buffer += pcm
        return len(pcm)

    def flush_tx(self) -> None:
        self._check()
        self.flushed += 1
        self.buffer = b""


class Stack:
    """A call of the stack's."""

    def __init__(self) -> None:
        self.handle = 4
        self.state = baresip.CallState.ESTABLISHED
        self.audio = Audio()
        self.final_stats: object = None


class Link:
    def __init__(self) -> None:
        self.notes: list[wire.Note] = []
        self.sounds: list[tuple[int, bytes]] = []

    def note(self, note: wire.Note) -> None:
        self.notes.append(note)

    def sound(self, call: int, pcm: bytes, at: int = 0) -> bool:
        self.sounds.append((at, pcm))
        return True


class Stage:
    def __init__(self) -> None:
        self.stack, self.link = Stack(), Link()
        self.call = WorkerCall(self.stack, self.link, send_queue=1.0)
        self.now = 10.0

    def pump(self, received: bytes = b"") -> None:
        self.stack.audio.received += received
        self.call.pump(self.now)
        self.now += 0.02


def test_sound_flows_from_when_it_is_negotiated() -> None:
    stage = Stage()
    stage.stack.state = baresip.CallState.INCOMING
    stage.pump()
    stage.stack.state, stage.stack.audio.active = baresip.CallState.ESTABLISHED, False
    stage.pump()
    stage.stack.audio.active = True
    stage.pump(FRAME)
    stage.pump(FRAME)
    assert stage.link.notes == [wire.Established(4, 8_000)]
    assert stage.link.sounds == [(0, FRAME), (160, FRAME)]


def test_what_is_sent_is_written_at_once_and_its_mark_comes_when_it_has_left() -> None:
    stage = Stage()
    stage.pump()
    stage.call.send(FRAME)
    stage.call.mark("m1")
    assert stage.stack.audio.buffer == FRAME
    stage.pump()
    assert stage.link.notes == [wire.Established(4, 8_000)]
    stage.stack.audio.buffer = b""
    stage.pump()
    assert stage.link.notes[1:] == [wire.Played(4, "m1")]


def test_a_clear_flushes_the_stack_and_brings_marks_back() -> None:
    stage = Stage()
    stage.pump()
    stage.call.send(FRAME)
    stage.call.mark("m1")
    stage.call.clear()
    assert stage.stack.audio.flushed == 1
    assert stage.link.notes[-1] == wire.Played(4, "m1")


def test_another_codec_in_mid_call_changes_nothing_for_the_leg() -> None:
    stage = Stage()
    stage.pump(FRAME)
    stage.call.send(FRAME * 40)
    stage.call.mark("lost with the old codec")
    stage.stack.audio.restarted = True
    stage.stack.audio.format = replace(NARROW, tx_sample_rate=16_000, rx_sample_rate=16_000)
    stage.pump()
    stage.stack.audio.buffer = b""
    stage.pump(FRAME * 2)
    assert stage.link.notes == [wire.Established(4, 8_000), wire.Played(4, "lost with the old codec")]
    assert len(stage.link.sounds[-1][1]) == len(FRAME), "16 kHz became 8 kHz"
    stage.call.send(FRAME)
    assert len(stage.stack.audio.buffer) == 2 * len(FRAME), "8 kHz became 16 kHz"


def test_a_call_that_only_hears_gets_its_marks_back_at_once() -> None:
    stage = Stage()
    stage.stack.audio.format = replace(NARROW, tx_ready=False)
    stage.pump()
    stage.call.send(FRAME)
    stage.call.mark("m1")
    stage.call.clear()
    assert stage.link.notes[1:] == [wire.Played(4, "m1")]


def test_the_end_of_a_call_has_figures() -> None:
    stage = Stage()
    assert stage.call.figures() == {}
    stage.stack.final_stats = baresip.CallStats(rx_packets=50, rx_lost=1)
    figures = stage.call.figures()
    assert figures["rx_lost"] == 1.0
    assert 1.0 <= figures["mos_estimate"] <= 5.0
    assert figures["unsent_frames"] == 0
    assert "jbuf_late" not in figures, "what the stack did not measure is not a zero"
