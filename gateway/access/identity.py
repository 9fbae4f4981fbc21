"""Who somebody is to the house: the one answer that every page and every command is given with.

An identity is always one tenant's. Refuses: how it was proved (passwords, a directory), which nobody above has to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LOCALES = ("ko", "en")
"""The languages that pages are in."""


class Role(StrEnum):
    """What somebody may do. No role contains another: who needs two has two."""

    AGENT = "agent"
    """Takes calls, at the desk."""
    SUPERVISOR = "supervisor"
    """Sees all queues and agents, listens, whispers, barges in, takes over."""
    ANALYST = "analyst"
    """Reads finished calls."""
    CONTENT = "content"
    """Owns knowledge, flows and texts."""
    ADMIN = "admin"
    """Reads and verifies the audit, holds contacts and erases them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person with an account of ``tenant``."""

    tenant: str
    user: str
    """An id that stays: never the login, which is often an e-mail address."""
    name: str
    roles: frozenset[Role]
    queues: tuple[str, ...] = ()
    """The queues they work for; empty: all."""
    skills: Mapping[str, int] = field(default_factory=dict)
    """Levels by skill, from 1 up."""
    languages: tuple[str, ...] = ()
    """The languages that they serve callers in."""
    locale: str = "en"
    """The language of their pages, whatever the call's is."""

    def has_any(self, roles: tuple[Role, ...]) -> bool:
        """Whether they have one of these roles; with none named, whether they are anybody at all."""
        return not roles or not self.roles.isdisjoint(roles)

    def serves(self, queue: str) -> bool:
        """Whether a queue is one of theirs."""
        return not self.queues or queue in self.queues
