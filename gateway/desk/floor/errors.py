"""What can be refused on the floor, by name: what is not there (404 over HTTP), and what cannot be done now (409)."""

from __future__ import annotations

from infra.errors import AiccError, ConfigError


class FloorError(AiccError):
    """A command that the floor does not carry out. Nothing has changed."""

    code = "floor_error"


class NotOnFloor(FloorError):
    """What the command is about is not there."""

    code = "not_on_floor"


class NoSuchItem(NotOnFloor):
    """No such call waits, rings or is worked on: it never was, or it is over."""

    code = "no_such_item"


class NoSuchQueue(NotOnFloor):
    """The tenant has no such queue."""

    code = "no_such_queue"


class NotSignedIn(FloorError):
    """The agent has to sign in first."""

    code = "agent_not_signed_in"


class OfferGone(FloorError):
    """The offer does not ring any more: it ran out, or the caller hung up, or somebody else has the call."""

    code = "offer_gone"


class NotYours(FloorError):
    """Somebody else's offer or call."""

    code = "not_yours"


class ItemTaken(FloorError):
    """Another agent has that call already."""

    code = "item_taken"


class AgentBusy(FloorError):
    """The agent has another call, or its wrap-up, to finish first."""

    code = "agent_busy"


class WrongState(FloorError):
    """This does not happen to a call as it stands now."""

    code = "wrong_state"


class FloorHeld(FloorError):
    """Somebody else moves this tenant's floor right now, and we were not to wait."""

    code = "floor_held"


class QueuesInvalid(ConfigError):
    """The queues of a tenant are not described as they should be; the message names the key."""

    code = "queues_invalid"
