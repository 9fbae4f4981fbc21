"""AudioSocket calls that are announced: who calls whom, told before the connection that only shows a UUID.

A connection whose UUID nobody has announced is not taken: the announcement is what shows that the call is Asterisk's.

Refuses: HTTP (``api.py``) and the connection (``audiosocket_server.py``).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.telephony.asterisk.audiosocket import RATES
from gateway.telephony.expiring import ExpiringStore
from gateway.telephony.introduction import Introduction, read_introduction


class NotAnnounced(ValueError):
    """What was told is no announcement; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A call that is about to connect."""

    who: Introduction
    sound: str
    """The format of its sound, by Asterisk's name."""


class Announcements:
    """The calls that are about to connect."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: ExpiringStore[Announced] = ExpiringStore(seconds, most)

    def announce(self, said: Iterable[tuple[str, str]]) -> bool:
        """A call's ``uuid``, and what ``read_introduction`` knows; ``format`` is ``slin`` if nothing is said. False
        when too many are waited for. Raises ``NotAnnounced``."""
        told = [*said]
        values = dict(reversed(told))
        try:
            call = str(uuid.UUID(values.get("uuid", "")))
        except ValueError as error:
            raise NotAnnounced("uuid must be the UUID that the AudioSocket connection will show") from error
        sound = values.get("format", "slin")
        if sound not in RATES:
            raise NotAnnounced(f"format must be one of {', '.join(RATES)}")
        return self._waiting.put(call, Announced(read_introduction(told), sound), self._clock())

    def come(self, call: str) -> Announced | None:
        """The call of a UUID, once; none if nobody has announced it, or too long ago."""
        return self._waiting.take(call, self._clock())
