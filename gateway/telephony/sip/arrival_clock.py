"""Where in time the sound of a call belongs that comes without stamps, only by and by. Pure.

The stack hands over what it has decoded, and nothing where nothing came: lost packets, a far end that suppresses
silence, or a hold. What listens joins frames end to end, so time that passes without sound must not be lost. But sound
may also only be late, because a process stood still; then a burst makes up for it. So:

=========================================  ============================================================================
what is seen                               what becomes of it
=========================================  ============================================================================
sound after more than ``PAUSE`` of none    there was none: the stack holds back at most half of that
sound lags behind the clock, and all that  so much was lost
of ``WINDOW`` does as well
=========================================  ============================================================================

Up to ``LONGEST_FILL`` is filled with silence, after more time jumps.

Refuses: the clock itself.
"""

from __future__ import annotations

from typing import Final

from infra.audio import SAMPLE_WIDTH

PAUSE: Final = 1.5
WINDOW: Final = 0.5
TOLERANCE: Final = 0.1
"""Seconds that sound may lag for ever: jitter buffers grow."""

LONGEST_FILL: Final = 1.0


class ArrivalClock:
    """Media time of one call, in samples from the first that came."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._samples = 0
        self._begun: float | None = None
        self._last = 0.0
        self._window_ends = 0.0
        self._least_lag = 0.0

    def place(self, pcm: bytes, now: float) -> list[tuple[int, bytes]]:
        """The stretches that sound becomes which came at ``now``, each with the place of its first sample: usually
        itself, with silence before it after a gap."""
        duration = len(pcm) / SAMPLE_WIDTH / self._rate
        if self._begun is None:
            self._begun = now - duration
            self._start_window(now)
        elif now - self._last > PAUSE:
            return [*self._close(self._lag(now) - duration, now), self._stretch(pcm, now)]
        stretches = [self._stretch(pcm, now)]
        self._least_lag = min(self._least_lag, self._lag(now))
        if now >= self._window_ends:
            stretches += self._close(self._least_lag, now)
        return stretches

    def _lag(self, now: float) -> float:
        assert self._begun is not None
        return now - self._begun - self._samples / self._rate

    def _start_window(self, now: float) -> None:
        self._window_ends = now + WINDOW
        self._least_lag = float("inf")

    def _close(self, missing: float, now: float) -> list[tuple[int, bytes]]:
        """Let the time pass that is missing; the silence to fill it, if it is short."""
        self._start_window(now)
        if missing <= TOLERANCE:
            return []
        at, samples = self._samples, round(missing * self._rate)
        self._samples += samples
        return [(at, bytes(SAMPLE_WIDTH * samples))] if missing <= LONGEST_FILL else []

    def _stretch(self, pcm: bytes, now: float) -> tuple[int, bytes]:
        at = self._samples
        self._samples += len(pcm) // SAMPLE_WIDTH
        self._last = now
        return at, pcm
