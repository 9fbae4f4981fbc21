"""A store of intents that keeps what is about people sealed: arguments, results, the caller's words and number.

It stands before another store, which moves and keeps intents without being able to read them; what it gives back is
open again. The audit's digests are those of the sealed values: they tell whether a row was changed, and nothing of
what is in it.

Refuses: any rule on which move is made. The store behind it decides.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from dialog.actions.action import Confirmation, Failed, Outcome, Succeeded, Unknown
from dialog.actions.audit import AuditEntry
from dialog.actions.digests import Digests
from dialog.actions.intent import Intent
from dialog.actions.rules import Permission
from dialog.actions.store import ActionStore
from dialog.errors import IntentMoved
from infra.errors import AiccError
from infra.storage.sealed_values import MARK

log = logging.getLogger(__name__)

SEALED = "sealed"
"""The one field of arguments and of a result that lie sealed."""

MOST_REMEMBERED = 10_000
"""Intents of which it is remembered whose they are."""


class Seals(Protocol):
    """Seals values of a contact: see ``infra.storage.sealed_values``. Methods may raise ``AiccError``."""

    async def seal(self, subject: str, value: object) -> str:
        """The value, sealed."""
        ...

    async def unseal(self, subject: str, sealed: str) -> Any:
        """The value again."""
        ...


class SealedActionStore:
    """See ``ActionStore``: ``store``, with ``seals`` before it."""

    def __init__(self, store: ActionStore, seals: Seals) -> None:
        self._store = store
        self._seals = seals
        self._contacts: OrderedDict[str, str] = OrderedDict()

    @property
    def digests(self) -> Digests:
        """See ``ActionStore``."""
        return self._store.digests

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """See ``ActionStore``."""
        return await self._opened(await self._store.enter(await self._closed(intent), now))

    async def withdraw(self, intent_id: str, why: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        return await self._opened(await self._store.withdraw(intent_id, await self._sealed(intent_id, why), now))

    async def confirm(self, intent_id: str, confirmation: Confirmation, now: datetime) -> Intent:
        """See ``ActionStore``."""
        sealed = replace(confirmation, evidence=await self._sealed(intent_id, confirmation.evidence))
        return await self._opened(await self._store.confirm(intent_id, sealed, now))

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        """See ``ActionStore``."""
        return await self._store.start(intent_id, now, until, per_call)

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        """See ``ActionStore``."""
        match outcome:
            case Succeeded():
                sealed: Outcome = replace(outcome, result={SEALED: await self._sealed(intent_id, outcome.result)})
            case Failed() | Unknown():
                sealed = replace(outcome, detail=await self._sealed(intent_id, outcome.detail))
        return await self._opened(await self._store.settle(intent_id, sealed, now, look_at))

    async def compensate(self, intent_id: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        return await self._opened(await self._store.compensate(intent_id, now))

    async def get(self, intent_id: str) -> Intent | None:
        """See ``ActionStore``."""
        found = await self._store.get(intent_id)
        return None if found is None else await self._opened(found)

    async def due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[Intent]:
        """See ``ActionStore``."""
        opened = []
        for intent in await self._store.due(now, again_at, limit):
            try:
                opened.append(await self._opened(intent))
            except AiccError as error:  # the others are not kept waiting because of one
                log.error("what intent %s is about does not open: %s", intent.id, error)
        return opened

    async def audit(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """See ``ActionStore``."""
        return await self._store.audit(after, limit)

    async def _closed(self, intent: Intent) -> Intent:
        standing, contact = intent.standing, intent.call_id
        if standing.customer is not None:
            standing = replace(standing, customer=await self._seals.seal(contact, standing.customer))
        return replace(
            intent, arguments={SEALED: await self._seals.seal(contact, dict(intent.arguments))}, standing=standing
        )

    async def _opened(self, intent: Intent) -> Intent:
        """As it was before it was sealed; what has been erased since stays empty."""
        self._remember(intent)
        contact, standing, confirmation = intent.call_id, intent.standing, intent.confirmation
        if standing.customer is not None:
            standing = replace(standing, customer=await self._word(contact, standing.customer))
        if confirmation is not None:
            confirmation = replace(confirmation, evidence=await self._word(contact, confirmation.evidence))
        return replace(
            intent,
            arguments=await self._fields(contact, intent.arguments),
            standing=standing,
            confirmation=confirmation,
            outcome=await self._outcome(contact, intent.outcome),
        )

    async def _outcome(self, contact: str, outcome: Outcome | None) -> Outcome | None:
        match outcome:
            case None:
                return None
            case Succeeded():
                return replace(outcome, result=await self._fields(contact, outcome.result))
            case Failed() | Unknown():
                return replace(outcome, detail=await self._word(contact, outcome.detail))

    async def _fields(self, contact: str, stored: Mapping[str, object]) -> Mapping[str, object]:
        if SEALED not in stored:  # erased, or from before anything was sealed
            return stored
        opened: Mapping[str, object] = await self._seals.unseal(contact, str(stored[SEALED]))
        return opened

    async def _word(self, contact: str, stored: str) -> str:
        if not stored.startswith(MARK):  # empty, or from before anything was sealed
            return stored
        return str(await self._seals.unseal(contact, stored))

    async def _sealed(self, intent_id: str, value: object) -> str:
        """A value of an intent that was entered before. Raises ``IntentMoved`` when none was."""
        if value == "":
            return ""
        return await self._seals.seal(await self._contact(intent_id), value)

    async def _contact(self, intent_id: str) -> str:
        if intent_id not in self._contacts:
            found = await self._store.get(intent_id)
            if found is None:
                raise IntentMoved(f"intent {intent_id} was never entered; enter it first")
            self._remember(found)
        return self._contacts[intent_id]

    def _remember(self, intent: Intent) -> None:
        self._contacts[intent.id] = intent.call_id
        self._contacts.move_to_end(intent.id)
        if len(self._contacts) > MOST_REMEMBERED:
            self._contacts.popitem(last=False)
