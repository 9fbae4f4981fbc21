"""The turn model's vote on one call: it is asked at each silence with the last seconds of the caller's sound.

Refuses: waiting. A vote that comes after the caller has gone on is thrown away by turn-taking.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from gateway.session import turn_taking as turns
from gateway.session.ports import TurnModel
from infra.audio import FRAME_SECONDS, AudioFrame

HEARD = 8.0
"""Seconds of sound that the model is given."""


class Vote:
    """One call's sound for the model. ``tell`` gets its vote on the event loop."""

    def __init__(self, model: TurnModel, rate: int, tell: Callable[[turns.Event], None]) -> None:
        self._model = model
        self._rate = rate
        self._tell = tell
        self._sound: deque[AudioFrame] = deque(maxlen=round(HEARD / FRAME_SECONDS))
        self._asking: asyncio.Task[None] | None = None

    def frame(self, frame: AudioFrame) -> None:
        """Take 20 ms of the caller."""
        self._sound.append(frame)

    def ask(self, end: float, ended: float) -> None:
        """The caller fell silent at the media time ``end``, which is ``ended`` on our clock: have they finished?"""
        self.close()
        self._asking = asyncio.create_task(self._ask(end, ended), name="melody")

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self, end: float, ended: float) -> None:
        pcm = b"".join(frame.pcm for frame in self._sound if frame.at < end + FRAME_SECONDS)
        finished = await self._model.finished(pcm, self._rate)
        if finished is not None:
            self._tell(turns.MelodyJudged(ended, finished))
