"""A dialog that remembers, in its tests: the example tenant's release, a memory in this process, and conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dialog.actions.action import Action, ActionPort, Failed, FailureKind, Outcome, Succeeded, Via
from dialog.actions.ports import ActionPorts
from dialog.actions.rules import Identity
from dialog.conversation import PHONE
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.memory.flows import MemoryActions, with_memory
from dialog.memory.memory import Remembered
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.memory.store import MemoryStore, VolatileMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import Person, TenantMemory
from dialog.releases.release import Release
from infra.errors import AiccError
from infra.phone_numbers import ANYWHERE, NumberingPlan
from tests.dialog.surroundings import SmallSearch, StoppedClock, Talk

NUMBER = "+821055501234"
POLICY = MemoryPolicy(Consent.ASK, timedelta(days=90))


class Down(AiccError):
    """The store does not answer."""


class BrokenMemory(VolatileMemory):
    """Fails, or hangs, whenever it is asked."""

    def __init__(self, *, hangs: bool = False) -> None:
        super().__init__()
        self.hangs = hangs
        self.writes = 0

    async def recall(self, subject: str, since: datetime) -> Remembered:
        """Nothing."""
        if self.hangs:
            await asyncio.Event().wait()
        raise Down("the memory cannot be asked")

    async def keep(self, *args: object, **more: object) -> bool:
        """Nothing."""
        self.writes += 1
        raise Down("the memory cannot be written")

    async def left(self, subjects: Sequence[str]) -> int:
        """Nothing."""
        raise Down("the memory cannot be asked")

    async def forget(self, *args: object, **more: object) -> None:  # type: ignore[override]
        """Nothing."""
        raise Down("the memory cannot be written")


@dataclass
class Owner:
    """A back end that knows one customer by whatever they answer."""

    customer: str = "C-1001"

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Confirm who they are, and nothing else."""
        if action.id == "check_owner":
            return Succeeded({"customer_id": self.customer})
        if action.id == "customer_contact":
            return Succeeded({"customer_id": self.customer, "email": "somebody@mail.example"})
        return Failed(FailureKind.UNAVAILABLE)

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Rememberer:
    """One tenant's dialog with its memory; ``call`` begins a contact and looks the caller up."""

    release: Release
    store: MemoryStore = field(default_factory=VolatileMemory)
    policy: MemoryPolicy = POLICY
    tenant: str = "hanbit-store"
    within: float = 0.15
    owner: ActionPort = field(default_factory=Owner)
    clock: StoppedClock = field(default_factory=StoppedClock)
    plan: NumberingPlan = ANYWHERE
    calls: int = 0

    def __post_init__(self) -> None:
        policy = replace(self.release.policy, memory=self.policy)
        self.release = with_memory(replace(self.release, policy=policy))
        self.memory = TenantMemory(self.store, Subjects(b"k" * 32, self.tenant, self.plan), self.policy, self.within)
        ours = MemoryActions(self.memory, self.release, now=lambda: self.clock.now("UTC"))
        ports = ActionPorts({**dict.fromkeys(Via, self.owner), Via.MEMORY: ours})
        self.manager = DialogueManager(self.release, SmallSearch(), ports, self.clock, memory=self.memory)

    async def call(
        self, code: str = "ko", number: str | None = NUMBER, channel: str = PHONE, customer: str | None = None
    ) -> Talk:
        """A new contact; of a ``customer`` it is shown already who they are."""
        self.calls += 1
        journal = MemoryJournal()
        conversation = self.manager.begin(
            call_id=f"call-{self.calls}", language=code, caller=number, journal=journal, channel=channel
        )
        await self.manager.recall(conversation)
        if customer is not None:
            conversation.acquaintance.shown(Identity.KNOWLEDGE, customer)
            check = self.release.actions["check_owner"]
            await self.manager._remembering.after(conversation, check, Succeeded({}))
        return Talk(self.manager, conversation, journal, conversation.language)

    async def end(self, talk: Talk) -> None:
        """The contact is over."""
        await self.manager.finish(talk.conversation)

    async def agreed(self, code: str = "ko", **who: str | None) -> None:
        """A contact that went well, and a yes at its end."""
        talk = await self.call(code, **who)  # type: ignore[arg-type]
        for words in ("포인트 유효 기간이 어떻게 되나요", "아니요 없어요", "네"):
            await talk.say(words)
        await self.end(talk)

    async def found(self, *, customer: str = "", number: str = "") -> Remembered:
        """What there is of somebody now."""
        [subject] = Person(customer, number).subjects(self.memory)
        return await self.store.recall(subject, self.clock.now("UTC") - self.policy.keep)
