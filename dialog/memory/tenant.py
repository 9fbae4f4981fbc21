"""One tenant's memory, as the house gives it to the dialog; and what the enterprise may do with it: see what is
remembered of somebody, have it forgotten, and say that they have agreed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dialog.errors import DialogError
from dialog.memory.memory import Agreement, Eraser
from dialog.memory.policy import MemoryPolicy
from dialog.memory.store import MemoryStore
from dialog.memory.subject import Subjects


class PersonNotNamed(DialogError):
    """Nobody was named whose memory could be meant: give a customer number or a telephone number."""

    code = "person_not_named"


@dataclass(frozen=True, slots=True)
class TenantMemory:
    """Where it is kept, under which names, what the tenant decided about it, and how many seconds a greeting waits."""

    store: MemoryStore
    subjects: Subjects
    policy: MemoryPolicy
    within: float = 0.15


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by the number that the enterprise knows them by, the telephone number that they call from, or both."""

    customer: str = ""
    number: str = ""

    def subjects(self, memory: TenantMemory) -> tuple[str, ...]:
        """What they are remembered by. Raises ``PersonNotNamed``."""
        by_number = memory.subjects.number(self.number)
        named = (memory.subjects.customer(self.customer) if self.customer else None, by_number)
        found = tuple(subject for subject in named if subject is not None)
        if not found or (self.number and by_number is None):
            raise PersonNotNamed("name a customer by number, or by the whole telephone number that they call from")
        return found


async def shown(memory: TenantMemory, person: Person, now: datetime) -> list[dict[str, Any]]:
    """All that is remembered of a person, as plain data, and when what was forgotten. Raises ``AiccError``."""
    since = now - memory.policy.keep
    return [
        {"as": kind_of(subject), **asdict(await memory.store.recall(subject, since))}
        for subject in await _known_as(memory, person)
    ]


async def forgotten(memory: TenantMemory, person: Person, now: datetime, by: Eraser) -> list[dict[str, Any]]:
    """Have a person forgotten; of which kinds there was anything. Raises ``AiccError``."""
    return [
        {"as": kind_of(subject), **asdict(await memory.store.forget(subject, now, by))}
        for subject in await _known_as(memory, person)
    ]


async def agreed(memory: TenantMemory, person: Person, agreement: Agreement) -> bool:
    """Let an answer stand that a person gave elsewhere; whether it does: not where they were forgotten since. Raises
    ``AiccError``."""
    return all([await memory.store.agree(subject, agreement) for subject in await _known_as(memory, person)])


async def _known_as(memory: TenantMemory, person: Person) -> tuple[str, ...]:
    """What a person is remembered by, with what was kept of their number under its former name."""
    subjects, former = person.subjects(memory), memory.subjects.former(person.number)
    if former is not None:
        await memory.store.rename(former, subjects[-1])
    return subjects


def kind_of(subject: str) -> str:
    """Whether a subject is a ``customer`` or a ``number``."""
    return subject.partition(":")[0]
