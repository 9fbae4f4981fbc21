"""What can go wrong in a session and in the ledger of its events, by name."""

from __future__ import annotations

from infra.errors import AiccError


class SessionError(AiccError):
    """Any failure of a call's session."""

    code = "session_error"


class LedgerError(SessionError):
    """Any failure of the ledger."""

    code = "ledger_error"


def again(error: LedgerError) -> LedgerError:
    """The same error anew, to be raised once more without the trace of the time before."""
    return type(error)(*error.args)


class LedgerFull(LedgerError):
    """The database has not taken events for so long that no more of them can be kept in memory.

    The event was not accepted and took no number. A call that hears this must not do what it could not record.
    """

    code = "ledger_full"


class LedgerFenced(LedgerError):
    """This node has been declared lost, or was started again elsewhere: its calls are closed and it may not write.

    Its calls have to be ended and the process has to be started anew.
    """

    code = "ledger_fenced"


class LedgerClosed(LedgerError):
    """The ledger is not started yet, or closed already."""

    code = "ledger_closed"


class CallLogBroken(LedgerError):
    """The database refuses what this one call wants to write, and would again: its log ends here. Other calls go on."""

    code = "ledger_call_broken"


class NotAcknowledged(LedgerError):
    """An event was not durable within the time given. It may still become so: nothing was lost or taken back."""

    code = "ledger_not_acknowledged"


class PayloadRefused(LedgerError):
    """The payload of an event is not plain data, or too large."""

    code = "ledger_payload_refused"


class FollowerCutOff(LedgerError):
    """A follower was too slow, or events may have passed it by: it has to follow again from ``after_seq``.

    ``after_seq`` is the last number it was given (0: none). Who follows a whole tenant has to read the calls again.
    """

    code = "ledger_follower_cut_off"

    def __init__(self, message: str, after_seq: int = 0) -> None:
        super().__init__(message)
        self.after_seq = after_seq


class RecordingError(SessionError):
    """A recording cannot be written, or a name of its path is not one."""

    code = "recording_error"


class NoRecording(RecordingError):
    """The call was not recorded, or its recording is gone."""

    code = "no_recording"


class NameRefused(SessionError):
    """A tenant's or call's id has characters that do not belong in a name (and might belong in a path)."""

    code = "name_refused"


class TenantNotServed(LedgerError):
    """The tenant is none of those that this process serves: it has no key with which people's numbers could be read."""

    code = "tenant_not_served"


class TenantInvalid(SessionError):
    """A tenant's ``tenant.yaml`` cannot be used; the message names the file and the key."""

    code = "tenant_invalid"


class StaleGrip(SessionError):
    """Hands have changed: what was decided before may not be said or done any more, and who asked has to look again."""

    code = "stale_epoch"


class OnlyOverheard(SessionError):
    """The call is another platform's, and we only hear it: it can be listened to, and nothing can be done with it."""

    code = "call_only_overheard"


class InquiryUnderWay(SessionError):
    """Somebody outside is asked already whether they take the call: that has to end before another is asked."""

    code = "inquiry_under_way"


class NotInCall(SessionError):
    """Whoever is meant takes no part in this call."""

    code = "not_in_call"
