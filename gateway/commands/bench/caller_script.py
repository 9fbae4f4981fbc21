"""What a simulated caller does: listens until the bot has finished, pauses, says the next utterance, waits, and again.

A pure machine for the load generator: sound is precomputed frames of base64, ``now`` an argument in seconds. It is
asked for one frame every 20 ms and told what comes back, and it keeps how long each answer took to be heard.

Refuses: sockets, clocks and statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

HEARD_OUT = 0.6
"""Seconds of silence after which the bot has finished."""

ANSWER_WITHIN = 10.0
"""Seconds after which a caller gives an answer up and asks again."""

Frames = Sequence[bytes]


class Phase(Enum):
    """What the caller is doing."""

    LISTENING = auto()
    PAUSING = auto()
    SPEAKING = auto()
    WAITING = auto()


class CallerScript:
    """One caller in a conversation. ``utterances`` are said in turn; ``bed`` is the line's noise in between."""

    def __init__(self, utterances: Sequence[Frames], bed: Frames, pauses: Sequence[float]) -> None:
        self._utterances = utterances
        self._bed = bed
        self._pauses = pauses
        self._phase = Phase.LISTENING
        self._since: float | None = None
        self._heard_until = 0.0
        self._turn = 0
        self._position = 0
        self.unanswered = 0
        """Utterances that were given up."""

    @property
    def waiting(self) -> bool:
        """Whether the first audible sound is an answer: only then is it worth looking whether a sound is audible."""
        return self._phase is Phase.WAITING

    @property
    def turns(self) -> int:
        """Utterances that were said to their end."""
        return self._turn

    def frame(self, now: float) -> bytes:
        """The next 20 ms of the caller."""
        if self._since is None:
            self._since = now
        match self._phase:
            case Phase.LISTENING if now - max(self._heard_until, self._since) >= self._patience:
                self._enter(Phase.PAUSING, now)
            case Phase.PAUSING if now - self._since >= self._pauses[self._turn % len(self._pauses)]:
                self._enter(Phase.SPEAKING, now)
                self._position = 0
            case Phase.WAITING if now - self._since >= ANSWER_WITHIN:
                self.unanswered += 1
                self._enter(Phase.PAUSING, now)
            case _:
                pass
        return self._spoken(now) if self._phase is Phase.SPEAKING else self._silent()

    def heard(self, now: float, until: float, *, audible: bool) -> float | None:
        """Sound came that plays ``until`` then. The seconds from the caller's last word, if it begins an answer."""
        self._heard_until = until
        if self._phase is Phase.PAUSING:
            self._enter(Phase.LISTENING, now)  # there was more to come
        if self._phase is not Phase.WAITING or not audible or self._since is None:
            return None
        waited = now - self._since
        self._enter(Phase.LISTENING, now)
        return waited

    @property
    def _patience(self) -> float:
        return HEARD_OUT if self._heard_until else ANSWER_WITHIN

    def _enter(self, phase: Phase, now: float) -> None:
        self._phase, self._since = phase, now

    def _spoken(self, now: float) -> bytes:
        utterance = self._utterances[self._turn % len(self._utterances)]
        frame = utterance[self._position]
        self._position += 1
        if self._position == len(utterance):
            self._turn += 1
            self._position = 0
            self._enter(Phase.WAITING, now)
        return frame

    def _silent(self) -> bytes:
        frame = self._bed[self._position % len(self._bed)]
        self._position += 1
        return frame


class Monologue:
    """A caller who sends ``frames`` over and over and expects nothing: the load of an echo, or of listening alone."""

    waiting = False
    turns = 0
    unanswered = 0

    def __init__(self, frames: Frames, start: int) -> None:
        self._frames = frames
        self._position = start

    def frame(self, now: float) -> bytes:
        """The next 20 ms."""
        self._position += 1
        return self._frames[self._position % len(self._frames)]

    def heard(self, now: float, until: float, *, audible: bool) -> float | None:
        """Sound came; it answers nothing."""
        return None
