"""What can go wrong with calls that the house makes by itself, by name."""

from __future__ import annotations

from infra.errors import AiccError


class OutboundError(AiccError):
    """Any failure of these calls."""

    code = "outbound_error"


class DueCallRefused(OutboundError):
    """A call cannot be made as it is asked for; the message says what is wrong with it."""

    code = "due_call_refused"


class NumberOptedOut(DueCallRefused):
    """Whoever has that number does not want to be called."""

    code = "number_opted_out"
