"""Where in time each chunk of a caller's sound belongs, whatever the way did to it.

A carrier numbers its chunks and stamps them with its clock in milliseconds. What listens here (voice activity, word
times, the recording) joins frames end to end, so a lost chunk must neither shift what follows nor be glued over:

====================================  =====================================================================
chunk number                          what becomes of the chunk
====================================  =====================================================================
the next one                          joins the sound before it; a stamp up to ``JITTER`` off is the stamp's error
the next one, stamp further ahead     the carrier sent nothing for a while: a gap
later than the next                   chunks were lost: a gap, as long as the stamps say
earlier than the next                 late or twice: dropped, its place in time has passed
====================================  =====================================================================

A gap of up to ``LONGEST_FILL`` is filled with silence; after a longer one time jumps, and the next frame's ``at`` says
where to. Nothing is ever held back to wait for a missing chunk: a phone call has no time for it.

Refuses: the wall clock. Whether stamps run faster than real time is for the socket's owner to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from infra.audio import SAMPLE_WIDTH, AudioFrame

JITTER: Final = 0.1
"""Seconds that a stamp may be off while the chunk numbers say that nothing is missing."""

LONGEST_FILL: Final = 1.0
"""Seconds of the longest gap that is filled with silence."""

_HALF_PACKET: Final = 0.01


@dataclass(slots=True)
class GapCounts:
    """What the way did to the sound: chunks that never came, that came late, seconds filled in, and jumps of time."""

    lost_chunks: int = 0
    late_chunks: int = 0
    filled_seconds: float = 0.0
    jumps: int = 0


class MediaClock:
    """Places chunks in media time, which begins at 0.0 with the first chunk."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._jitter = int(JITTER * rate)
        self._origin = 0
        self._next_chunk: int | None = None
        self._samples = 0
        self.counts = GapCounts()

    @property
    def position(self) -> float:
        """Media time in seconds up to which sound has arrived."""
        return self._samples / self._rate

    def place(self, chunk: int, timestamp: int, pcm: bytes) -> list[AudioFrame]:
        """The frames that a chunk becomes: usually itself, with silence before it after a gap, or none if it is late.

        ``timestamp`` is the carrier's, in milliseconds; ``pcm`` is linear.
        """
        if self._next_chunk is None:
            self._origin, self._next_chunk = timestamp, chunk
        lost = chunk - self._next_chunk
        if lost == 0 and (timestamp - self._origin) * self._rate <= (self._samples + self._jitter) * 1000:
            self._next_chunk += 1
            return [self._frame(pcm)]  # as nearly always, and fifty times a second and call
        if lost < 0:
            self.counts.late_chunks += 1
            return []
        self._next_chunk = chunk + 1
        self.counts.lost_chunks += lost
        frames = self._close_gap(timestamp, tolerance=_HALF_PACKET if lost else JITTER)
        frames.append(self._frame(pcm))
        return frames

    def _close_gap(self, timestamp: int, tolerance: float) -> list[AudioFrame]:
        due = round((timestamp - self._origin) * self._rate / 1000)
        missing = due - self._samples
        if missing <= tolerance * self._rate:
            return []
        if missing > LONGEST_FILL * self._rate:
            self._samples = due
            self.counts.jumps += 1
            return []
        self.counts.filled_seconds += missing / self._rate
        return [self._frame(bytes(SAMPLE_WIDTH * missing))]

    def _frame(self, pcm: bytes) -> AudioFrame:
        at = self._samples / self._rate
        self._samples += len(pcm) // SAMPLE_WIDTH
        return AudioFrame(pcm, self._rate, at)
