"""What a tenant decides about remembering its customers. Read from the table ``memory:`` of ``tenant.yaml``.

memory:
  consent: ask            # off | ask | customer_opted_in
  keep_days: 90           # after so many days without a contact everything goes
  identity: knowledge     # how surely a caller must be known who is told of earlier contacts
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dialog.actions.rules import Identity


class Consent(StrEnum):
    """When a customer may be remembered."""

    OFF = "off"
    ASK = "ask"
    """Whoever says yes when the dialog asks, once, at the end of a contact that went well."""
    CUSTOMER_OPTED_IN = "customer_opted_in"
    """Whoever has agreed elsewhere, which the enterprise tells us; the dialog never asks."""


@dataclass(frozen=True, slots=True)
class MemoryPolicy:
    """The decisions. ``keep`` is counted from the latest contact, and for each earlier contact from its own time."""

    consent: Consent = Consent.OFF
    keep: timedelta = timedelta(days=90)
    identity: Identity = Identity.KNOWLEDGE
