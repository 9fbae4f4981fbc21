"""Passes: what a voice webhook gives to a call's media socket, so that nobody else opens one.

Most carriers sign their webhooks and not their sockets. So the webhook, once it believes its request, puts a pass among
the stream's parameters; it names the carrier, the call and an end, under the secret that we share with the carrier.
Nothing is stored for it: any node with the secret knows it.

Refuses: being a secret for long. A pass is good for its own call, for ``GOOD_FOR`` seconds.
"""

from __future__ import annotations

import hmac
from typing import Final

PASS_PARAMETER: Final = "pass"
"""The stream's parameter that holds it."""

GOOD_FOR: Final = 120
"""Seconds from the webhook to the socket's start."""

_END_DIGITS: Final = 10
_PROOF_DIGITS: Final = 40


class Passes:
    """Gives passes under one key, and knows them again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def give(self, carrier: str, call: str, now: float) -> str:
        """A pass for the socket of ``call``; ``now`` in seconds since 1970."""
        end = f"{int(now) + GOOD_FOR:0{_END_DIGITS}x}"
        return end + self._proof(carrier, call, end)

    def holds(self, shown: str, carrier: str, call: str, now: float) -> bool:
        """Whether ``shown`` is a pass for that call, and still good."""
        end = shown[:_END_DIGITS]
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), (end + self._proof(carrier, call, end)).encode()):
            return False
        return now <= int(end, 16)

    def _proof(self, carrier: str, call: str, end: str) -> str:
        text = "\n".join((carrier, call, end)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, "sha256").hex()[:_PROOF_DIGITS]
