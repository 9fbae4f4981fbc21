"""What can go wrong with keeping and letting go, by name: each with the HTTP status that says so."""

from __future__ import annotations

from typing import ClassVar

from infra.errors import AiccError


class CustodyError(AiccError):
    """Any failure of what is kept of contacts. ``status`` is the HTTP answer's (RFC 9110, section 15)."""

    code = "custody_error"
    status: ClassVar[int] = 409


class ContactUnknown(CustodyError):
    """There is no such contact, or nothing is left of it."""

    code = "contact_unknown"
    status = 404


class ContactHeld(CustodyError):
    """The contact stands under a legal hold: nothing of it may go before the hold is released."""

    code = "contact_held"


class ContactGoingOn(CustodyError):
    """Something of the contact is still to come; the message says what has to end first."""

    code = "contact_going_on"


class HoldRefused(CustodyError):
    """A hold cannot be placed or released as it was asked for."""

    code = "hold_refused"


class ReceiptUnknown(CustodyError):
    """There is no receipt of that name: the erasure was never begun, or is not done."""

    code = "receipt_unknown"
    status = 404


class ErasureNotConfirmed(CustodyError):
    """The contact that is to be erased was typed twice, and not the same: nothing was begun."""

    code = "erasure_not_confirmed"
    status = 422


class CustodyTooWide(CustodyError):
    """What was asked for takes longer to find than the database allows."""

    code = "custody_too_wide"
    status = 422


class VerificationUnderWay(CustodyError):
    """The audits are being verified already; one verification at a time is enough for a node."""

    code = "verification_under_way"
