"""What is remembered of a customer: how they like to be served, and what earlier contacts were about.

All of it is typed: ids of intents and flows, what was tried and how that came out, titles of documents. Refuses: the
caller's own words, values that they gave, and whatever was said in confidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from dialog.escalation import Tried
from dialog.reply import EscalationReason, Manner

MOST_CONTACTS = 5
"""Earlier contacts that are looked at: the latest ones."""
MOST_WISHES = 4
"""How often "slower" or "louder" counts: beyond that, nothing gets slower or louder any more."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The answer to whether somebody may be remembered: when, to which ``wording`` of the question, in which
    ``contact`` (empty: not in one)."""

    agreed: bool
    at: datetime
    wording: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a customer likes to be served: in which ``language``, how often they asked for slower and for louder speech,
    and by which ``channel`` they came last."""

    language: str = ""
    slower: int = 0
    louder: int = 0
    channel: str = ""

    def wished(self, manner: Manner) -> Preferences:
        """After the caller asked to be spoken to like that."""
        match manner:
            case Manner.SLOWER:
                return replace(self, slower=min(self.slower + 1, MOST_WISHES))
            case Manner.LOUDER:
                return replace(self, louder=min(self.louder + 1, MOST_WISHES))
            case _:
                assert_never(manner)

    @property
    def manners(self) -> tuple[Manner, ...]:
        """All that they asked for, one by one."""
        return (Manner.SLOWER,) * self.slower + (Manner.LOUDER,) * self.louder


class Promise(StrEnum):
    """What a customer can have been promised."""

    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was told or done: with which flow, and how it came out (an action's case, a document's title)."""

    tried: Tried
    flow: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class EarlierContact:
    """What one contact came to. ``about`` is an intent or a flow; ``reason`` why it was handed over, if it was;
    ``unfinished`` that something of it was left open."""

    contact: str
    at: datetime
    channel: str
    language: str
    about: str
    done: tuple[Deed, ...] = ()
    promised: tuple[Promise, ...] = ()
    reason: EscalationReason | None = None
    unfinished: bool = False


class Eraser(StrEnum):
    """Who had something forgotten."""

    CALLER = "caller"
    API = "api"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Erasure:
    """That something was forgotten: when, by whom, of which ``kinds`` it was; nothing of what it was. ``reference`` is
    the idempotency key of the action by which a caller did it."""

    at: datetime
    by: Eraser
    kinds: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that is remembered of one customer; the latest contact first. ``erasures`` are what remains of what was
    forgotten."""

    agreement: Agreement | None = None
    preferences: Preferences | None = None
    contacts: tuple[EarlierContact, ...] = ()
    erasures: tuple[Erasure, ...] = ()

    @property
    def agreed(self) -> bool:
        """Whether they may be remembered."""
        return self.agreement is not None and self.agreement.agreed

    @property
    def answered(self) -> bool:
        """Whether there is nothing to ask any more: they said yes or no, or wanted to be forgotten."""
        return self.agreement is not None or bool(self.erasures)
