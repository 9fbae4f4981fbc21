"""Business actions: what they are, and the record that must stand before their outcome is told.

The transport that really calls a back end is chosen by the composition root; this module names what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Journal(Protocol):
    """The durable record of one call, as the dialog needs it."""

    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        """Append an event and return only when it is acknowledged by the ledger.

        Raises an ``AiccError`` when the ledger does not acknowledge in time: then the action must not be confirmed.
        """
