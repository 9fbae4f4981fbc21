"""The far end of a scenario's call: the carrier's side of Media Streams at real pace, on a good line or a bad one.

It is written on the wire format alone. A frame leaves every 20 ms with what the caller says, the noise around them and
the echo of what they hear; packets may come late, marks may never come back, the connection may be lost. What happens
here that no ledger can know is told as events of its own: ``far_end.said`` (the caller's last word left),
``far_end.voice`` and ``far_end.silence`` (what they hear).

Refuses: knowing when to do what; ``performance`` says that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Self

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.telephony.phone import Earpiece
from gateway.telephony.streams.messages import (
    Clear,
    Connected,
    Dtmf,
    MarkReached,
    Media,
    Play,
    SetMark,
    Start,
    Stop,
    read_gateway_message,
    write_carrier_message,
)
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, mulaw_decode, mulaw_encode
from tests.calls.scenario import Scenario
from tests.calls.sounds import RATE, background

FRAME: Final = round(RATE * FRAME_SECONDS)
LINE_NOISE: Final = 16.0
"""RMS of the line's hiss, in steps of 16 bits: -66 dB of full scale."""
BAR: Final = 8
"""Frames after which the line's hiss begins anew, and on which the caller begins to speak. It is the least number of
whole frames that is a whole number of windows of voice activity (32 ms): so the same words are the same samples in the
same windows in every run, whenever the caller came to speak, and a recognizer hears in them what it heard before."""
VOICE_OVER: Final = 0.4
"""Seconds after which silence is told."""

Tell = Callable[[str, dict[str, Any]], None]


class FarEnd:
    """One caller's telephone. Connected first, then entered: the call's time begins; gone when it is left."""

    def __init__(self, url: str, parameters: Mapping[str, str], call_sid: str, scenario: Scenario, tell: Tell) -> None:
        self._url = url
        self._start = Start(f"MZ{secrets.token_hex(16)}", 1, f"AC{'0' * 32}", call_sid, dict(parameters))
        self._scenario = scenario
        self._tell = tell
        self._ear = Earpiece(RATE)
        self._speech: deque[tuple[Any, bool]] = deque()
        self._frames = 0
        self._sequence = 1
        self._random = np.random.default_rng(len(scenario.title))
        self._hiss = np.rint(np.random.default_rng(1).normal(0.0, LINE_NOISE, (BAR, FRAME))).astype(np.int32)
        noise = scenario.background
        self._noise = None if noise is None else background(noise.noise, noise.snr_db)
        self._hears = False
        self._quiet = False
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.latest = 0.0
        """Seconds that a frame left too late at most, though the network was not asked to: this machine is too busy."""

    async def connect(self) -> None:
        """Open the media socket. Raises what ``websockets`` raises, ``InvalidStatus`` when the house has no room."""
        self._socket: ClientConnection = await connect(self._url, compression=None, proxy=None, close_timeout=1.0)

    async def __aenter__(self) -> Self:
        await self._socket.send(write_carrier_message(Connected()))
        await self._socket.send(write_carrier_message(self._start))
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._tasks = tuple(self._loop.create_task(work) for work in (self._send_sound(), self._hear()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    @property
    def now(self) -> float:
        """Seconds since the call began; the media time of the frame that leaves now."""
        return self._loop.time() - self._began

    # --- what the caller does --------------------------------------------------------------------------------
    def say(self, pcm: bytes) -> tuple[float, float]:
        """Say this after all that waits to be said; the media times at which it will begin and be over."""
        samples = np.frombuffer(pcm, "<i2").astype(np.int32)
        size = -(-len(samples) // FRAME)
        padded = np.zeros(size * FRAME, np.int32)
        padded[: len(samples)] = samples
        waiting = self._frames + len(self._speech)
        first = -(-waiting // BAR) * BAR
        self._speech.extend((np.zeros(FRAME, np.int32), False) for _ in range(first - waiting))
        self._speech.extend((frame, index == size - 1) for index, frame in enumerate(padded.reshape(-1, FRAME)))
        return first * FRAME_SECONDS, (first + size) * FRAME_SECONDS

    async def press(self, keys: str) -> None:
        """Press keys, a quarter of a second apart, as a quick finger does."""
        for index, key in enumerate(keys):
            if index:
                await asyncio.sleep(0.25)
            await self._send(Dtmf(self._start.stream_sid, self._next(), key))

    async def hang_up(self) -> None:
        """End the call as a carrier does: stop, then close."""
        stream = self._start
        await self._send(Stop(stream.stream_sid, self._next(), stream.account_sid, stream.call_sid))
        self._tasks[0].cancel()
        await self._socket.close()

    def drop(self) -> None:
        """Lose the connection without a word."""
        self._tasks[0].cancel()
        self._socket.transport.abort()

    def go_quiet(self) -> None:
        """Send nothing more, and leave the connection open: a far end that is half dead."""
        self._quiet = True

    # --- sound out -------------------------------------------------------------------------------------------
    async def _send_sound(self) -> None:
        network = self._scenario.network
        held = 0.0
        with suppress(ConnectionClosed):
            while not self._quiet:
                due = self._frames * FRAME_SECONDS
                if network is not None:
                    held = max(held, due + self._random.uniform(0, network.jitter_ms / 1000))
                    if due % network.stall_every < network.stall_ms / 1000:
                        held = max(held, due - due % network.stall_every + network.stall_ms / 1000)
                await asyncio.sleep(max(0.0, max(due, held) - self.now))
                self.latest = max(self.latest, self.now - max(due, held))
                frame, last = self._next_frame()
                number = self._frames
                self._frames += 1
                stream = self._start.stream_sid
                await self._send(Media(stream, self._next(), number + 1, number * 20, mulaw_encode(frame)))
                if last:
                    self._tell("far_end.said", {})
                await self._return_marks()
                self._tell_voice()

    def _next_frame(self) -> tuple[bytes, bool]:
        speech, last = self._speech.popleft() if self._speech else (np.zeros(FRAME, np.int32), False)
        mixed = speech + self._hiss[self._frames % BAR]
        if self._noise is not None:
            mixed = mixed + self._noise.take(range(self._frames * FRAME, (self._frames + 1) * FRAME), mode="wrap")
        if self._scenario.echo is not None:
            mixed = mixed + self._echo()
        return np.clip(mixed, -32768, 32767).astype("<i2").tobytes(), last

    def _echo(self) -> Any:
        echo = self._scenario.echo
        assert echo is not None
        now = self.now - echo.delay_ms / 1000
        heard = np.frombuffer(self._ear.heard(max(now, 0.0))[-FRAME * SAMPLE_WIDTH :], "<i2")
        returned = np.zeros(FRAME, np.int32)
        returned[FRAME - len(heard) :] = np.rint(heard * 10 ** (echo.db / 20))
        return returned

    # --- sound in --------------------------------------------------------------------------------------------
    async def _hear(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self._socket:
                match read_gateway_message(text):
                    case Play(_, payload):
                        self._ear.play(mulaw_decode(payload), self.now)
                    case SetMark(_, name):
                        self._ear.mark(name, self.now)
                    case Clear():
                        self._ear.clear(self.now)
                await self._return_marks()

    async def _return_marks(self) -> None:
        for name in self._ear.marks_due(self.now):
            if self._scenario.marks:
                await self._send(MarkReached(self._start.stream_sid, self._next(), name))

    def _tell_voice(self) -> None:
        self._ear.listen(self.now)
        span = self._ear.last_span
        hears = span is not None and self.now - span.end < VOICE_OVER
        if hears != self._hears:
            self._hears = hears
            self._tell("far_end.voice" if hears else "far_end.silence", {"ago": 0.0 if hears else VOICE_OVER})

    async def _send(self, message: Media | Dtmf | MarkReached | Stop) -> None:
        await self._socket.send(write_carrier_message(message))

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence
