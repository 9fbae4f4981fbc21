"""What the bot says in a call, in words, for a platform that writes them down beside the sound.

It is read from the call's record like everything else, so what is secret is masked already.

Refuses: to hold up the call. A platform that misses a word has missed it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from dialog.reply import Decision
from gateway.session.ledger import Ledger
from gateway.session.records import EventKind
from infra.errors import AiccError
from infra.supervision import ended

Tell = Callable[[str, bool], None]
"""Gets what the bot says, and whether it understood the caller."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def telling_bot_turns(ledger: Ledger, tenant: str, call: str, tell: Tell) -> AsyncIterator[None]:
    """Tell each of the bot's replies in ``call`` while this is open, as it is decided."""
    task = asyncio.create_task(_follow(ledger, tenant, call, tell), name=f"bot turns of {call}")
    try:
        yield
    finally:
        await ended(task)


async def _follow(ledger: Ledger, tenant: str, call: str, tell: Tell) -> None:
    try:
        async with ledger.subscribe(tenant, call) as events:
            async for event in events:
                if event.kind == EventKind.REPLY_DECIDED and (text := str(event.payload.get("text", ""))):
                    tell(text, event.payload.get("decision") != Decision.CLARIFY)
    except AiccError as error:
        log.info("the platform of call %s is told no more of what the bot says: %s", call, error)
