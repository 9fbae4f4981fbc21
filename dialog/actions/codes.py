"""One-time codes: made when they are sent, checked when they come back, and written down nowhere.

A code is derived from the idempotency key of the action that sends it (RFC 4226, section 5.3, with a key of the
process's own), so neither an intent, the audit nor the record of the call ever holds it, and the same action sends the
same code. It is good for some minutes, for one use, and for a few tries; what was sent to the same customer before is
good no more. All of it is kept in memory: a code does not outlive the process that its call runs in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded

DIGITS = 6
VALID_FOR = 300.0
"""Seconds from its sending in which a code is good."""
TRIES = 3
"""Wrong codes after which the right one is good no more. One in 300,000 is guessed."""
MOST_OPEN = 10_000
"""Codes that are open at once; beyond that the oldest are good no more."""


@dataclass(slots=True)
class _Open:
    holder: str
    until: float
    tries: int = 0


class OneTimeCodes:
    """The codes that one process has sent. ``now`` are monotonic seconds."""

    def __init__(self, now: Callable[[], float] = monotonic, secret: bytes | None = None) -> None:
        self._now = now
        self._secret = secret or secrets.token_bytes(32)
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def issue(self, sent: str, holder: str) -> str:
        """The code that goes with the action of that idempotency key, to ``holder``, whose earlier ones it replaces."""
        for key in [key for key, one in self._open.items() if one.holder == holder]:
            del self._open[key]
        while len(self._open) >= MOST_OPEN:
            self._open.popitem(last=False)
        self._open[sent] = _Open(holder, self._now() + VALID_FOR)
        return self._code(sent)

    def check(self, sent: str, code: str) -> FailureKind | None:
        """None for the right code, which is used up by it; ``NOT_FOUND`` for a wrong one; ``REJECTED`` where no code is
        good any more and another one has to be sent."""
        one = self._open.get(sent)
        if one is None or self._now() > one.until or one.tries >= TRIES:
            self._open.pop(sent, None)
            return FailureKind.REJECTED
        if hmac.compare_digest(self._code(sent).encode(), code.encode()):
            del self._open[sent]
            return None
        one.tries += 1
        return FailureKind.NOT_FOUND

    def _code(self, sent: str) -> str:
        """RFC 4226, section 5.3, over the idempotency key instead of a counter."""
        digest = hmac.new(self._secret, sent.encode(), hashlib.sha1).digest()
        offset = digest[-1] & 0x0F
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
        return f"{number % 10**DIGITS:0{DIGITS}}"


class CodeActions:
    """Checks codes as an action: its arguments are what was ``sent`` and the ``code`` that came back."""

    def __init__(self, codes: OneTimeCodes) -> None:
        self._codes = codes

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Check a code. Nothing is raised."""
        wrong = self._codes.check(str(arguments["sent"]), str(arguments["code"]))
        return Succeeded({}) if wrong is None else Failed(wrong, "it is not the code that is good now")

    async def close(self) -> None:
        """Nothing is kept open."""
