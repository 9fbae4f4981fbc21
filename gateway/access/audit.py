"""Who did what, when, with whose data and why: written once, changed and deleted never, and sealed in a chain
(``audit_chain``) that shows it if somebody does.

Reasons are the words of who gave them. Refuses: values; that something was seen is kept, what was seen is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

SIGNED_IN = "sign_in.done"
SIGN_IN_FAILED = "sign_in.failed"
SIGNED_OUT = "sign_out.done"
ACCOUNT_ADDED = "account.added"
ACCOUNT_CHANGED = "account.changed"
ACCOUNT_DISABLED = "account.disabled"
ACCOUNT_ENABLED = "account.enabled"
PASSWORD_SET = "account.password_set"
REVEALED = "value.revealed"
AUDIT_EXPORTED = "audit.exported"

COMMAND_LINE = "command"
"""The actor of what was done with ``aicc`` on the machine itself."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed."""

    tenant: str
    at: datetime
    actor: str
    """An account's id, or what acted by itself: ``COMMAND_LINE``, ``directory``, ``system``."""
    what: str
    """``area.deed``: one of the names above, or one of another room's, such as ``call.listened``."""
    whose: str = ""
    """Whose data or what it concerns: an account's id, a call's."""
    why: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    """Such as the ``address`` it came from, or the ``field`` that was seen."""


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry and its place: later ones have higher places."""

    place: int
    entry: AuditEntry


class AuditLog(Protocol):
    """The audit of all tenants. Every method may raise ``AiccError``: then what was to be done must not be done."""

    async def record(self, entry: AuditEntry) -> None:
        """Keep an entry for good, before what it tells of is shown or takes effect."""

    async def entries(
        self,
        tenant: str,
        *,
        before: int | None = None,
        limit: int = 100,
        actor: str = "",
        what: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[KeptEntry]:
        """The latest entries, latest first; of one actor, of one deed, from a moment on and before one (``until`` is
        excluded), where named."""
