"""How a call goes back to Asterisk's dial plan, and where the dial plan is told to send it.

Neither wire has a word for a transfer. We hang up our side, Asterisk goes on in its dial plan behind ``Dial`` or
``AudioSocket``, and there it asks over HTTP where the call is to go (``api.py``). The answer is kept for that moment.

Refuses: what a dial plan could take for anything but a destination: it is put into its commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from gateway.telephony.expiring import ExpiringStore
from gateway.telephony.transfer import NotTransferred, TransferOrder
from gateway.telephony.transferor import ByWords

KEPT_FOR: Final = 60.0
"""Seconds that a destination waits for the dial plan to ask."""
MOST: Final = 10_000

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.+@:*#/-]{1,200}")


class Returning:
    """The calls that go back, and where to."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock``: seconds that only ever go on."""
        self._clock = clock
        self._destinations: ExpiringStore[str] = ExpiringStore(KEPT_FOR, MOST)

    def destination(self, call: str) -> str | None:
        """Where a call goes that has just come back; told once."""
        return self._destinations.take(call, self._clock())

    def transferor(self, call: str, hang_up: Callable[[], str | bytes | None]) -> ByWords:
        """Who sends ``call`` back; ``hang_up`` is how that is said on its wire."""

        def words(order: TransferOrder) -> Sequence[str | bytes] | NotTransferred:
            if not _PLAIN.fullmatch(order.target):
                return NotTransferred("the target has characters that a dial plan must not be given")
            if not self._destinations.put(call, order.target, self._clock()):
                return NotTransferred("too many calls go back to Asterisk at this moment")
            said = hang_up()
            return [] if said is None else [said]

        return ByWords(words)
