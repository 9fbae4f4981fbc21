"""What can go wrong with keeping and letting go, by name."""

from __future__ import annotations

from infra.errors import AiccError


class CustodyError(AiccError):
    """Any failure of what is kept of contacts."""

    code = "custody_error"


class ContactUnknown(CustodyError):
    """There is no such contact, or nothing is left of it."""

    code = "contact_unknown"


class ContactHeld(CustodyError):
    """The contact stands under a legal hold: nothing of it may go before the hold is released."""

    code = "contact_held"


class ContactGoingOn(CustodyError):
    """Something of the contact is still to come; the message says what has to end first."""

    code = "contact_going_on"


class HoldRefused(CustodyError):
    """A hold cannot be placed or released as it was asked for."""

    code = "hold_refused"
