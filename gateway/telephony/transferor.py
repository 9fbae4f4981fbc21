"""Who moves a leg's call to another destination by means of its platform (the transferor, RFC 5589): the port.

A door that knows such means gives them to the leg with ``Taken.transferor``; the leg asks it, and keeps its time. There
are two kinds of means, and one port for both:

* beside the wire, such as a request to the platform's REST API (``moved_by_request``): the wire needs nothing of it;
* on the wire itself: some last words, after which the platform takes the call back (``ByWords``).

Refuses: targets that nobody allowed. Who may be called is decided before an order is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import httpx

from gateway.telephony.leg import HangUpCause, HungUp
from gateway.telephony.rest import TIMEOUT, ask
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    Transferred,
    TransferUnclear,
)


class FarEnd(Protocol):
    """The wire of the leg that is to be moved, as far as moving it takes."""

    def say(self, message: str | bytes) -> None:
        """Write a message of the wire at once, past all that waits; does nothing when the leg has ended."""

    async def ended(self) -> HungUp:
        """Wait until the leg has ended, whoever ends it."""


class Transferor(Protocol):
    """Moves one leg's call."""

    @property
    def methods(self) -> frozenset[TransferMethod]:
        """How it can."""

    async def transfer(self, order: TransferOrder, far_end: FarEnd) -> TransferOutcome:
        """See ``MediaLeg.transfer``. The leg sees to it that this is cancelled after ``order.within`` seconds."""


class ByWords:
    """Moves a call by saying so on its wire: whoever leaves then has taken the call back, and does what was agreed on.

    ``words`` makes the messages of an order, or says why there are none for it.
    """

    methods = frozenset({TransferMethod.PROVIDER})

    def __init__(self, words: Callable[[TransferOrder], Sequence[str | bytes] | NotTransferred]) -> None:
        self._words = words

    async def transfer(self, order: TransferOrder, far_end: FarEnd) -> TransferOutcome:
        """See ``Transferor``."""
        words = self._words(order)
        if isinstance(words, NotTransferred):
            return words
        for message in words:
            far_end.say(message)
        end = await far_end.ended()
        if end.cause is HangUpCause.FAR_END:
            return Transferred(confirmed=False)
        return TransferUnclear(f"the leg ended otherwise than by its far end: {end.reason}")


async def moved_by_request(
    platform: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
) -> TransferOutcome:
    """Ask a platform's REST API to move a call. A request that never left, and a refusal, have surely moved nothing."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, headers=headers, trust_env=False) as client:
            answer = await ask(client, method, url, form=form, json=json)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return NotTransferred(f"{platform} cannot be reached: {error!r}")
    except (httpx.HTTPError, TimeoutError) as error:
        return TransferUnclear(f"{platform} did not answer: {error!r}")
    if httpx.codes.is_client_error(answer.status):
        return NotTransferred(f"{platform} refused: {answer.complaint}", answer.status)
    if not httpx.codes.is_success(answer.status):
        return TransferUnclear(f"{platform} failed: {answer.complaint}")
    return Transferred(confirmed=False)
