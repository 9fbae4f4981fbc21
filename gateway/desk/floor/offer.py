"""One attempt to give a work item to an agent: it rings at their desk until somebody or something ends it.

Every attempt is an offer of its own, and every way to end has a state of its own: who has not taken a call and who
could not are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.desk.floor.errors import OfferGone


class OfferState(StrEnum):
    """What became of an offer."""

    PENDING = "pending"
    """It rings."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """The agent said no."""
    TIMEOUT = "timeout"
    """The agent said nothing."""
    CANCELED = "canceled"
    """The call is not to be taken any more by anybody, or not by this agent: it was cancelled, or takes another way."""
    RESCINDED = "rescinded"
    """It was taken back: somebody else has the call, or the agent is not there any more."""
    DEVICE_ERROR = "device_error"
    """The agent's device failed."""
    CALLER_GONE = "caller_gone"
    """The caller hung up while it rang."""


ENDS = frozenset(OfferState) - {OfferState.PENDING}
MOVES: Mapping[OfferState, frozenset[OfferState]] = {
    OfferState.PENDING: ENDS,
    **{end: frozenset() for end in ENDS},
}
"""What a state may be followed by: an offer ends once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``item`` rings at ``agent``'s desk, until ``expires_at`` at the latest; ``reason`` is why it ended."""

    offer: str
    item: str
    agent: str
    made_at: datetime
    expires_at: datetime
    state: OfferState = OfferState.PENDING
    ended_at: datetime | None = None
    reason: str = ""


def ended(offer: Offer, how: OfferState, now: datetime, reason: str = "") -> Offer:
    """The offer as it ended. Raises ``OfferGone`` when it had ended before."""
    if how not in MOVES[offer.state]:
        raise OfferGone(f"offer {offer.offer} does not ring any more: {offer.state}")
    return replace(offer, state=how, ended_at=now, reason=reason)
