"""What can go wrong at the entrance, by name: each with the HTTP status that says so."""

from __future__ import annotations

from typing import ClassVar

from infra.errors import AiccError


class AccessError(AiccError):
    """Somebody does not get in, or not there. ``status`` is the HTTP answer's (RFC 9110, section 15)."""

    code = "access_error"
    status: ClassVar[int] = 403


class NotSignedIn(AccessError):
    """No session is shown, or one that is unknown or was ended."""

    code = "not_signed_in"
    status = 401


class SessionExpired(AccessError):
    """The session was not used for too long, or has lasted as long as one may."""

    code = "session_expired"
    status = 401


class NotAllowed(AccessError):
    """Signed in, but without the role that this needs."""

    code = "not_allowed"


class ForeignOrigin(AccessError):
    """Something that changes something was asked for by a page that is not ours, or that does not say whose it is."""

    code = "foreign_origin"


class SignInFailed(AccessError):
    """Login or password is wrong, or the account is disabled: which of these is not said."""

    code = "sign_in_failed"
    status = 401


class SignInPaused(AccessError):
    """Too many failures for this login: even the right password is not looked at before the pause is over."""

    code = "sign_in_paused"
    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class SignInBusy(AccessError):
    """More passwords wait to be checked than the house lets wait."""

    code = "sign_in_busy"
    status = 503


class DirectoryRefused(AccessError):
    """The enterprise's directory did not let somebody in, or what it said does not hold."""

    code = "directory_refused"


class DirectoryUnavailable(AccessError):
    """The enterprise's directory does not answer, or not as OpenID Connect asks for."""

    code = "directory_unavailable"
    status = 503


class NoRole(AccessError):
    """The directory knows them, but none of what it says of them is a role here."""

    code = "no_role"


class NoDirectory(AccessError):
    """No directory is configured to sign in with."""

    code = "no_directory"
    status = 404


class LoginTaken(AccessError):
    """Another account of the tenant has this login."""

    code = "login_taken"
    status = 409


class AccountInvalid(AccessError):
    """An account cannot be as it is asked for; the message says what is wrong with it."""

    code = "account_invalid"
    status = 422


class NoSuchAccount(AccessError):
    """The tenant has no account of this login."""

    code = "no_such_account"
    status = 404


class NothingToReveal(AccessError):
    """There is no such value, or it is not theirs to see."""

    code = "nothing_to_reveal"
    status = 404


class AuditUnreadable(AccessError):
    """What should be a record of the audit, or a head of it, is none: take the file that was exported, or kept."""

    code = "audit_unreadable"
    status = 422
