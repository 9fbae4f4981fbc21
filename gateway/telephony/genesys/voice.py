"""The bot's voice on an Audio Connector: when which sound is sent, and how much of it has been played. A pure machine.

Genesys takes few messages of sound and large ones: 25 at once, and five a second on the average; who sends more is
told 429 and cut off. A session speaks in frames of 20 ms. So sound is gathered into messages of ``CHUNK``, sent while
the far end still has something to play, and never more often than ``RATE`` (a token bucket, below their limits).

Nor does their protocol know marks. They say when they begin to play and when they have run out of sound, so:

====================  =============================================================================================
a mark is played      when the clock says so, counted from when its sound was sent and from by how much the last
                      ``playback_started`` was later than we thought
the last mark         when they say that they have run out, or ``OVERDUE`` seconds after the clock said so
after a ``clear``     at once
====================  =============================================================================================

That they have run out counts for sound only that must have reached them by then: such news may cross what we send.

Refuses: sockets and clocks (``now`` is an argument), and the words of the wire.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from gateway.telephony.genesys.messages import RATE

BURST: Final = 20
"""Messages at once; Genesys' own limit is 25."""
RATE_PER_SECOND: Final = 4.5
"""Messages a second on the average; Genesys' own limit is 5."""
LARGEST: Final = 64_000
"""Bytes of the largest message: 8 s."""

CHUNK: Final = RATE // 4
"""Bytes (samples of PCMU) of a message while somebody speaks: a quarter of a second, so four messages a second."""
HOLD: Final = 0.4
"""Seconds that the first sound of a stretch waits for more, where it comes no faster than it is played."""
SAFETY: Final = 0.1
"""Seconds of sound that the far end shall have left when the next of it is sent."""

USUAL_DELAY: Final = 0.15
"""Seconds from sending to playing, until they have shown better."""
ON_THE_WAY: Final = 0.3
"""Seconds after which what was sent has surely reached them."""
OVERDUE: Final = 0.7
"""Seconds beyond its time that a last mark waits for their word."""
MOST_MARKS: Final = 1024

_SILENT: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class SendSound:
    """Send this, in one message."""

    sound: bytes


@dataclass(frozen=True, slots=True)
class SendBargeIn:
    """Have them throw away what is not played yet."""


@dataclass(frozen=True, slots=True)
class Played:
    """All sound before this mark has been played, or was thrown away."""

    name: str


VoiceCommand = SendSound | SendBargeIn | Played


@dataclass(slots=True)
class _Mark:
    """``end``: bytes of the bot's sound before it; ``due`` and ``sent_at`` once they are all sent."""

    name: str
    end: int
    due: float | None = None
    sent_at: float = 0.0


@dataclass(slots=True)
class _Allowance:
    """Their limits, as a token bucket: a message costs one, and one comes back each ``1 / RATE_PER_SECOND``."""

    tokens: float = float(BURST)
    at: float = 0.0

    @property
    def next(self) -> float:
        """From when on a message may be sent."""
        return self.at + max(0.0, 1.0 - self.tokens) / RATE_PER_SECOND

    def spend(self, now: float) -> None:
        """A message is sent."""
        self.tokens = min(float(BURST), self.tokens + (now - self.at) * RATE_PER_SECOND) - 1.0
        self.at = now


class BotVoice:
    """The machine. Times are monotonic seconds; call ``tick`` at ``deadline``."""

    def __init__(self, most_waiting: float) -> None:
        """``most_waiting``: seconds of sound that may wait; what comes beyond is dropped, and the next mark with it."""
        self._most_waiting = int(most_waiting * RATE)
        self._waiting = bytearray()
        self._waiting_since = 0.0
        self._pressing = False
        """A mark stands at the end of what waits: perhaps no more is coming."""
        self._allowance = _Allowance()
        self._given = 0
        self._sent = 0
        self._plays_until = _SILENT
        """When the far end, had it no delay, would run out of sound; ``_SILENT``: it has, and said so."""
        self._sent_at = 0.0
        self._began: float | None = None
        """When the first sound of this stretch was sent, until they say that they play it."""
        self._delay = USUAL_DELAY
        self._marks: deque[_Mark] = deque()
        self._incomplete = False
        self.dropped = 0
        self.withheld = 0

    @property
    def deadline(self) -> float | None:
        """When ``tick`` is due; ``None``: not before something happens."""
        due = [] if not self._waiting else [max(self._wanted_at(), self._allowance.next)]
        if self._marks and (played := self._played_at(self._marks[0])) is not None:
            due.append(played)
        return min(due, default=None)

    def say(self, sound: bytes, now: float) -> list[VoiceCommand]:
        """Sound for the caller, in PCMU."""
        if len(self._waiting) + len(sound) > self._most_waiting:
            self._incomplete = True
            self.dropped += 1
            return []
        if not self._waiting:
            self._waiting_since = now
        self._waiting += sound
        self._given += len(sound)
        self._pressing = False
        return self.tick(now)

    def mark(self, name: str, now: float) -> list[VoiceCommand]:
        """Tell when all sound so far has been played."""
        if self._incomplete or len(self._marks) == MOST_MARKS:
            self._incomplete = False
            self.withheld += 1
            return []
        mark = _Mark(name, self._given)
        if not self._waiting:
            mark.due, mark.sent_at = self._plays_until, self._sent_at
        self._marks.append(mark)
        self._pressing = bool(self._waiting)
        return self.tick(now)

    def clear(self, now: float) -> list[VoiceCommand]:
        """Throw away all sound that was not played yet, here and there."""
        thrown = [Played(mark.name) for mark in self._marks]
        is_heard = self._plays_until != _SILENT
        self._marks.clear()
        self._given -= len(self._waiting)
        self._waiting.clear()
        self._incomplete, self._began, self._plays_until = False, None, _SILENT
        return [SendBargeIn(), *thrown] if is_heard else [*thrown]

    def started(self, now: float) -> None:
        """They begin to play."""
        if self._began is not None:
            self._delay = min(max(0.0, now - self._began), OVERDUE)
            self._began = None

    def completed(self, now: float) -> list[VoiceCommand]:
        """They have run out of sound: what had reached them has been played."""
        played: list[VoiceCommand] = []
        while self._marks and (due := self._marks[0].due) is not None:
            if due > now and self._marks[0].sent_at + ON_THE_WAY > now:
                break
            played.append(Played(self._marks.popleft().name))
        if self._sent_at + ON_THE_WAY <= now or self._plays_until + self._delay <= now:
            self._plays_until = _SILENT
        return played

    def tick(self, now: float) -> list[VoiceCommand]:
        """Time has passed."""
        commands: list[VoiceCommand] = []
        while self._waiting and self._wanted_at() <= now and self._allowance.next <= now:
            commands.append(self._send(now))
        while self._marks and (played := self._played_at(self._marks[0])) is not None and played <= now:
            commands.append(Played(self._marks.popleft().name))
        return commands

    # --- when ---------------------------------------------------------------------------------------------------------
    def _wanted_at(self) -> float:
        """When what waits should be sent."""
        if len(self._waiting) >= CHUNK:
            return self._waiting_since
        runs_out = self._plays_until - SAFETY
        if runs_out > self._waiting_since:  # they play: in time, and no sooner than need be
            return runs_out
        return self._waiting_since if self._pressing else self._waiting_since + HOLD

    def _played_at(self, mark: _Mark) -> float | None:
        """When a mark is played as far as we can tell; ``None`` while its sound waits."""
        if mark.due is None:
            return None
        is_last = mark.end == self._given
        return mark.due + self._delay + (OVERDUE if is_last else 0.0)

    # --- sending ------------------------------------------------------------------------------------------------------
    def _send(self, now: float) -> SendSound:
        self._allowance.spend(now)
        sound = bytes(self._waiting[:LARGEST])
        del self._waiting[:LARGEST]
        if self._plays_until <= now:
            self._plays_until = self._began = now
        begins, before = self._plays_until, self._sent
        self._sent += len(sound)
        self._sent_at = now
        self._plays_until += len(sound) / RATE
        for mark in self._marks:
            if mark.due is None and mark.end <= self._sent:
                mark.due, mark.sent_at = begins + (mark.end - before) / RATE, now
        return SendSound(sound)
