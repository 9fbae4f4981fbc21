"""How long a login has to wait after wrong passwords: a few tries are free, then each costs twice the time of the last.

A try is counted before the password is looked at, so that many at once are worth no more than many in turn; the right
password wipes the count. Logins that nobody has are counted like all others: how we answer does not tell them apart.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
"""Since the last try. With it a login takes at most some 100 guesses a day."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What a login was tried with since somebody last got in."""

    count: int
    last_at: datetime
    paused_until: datetime


def pause_after(count: int) -> timedelta:
    """The pause that follows so many tries."""
    if count < FREE_TRIES:
        return timedelta(0)
    doublings = min(count - FREE_TRIES, 16)  # far beyond the longest pause already
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def paused(tries: Tries | None, now: datetime) -> bool:
    """Whether a password may not be looked at now."""
    return tries is not None and now < tries.paused_until


def tried(tries: Tries | None, now: datetime) -> Tries:
    """What stands after one more try."""
    count = 1 if tries is None or now - tries.last_at >= FORGOTTEN_AFTER else tries.count + 1
    return Tries(count, now, now + pause_after(count))
