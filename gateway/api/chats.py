"""Conversations by text over HTTP: single questions, and whole conversations turn by turn.

Open conversations are bounded: over ``MOST_OPEN`` a new one is refused; one that nobody goes on with is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, StringConstraints

from dialog.reply import Decision, Reply, whole
from gateway.session.records import EndReason
from gateway.session.text import TextSession

MOST_OPEN = 256
IDLE_SECONDS = 900.0

Text = Annotated[str, StringConstraints(max_length=2000)]
Open = Callable[[str, str], TextSession]
"""Opens a conversation for a tenant in a language. Raises ``KeyError`` for a tenant or language that is not served."""


class Question(BaseModel):
    """A question, and the language it is asked in."""

    text: Text
    language: str


class Beginning(BaseModel):
    """The language of a new conversation."""

    language: str


class Turn(BaseModel):
    """One typed turn."""

    text: Text


@dataclass(slots=True)
class _Chat:
    session: TextSession
    used: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Chats:
    """The open conversations of this node, by tenant and id."""

    def __init__(self, open_session: Open, clock: Callable[[], float] = time.monotonic) -> None:
        self._open = open_session
        self._clock = clock
        self._chats: dict[tuple[str, str], _Chat] = {}

    async def begin(self, tenant: str, language: str) -> tuple[str, Reply]:
        """A new conversation: its id and the greeting."""
        await self.close_idle()
        if len(self._chats) >= MOST_OPEN:
            raise HTTPException(503, "too many conversations are open; try again in a minute", {"retry-after": "60"})
        session = self._session(tenant, language)
        self._chats[tenant, session.id] = _Chat(session, self._clock())
        return session.id, await session.greet()

    async def turn(self, tenant: str, chat_id: str, text: str) -> tuple[tuple[Reply, ...], bool]:
        """The replies to one turn, and whether the conversation is over."""
        chat = self._chats.get((tenant, chat_id))
        if chat is None:
            raise HTTPException(404, f"conversation {chat_id} is not open; begin a new one")
        async with chat.turn:
            chat.used = self._clock()
            said = await chat.session.turn(text)
        if said.over:
            await self.end(tenant, chat_id, EndReason.COMPLETED)
        return said.replies, said.over

    async def ask(self, tenant: str, question: Question) -> Reply:
        """The reply to a single question."""
        session = self._session(tenant, question.language)
        try:
            said = await session.turn(question.text)
        finally:
            await session.close()
        return whole(said.replies)

    async def end(self, tenant: str, chat_id: str, reason: EndReason) -> None:
        """Close one conversation; does nothing when it is closed."""
        chat = self._chats.pop((tenant, chat_id), None)
        if chat is not None:
            await chat.session.close(reason)

    async def close_idle(self, *, everything: bool = False) -> None:
        """Close what nobody goes on with, or everything when the node stops."""
        now = self._clock()
        for (tenant, chat_id), chat in list(self._chats.items()):
            if everything:
                await self.end(tenant, chat_id, EndReason.SHUT_DOWN)
            elif now - chat.used > IDLE_SECONDS:
                await self.end(tenant, chat_id, EndReason.NO_INPUT)

    def _session(self, tenant: str, language: str) -> TextSession:
        try:
            return self._open(tenant, language)
        except KeyError as error:
            raise HTTPException(404, f"tenant {tenant} is not served here in {language!r}") from error


def answer_json(reply: Reply) -> dict[str, Any]:
    """A reply to a single question, as ``aicc ask --json`` prints it.

    ``decision`` is one of answer, clarify, act, escalate; what only converses counts as an answer without a citation.
    """
    decision = Decision.ANSWER if reply.decision is Decision.CONVERSE else reply.decision
    return {
        "answer": reply.text,
        "citations": [{"document": c.document, "passage": c.passage, "quote": c.quote} for c in reply.citations],
        "confidence": round(reply.confidence.value, 4),
        "decision": decision.value,
    }


def reply_json(reply: Reply) -> dict[str, Any]:
    """A reply of a conversation with everything that made it."""
    return {
        "text": reply.text,
        "decision": reply.decision,
        "confidence": asdict(reply.confidence),
        "citations": [asdict(citation) for citation in reply.citations],
        "expects": reply.expects,
        "escalation": asdict(reply.escalation) if reply.escalation is not None else None,
    }


def chats_router(chats: Chats) -> APIRouter:
    """``POST …/ask``, ``POST …/chats``, ``POST …/chats/{chat}/turns`` and ``DELETE …/chats/{chat}`` of a tenant."""
    router = APIRouter(prefix="/v1/tenants/{tenant}", tags=["conversations"])

    @router.post("/ask")
    async def ask(tenant: str, question: Question) -> dict[str, Any]:
        return answer_json(await chats.ask(tenant, question))

    @router.post("/chats", status_code=201)
    async def begin(tenant: str, beginning: Beginning) -> dict[str, Any]:
        chat, greeting = await chats.begin(tenant, beginning.language)
        return {"chat": chat, "replies": [reply_json(greeting)]}

    @router.post("/chats/{chat}/turns")
    async def turn(tenant: str, chat: str, turn: Turn) -> dict[str, Any]:
        replies, over = await chats.turn(tenant, chat, turn.text)
        return {"replies": [reply_json(reply) for reply in replies], "over": over}

    @router.delete("/chats/{chat}", status_code=204)
    async def end(tenant: str, chat: str) -> None:
        await chats.end(tenant, chat, EndReason.CALLER_HUNG_UP)

    return router
