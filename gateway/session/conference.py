"""Who hears whom in a call with people, and the mixing of it: 20 ms at a time, each listener at its own rate.

====================  =============================================================================================
listener              hears
====================  =============================================================================================
the caller            people who talk and are not muted; nobody while on hold
a person              the caller (not while on hold), the bot while it has the call, people who talk, and whoever
                      whispers, unless they are that person
====================  =============================================================================================

Nobody hears a person who only listens, and the caller never hears a whisper. Sound of each party waits a little, so
that jitter is not heard, and never long: what comes faster than it is taken is dropped, the oldest first.

A pure machine, driven by whoever has a clock. Refuses: legs, recording, and what people are allowed to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, Resampler

CALLER: Final = ""
"""The caller among the parties; people have ids of their own, which are not empty."""

BOT: Final = "\0bot"
"""The bot among those who speak."""

CUSHION: Final = 2
"""Frames of a party that are gathered before the first is played, so that the next one need not be on time."""

LONGEST_WAIT: Final = 10
"""Frames of a party that wait at most: 0.2 s. Beyond it we are behind for good, and go on with the newest."""


class Mode(StrEnum):
    """How a person takes part."""

    TALK = "talk"
    WHISPER = "whisper"
    """Heard by the other people, never by the caller."""
    LISTEN = "listen"


@dataclass(slots=True)
class _Line:
    """The sound of one party that waits to be heard."""

    frame: int
    waiting: bytearray = field(default_factory=bytearray)
    flows: bool = False
    """Whether enough has been gathered."""
    resamplers: dict[int, Resampler] = field(default_factory=dict)

    def take(self, pcm: bytes) -> int:
        """Let sound wait; the frames that had to be dropped for it."""
        self.waiting += pcm
        over = len(self.waiting) // self.frame - LONGEST_WAIT
        if over <= 0:
            return 0
        dropped = over + LONGEST_WAIT - CUSHION
        del self.waiting[: dropped * self.frame]
        return dropped

    def next(self) -> bytes:
        """The frame that is due; empty while there is none."""
        self.flows = self.flows or len(self.waiting) >= CUSHION * self.frame
        if not self.flows or len(self.waiting) < self.frame:
            self.flows = False
            return b""
        pcm = bytes(self.waiting[: self.frame])
        del self.waiting[: self.frame]
        return pcm

    def at(self, rate: int, own: int, pcm: bytes) -> bytes:
        if rate == own:
            return pcm
        if rate not in self.resamplers:
            self.resamplers[rate] = Resampler(own, rate)
        return self.resamplers[rate].process(pcm)


@dataclass(slots=True)
class Seat:
    """A person's part in the conference."""

    rate: int
    mode: Mode
    muted: bool = False

    @property
    def audible(self) -> bool:
        """Whether the caller may hear them."""
        return self.mode is Mode.TALK and not self.muted


class Conference:
    """The machine. ``rate`` is the caller's; the bot speaks at it, too."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lines = {CALLER: _Line(_frame(rate)), BOT: _Line(_frame(rate))}
        self._seats: dict[str, Seat] = {}
        self.held = False
        """Whether the caller is on hold."""
        self.dropped = 0
        """Frames that came faster than they could be heard."""

    @property
    def seats(self) -> dict[str, Seat]:
        """Who takes part, by id."""
        return dict(self._seats)

    def audible(self, who: str) -> bool:
        """Whether the caller may hear that person; who has left is not heard."""
        seat = self._seats.get(who)
        return seat is not None and seat.audible

    def join(self, who: str, rate: int, mode: Mode) -> None:
        """A person takes a seat, or comes back to it with a new line."""
        self._seats[who] = Seat(rate, mode)
        self._lines[who] = _Line(_frame(rate))

    def leave(self, who: str) -> None:
        """A person is out."""
        self._seats.pop(who, None)
        self._lines.pop(who, None)

    def change(self, who: str, *, mode: Mode | None = None, muted: bool | None = None) -> None:
        """Let a person take part otherwise. ``KeyError`` for whoever has no seat."""
        seat = self._seats[who]
        seat.mode = seat.mode if mode is None else mode
        seat.muted = seat.muted if muted is None else muted

    def take(self, who: str, pcm: bytes) -> None:
        """Sound of a party, at its rate, as it comes in."""
        line = self._lines.get(who)
        if line is not None and self._seats:
            self.dropped += line.take(pcm)

    def mixed(self) -> list[tuple[str, bytes]]:
        """What each listener is to hear for the next 20 ms; who has nothing to hear is not named."""
        spoken = {who: pcm for who, line in self._lines.items() if (pcm := line.next())}
        rates = {CALLER: self._rate, **{who: seat.rate for who, seat in self._seats.items()}}
        mixes = []
        ready: dict[tuple[str, int], bytes] = {}  # of a stream each stretch passes a resampler once
        for listener, rate in rates.items():
            audible = [who for who in spoken if self._hears(listener, who)]
            for who in audible:
                if (who, rate) not in ready:
                    ready[who, rate] = self._at(rate, who, spoken[who])
            heard = [ready[who, rate] for who in audible]
            if heard:
                mixes.append((listener, _sum(heard, _frame(rate))))
        return mixes

    def _at(self, rate: int, who: str, pcm: bytes) -> bytes:
        own = self._seats[who].rate if who in self._seats else self._rate
        return self._lines[who].at(rate, own, pcm)

    def _hears(self, listener: str, who: str) -> bool:
        if listener == who:
            return False
        if listener == CALLER:
            return self.audible(who) and not self.held
        speaker = self._seats.get(who)
        if speaker is None:
            return not self.held
        return speaker.mode is not Mode.LISTEN and not speaker.muted


def _frame(rate: int) -> int:
    return round(rate * FRAME_SECONDS) * SAMPLE_WIDTH


def _sum(sounds: list[bytes], size: int) -> bytes:
    """Sounds on top of each other, cut at full scale."""
    if len(sounds) == 1:
        return sounds[0]
    total: NDArray[np.int32] = np.zeros(size // SAMPLE_WIDTH, np.int32)
    for pcm in sounds:
        samples = np.frombuffer(pcm, "<i2")[: len(total)]
        total[: len(samples)] += samples
    return total.clip(-32768, 32767).astype("<i2").tobytes()
