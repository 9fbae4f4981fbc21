"""Due calls as a service of the dialog's actions (``calls:``): a caller asks to be called back.

Carried out in our own database under the action's idempotency key, so the same wish is one call however often it is
sent; ``status`` reads it back, which is what the action's proof asks for.

Refuses: whether the caller meant it; a request is read back and confirmed like every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, lost
from dialog.schema import only_known, violations
from gateway.outbound.desk import TenantDesk, Wanted
from gateway.outbound.due_call import DueCall
from gateway.outbound.errors import DueCallRefused
from infra.errors import AiccError

PHONE = "phone"
"""The detail of a callback under which its number is kept as the caller said it."""


class CallbackActions:
    """Requests to one tenant's desk. Every failure comes back as an outcome; nothing is raised."""

    def __init__(self, desk: TenantDesk) -> None:
        self._desk = desk

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Keep a call that is wanted, or read one back."""
        try:
            if action.path == "status":
                due = await self._desk.calls.by_key(str(arguments["request"]))
            else:
                due = await self._desk.request(_wanted(arguments, key))
        except (DueCallRefused, ValueError) as error:
            return Failed(FailureKind.REJECTED, str(error))
        except AiccError as error:
            return lost(action, FailureKind.UNAVAILABLE, str(error))
        if due is None:
            return Failed(FailureKind.NOT_FOUND, "no call is kept under that key")
        answer = self._told(due)
        broken = violations(action.result, answer)
        if broken:
            return lost(action, FailureKind.MALFORMED, "its schema does not fit due calls: " + "; ".join(broken[:5]))
        known = only_known(action.result, answer)
        return Succeeded(known) if isinstance(known, dict) else lost(action, FailureKind.MALFORMED, "it is no object")

    async def close(self) -> None:
        """Nothing is kept open: the desk belongs to the house."""

    def _told(self, due: DueCall) -> dict[str, object]:
        at = self._desk.local(due.due_at).replace(tzinfo=None)
        phone = due.details.get(PHONE, due.number)
        return {"at": at.isoformat(timespec="minutes"), PHONE: phone, "state": due.state.value}


def _wanted(arguments: Mapping[str, object], key: str) -> Wanted:
    """What the arguments say. Raises ``ValueError`` for a time that is none."""
    phone, contact = str(arguments["phone"]), arguments.get("contact")
    return Wanted(
        number=phone,
        language=str(arguments["language"]),
        at=datetime.fromisoformat(str(arguments["at"])),
        details={PHONE: phone},
        contact=None if contact is None else str(contact),
        key=key,
        exactly=True,
    )
