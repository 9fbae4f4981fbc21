"""The time line of one recording: both channels, put where they belong by their media time, and taken out again.

Pure: it takes pieces and says which bytes of the sound's data are to be written where. It holds the last moments only,
whatever the length of the call: what is older has been given out, and is changed by whoever wrote it.

Refuses: files, threads, and judging what is to be silent.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from infra.audio import SAMPLE_WIDTH

CALLER, BOT = 0, 1
CHANNELS = 2
FRAME_BYTES = CHANNELS * SAMPLE_WIDTH

WINDOW = 10.0
"""Seconds that a frame may come later than the newest sound of its call."""

SNAP = 0.03
"""Seconds by which a frame may miss the end of the one before and is still put right behind it: clocks jitter."""

LONGEST_GAP = 600.0
"""Seconds of silence between two frames beyond which a time cannot be meant, and the frame is dropped."""

Samples: TypeAlias = NDArray[np.int16]
Span: TypeAlias = tuple[float, float]
"""From when to when, in media seconds."""


class Tracks:
    """The time line. ``lost`` counts the pieces that found no place. Positions are in samples since the first piece."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.lost = 0
        self._zero: float | None = None
        self._window = round(WINDOW * rate)
        self._sound: Samples = np.zeros((2 * self._window, CHANNELS), dtype="<i2")
        self._first = 0  # position of the first sample in self._sound
        self._end = 0  # position behind the newest sample
        self._ends = [0, 0]  # the same for each channel
        self._changed: tuple[int, int] | None = None
        self._blocks: list[tuple[int, bytes]] = []
        self._hushed: tuple[list[Span], ...] = ([], [])  # by channel: what still comes for these moments is not taken
        self._emptied: list[tuple[int, int, int]] = []

    @property
    def samples(self) -> int:
        """The length up to the newest sample."""
        return self._end

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self._end / self.rate

    def place(self, channel: int, at: float, pcm: bytes) -> None:
        """Put sound where its media time says; over silence or older sound."""
        if self._zero is None:
            self._zero = at
        start = round((at - self._zero) * self.rate)
        if abs(start - self._ends[channel]) <= SNAP * self.rate:
            start = self._ends[channel]
        samples = np.frombuffer(pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH], dtype="<i2")
        if start < self._first or start > self._end + LONGEST_GAP * self.rate or len(samples) > self._window:
            self.lost += 1
            return
        end = start + len(samples)
        self._make_room(end)
        self._sound[start - self._first : end - self._first, channel] = samples
        self._mark(start, end)
        self._end = max(self._end, end)
        self._ends[channel] = end
        if hushed := self._hushed[channel]:
            for span in hushed:
                self._empty(channel, span, start, end)
            oldest = self._zero + self._first / self.rate
            hushed[:] = [span for span in hushed if span[1] > oldest]

    def silence(self, start: float, end: float, channel: int = CALLER) -> None:
        """Let a channel be silent from ``start`` to ``end`` (media times), whatever it holds there by now or is still
        to get. What was given out already is told by ``emptied``."""
        if not start < end:
            return
        self._hushed[channel].append((start, end))
        self._empty(channel, (start, end), self._first, self._end)
        first, last = self._positions((start, end))
        if first < min(last, self._end):
            self._emptied.append((channel, first, min(last, self._end)))

    def drain(self) -> list[tuple[int, bytes]]:
        """What changed since the last time: offsets in bytes, and both channels interleaved to be written there."""
        self._put_away()
        blocks, self._blocks = self._blocks, []
        return blocks

    def emptied(self) -> list[tuple[int, int, int]]:
        """Where a channel has become silent since the last time: the channel, first position, and the one behind the
        last. To be asked for after ``drain``, and done after it."""
        emptied, self._emptied = self._emptied, []
        return emptied

    def _positions(self, span: Span) -> tuple[int, int]:
        zero = self._zero or 0.0
        return max(0, floor((span[0] - zero) * self.rate)), max(0, ceil((span[1] - zero) * self.rate))

    def _empty(self, channel: int, span: Span, low: int, high: int) -> None:
        """Silence what of a channel's span lies between two positions that are held."""
        first, last = self._positions(span)
        first, last = max(first, low, self._first), min(last, high)
        if first < last:
            self._sound[first - self._first : last - self._first, channel] = 0
            self._mark(first, last)

    def _mark(self, start: int, end: int) -> None:
        low, high = self._changed or (start, end)
        self._changed = (min(low, start), max(high, end))

    def _make_room(self, end: int) -> None:
        if end - self._first <= len(self._sound):
            return
        self._put_away()
        first = max(self._first, end - self._window)
        kept = self._sound[first - self._first : self._end - self._first].copy()
        self._sound[: len(kept)] = kept
        self._sound[len(kept) :] = 0
        self._first = first

    def _put_away(self) -> None:
        if self._changed is not None:
            low, high = self._changed
            block = self._sound[low - self._first : high - self._first].tobytes()
            self._blocks.append((low * FRAME_BYTES, block))
            self._changed = None


def without(channel: int, block: bytes) -> bytes:
    """Interleaved sound with one channel silent. A frame that is not whole stays as it is."""
    whole = len(block) // FRAME_BYTES * FRAME_BYTES
    sound = np.frombuffer(block[:whole], dtype="<i2").reshape(-1, CHANNELS).copy()
    sound[:, channel] = 0
    return sound.tobytes() + block[whole:]
