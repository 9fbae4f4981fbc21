"""The wire between the gateway and a SIP worker, as either end has it.

Frames of all calls that come within one turn of the loop leave as one message. What the other end does not take waits,
``MOST_WAITING`` bytes at most: then *the newest sound* is dropped and counted. Notes are never dropped, for somebody
waits for each of them.

Each message that comes is heard in a step of the loop of its own: a mistake over one of them, in whoever serves that
call, ends none of the other calls of the wire.

Refuses: what messages mean.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

from gateway.telephony.sip.errors import WireBroken
from gateway.telephony.sip.worker_messages import Note, Sound, Splitter, encode_note, encode_sound

MOST_WAITING: Final = 1 << 20
"""Bytes: five seconds of two hundred narrowband calls one way would be sixteen times as much; nobody waits for that."""


class WorkerLink(asyncio.Protocol):
    """One end. ``heard`` gets each message, in order; ``lost`` is told once that the other end is gone, and why."""

    def __init__(self, heard: Callable[[Sound | Note], None], lost: Callable[[str], None]) -> None:
        self._heard, self._lost = heard, lost
        self._splitter = Splitter()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.WriteTransport | None = None
        self._frames: list[Sound] = []
        self._broken = ""
        self.dropped = 0
        """Frames that were dropped because too much waited."""

    def note(self, note: Note) -> None:
        """Say something, after all sound before it."""
        self.flush()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode_note(note))

    def sound(self, call: int, pcm: bytes, at: int = 0) -> bool:
        """Send sound at the end of this turn of the loop; false where it is dropped."""
        if self._transport is None or self._transport.get_write_buffer_size() > MOST_WAITING:
            self.dropped += 1
            return False
        if not self._frames:
            self._loop.call_soon(self.flush)
        self._frames.append(Sound(call, at, pcm))
        return True

    def flush(self) -> None:
        """Send the sound of this turn now."""
        frames, self._frames = self._frames, []
        if frames and self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode_sound(frames))

    def close(self) -> None:
        """Part from the other end at once."""
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The wire is there."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one, but does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        try:
            for message in self._splitter.feed(data):
                self._loop.call_soon(self._heard, message)
        except WireBroken as error:
            self._broken = str(error)
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The other end is gone."""
        self._transport = None
        self._lost(self._broken or str(error or "its end was closed"))
