"""Carries out what MCP clients call for one tenant: *propose is not commit* holds for programs as it does for callers.

What only reads is done at once. What changes something is frozen as a proposal, and nothing else happens; a later call
of ``confirm`` commits it once. Both go through the same runner, store, policy and proof as in a conversation, and both
stand in the record of the contact. An identity is never shown here: a client has the one that its credentials give it.

Refuses: another tenant's actions, documents or proposals; another client's proposals; values that a caller could not
have given.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import assert_never
from zoneinfo import ZoneInfo

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Proposal, Risk, Succeeded, Unknown
from dialog.actions.read_back import read_back
from dialog.actions.request_words import failure
from dialog.actions.requests import Asker, Requests, fitting
from dialog.actions.rules import Permission
from dialog.actions.runner import ActionRunner
from dialog.actions.store import ActionStore
from dialog.answers.answering import KnowledgeSearch
from dialog.answers.instructions import addresses_a_program
from dialog.clock import utc_now
from dialog.policy import may_act
from dialog.privacy.detector import without
from dialog.releases.release import Release
from gateway.api import mcp_words as said
from gateway.api.mcp_contacts import Contacts, TooManyContacts, Visitor
from gateway.api.mcp_offer import CONFIRM, SEARCH, WITHDRAW, Offer, OfferedTool
from gateway.api.mcp_tools import CONFIRM_TAKES, SEARCH_TAKES, WITHDRAW_TAKES, Schema
from gateway.session.records import EventKind
from infra.errors import AiccError
from infra.telemetry.metrics import metrics
from knowledge.document import Hit
from knowledge.errors import KnowledgeError
from knowledge.query import Query

CHANNEL = "mcp"
"""By which channel such a client reaches us; documents may be for some channels only."""

MOST_AT_ONCE = 32
"""Tool calls of one tenant that are under way at once; further ones are refused."""

ANSWER_WITHIN = 45.0
"""Seconds after which a client is answered, whatever is still under way: longer than any action may take. What was
confirmed is carried on, and told when it is confirmed again."""

LONGEST_PASSAGE = 2_000
"""Characters of a passage that are given."""

_CALLS = metrics.counter(
    "aicc_mcp_tool_calls", "Tool calls of MCP clients, by their kind and outcome", ["kind", "outcome"]
)
_SECONDS = metrics.histogram("aicc_mcp_tool_seconds", "How long tool calls of MCP clients took", ["kind"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets: the ``status``, what belongs to it, and words for people."""

    status: str
    body: Mapping[str, object] = field(default_factory=dict)
    words: str = ""

    @property
    def good(self) -> bool:
        """Whether what was asked for has taken place."""
        return self.status in {"succeeded", "proposed", "withdrawn"}


class ToolCalls:
    """The tool calls of one tenant's MCP clients. ``runner`` and ``store`` are those of the tenant's actions."""

    def __init__(
        self,
        offer: Offer,
        release: Release,
        runner: ActionRunner,
        store: ActionStore,
        knowledge: KnowledgeSearch,
        contacts: Contacts,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.offer = offer
        self.release = release
        self._runner = runner
        self._store = store
        self._knowledge = knowledge
        self._contacts = contacts
        self._now = now
        self._under_way = 0

    @property
    def _requests(self) -> Requests:
        return Requests(self.release, self._runner, self._store, self._now)

    def offers(self, tool: str) -> bool:
        """Whether there is a tool of that name."""
        ours = {CONFIRM, WITHDRAW} if self.offer.changes else set()
        return tool in {*self.offer.tools, *ours, *({SEARCH} if self.offer.knowledge else ())}

    async def call(self, visitor: Visitor, tool: str, arguments: Mapping[str, object]) -> Answer:
        """Carry out one call of a tool that is offered. Nothing is raised but what is a mistake in the program."""
        kind, began = self._kind(tool), monotonic()
        if self._under_way >= MOST_AT_ONCE:
            answer = Answer("failed", {"reason": "busy"}, said.BUSY[visitor.language])
        else:
            self._under_way += 1
            try:
                answer = await self._bounded(visitor, tool, arguments)
            finally:
                self._under_way -= 1
        _CALLS.labels(kind, answer.status).inc()
        _SECONDS.labels(kind).observe(monotonic() - began)
        return answer

    async def tidy(self, *, everything: bool = False) -> None:
        """Close the contacts that nobody goes on with; all when the node stops."""
        await self._contacts.close_idle(everything=everything)

    async def _bounded(self, visitor: Visitor, tool: str, arguments: Mapping[str, object]) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._call(visitor, tool, arguments)
        except TimeoutError:
            if tool == CONFIRM:
                return Answer("unknown", {}, said.UNKNOWN[visitor.language])
            return _failed(FailureKind.TIMED_OUT, visitor.language)
        except TooManyContacts:
            return Answer("failed", {"reason": "busy"}, said.BUSY[visitor.language])
        except KnowledgeError:
            return Answer("failed", {"reason": "unavailable"}, said.NO_KNOWLEDGE[visitor.language])
        except AiccError:
            if tool in {CONFIRM, WITHDRAW}:  # it may have been done before, where it cannot be read now
                return Answer("unknown", {}, said.UNKNOWN[visitor.language])
            return _failed(FailureKind.NOT_RECORDED, visitor.language)

    async def _call(self, visitor: Visitor, tool: str, arguments: Mapping[str, object]) -> Answer:
        ours = {
            CONFIRM: (CONFIRM_TAKES, self._confirm),
            WITHDRAW: (WITHDRAW_TAKES, self._withdraw),
            SEARCH: (SEARCH_TAKES, self._search),
        }
        if tool in ours:
            return await self._checked(visitor, arguments, *ours[tool])
        return await self._act(self.offer.tools[tool], visitor, arguments)

    async def _checked(
        self,
        visitor: Visitor,
        arguments: Mapping[str, object],
        schema: Schema,
        then: Callable[[Visitor, Mapping[str, object]], Awaitable[Answer]],
    ) -> Answer:
        """Go on with arguments in their canonical form, if they are what is taken."""
        given, broken = fitting(schema, arguments)
        return _invalid(broken, visitor.language) if broken else await then(visitor, given)

    async def _act(self, tool: OfferedTool, visitor: Visitor, arguments: Mapping[str, object]) -> Answer:
        given, broken = self._requests.check(tool.action, arguments)
        if broken:
            return _invalid(broken, visitor.language)
        async with self._asker(visitor) as asker:
            became = await self._requests.ask(tool.action, given, asker)
        match became:
            case Proposal():
                return self._proposed(became, tool, visitor.language)
            case Permission():
                return _refused(tool.action, became, visitor)
            case _:
                return self._told(tool.action, became, visitor)

    async def _confirm(self, visitor: Visitor, given: Mapping[str, object]) -> Answer:
        proposal = await self._kept(visitor, str(given["proposal"]))
        if proposal is None:
            return Answer("failed", {"reason": "no_such_proposal"}, said.NO_PROPOSAL[visitor.language])
        async with self._asker(visitor) as asker:
            outcome = await self._requests.confirm(proposal, asker, str(given.get("words") or CONFIRM))
        return self._told(proposal.action, outcome, visitor, done=said.DONE[visitor.language])

    async def _withdraw(self, visitor: Visitor, given: Mapping[str, object]) -> Answer:
        proposal = await self._kept(visitor, str(given["proposal"]))
        if proposal is None:
            return Answer("failed", {"reason": "no_such_proposal"}, said.NO_PROPOSAL[visitor.language])
        async with self._asker(visitor) as asker:
            before = await self._requests.withdraw(proposal, asker, WITHDRAW)
        if before is not None:
            return self._told(proposal.action, before, visitor, done=said.DONE[visitor.language])
        return Answer("withdrawn", {}, said.WITHDRAWN[visitor.language])

    @asynccontextmanager
    async def _asker(self, visitor: Visitor) -> AsyncIterator[Asker]:
        """The visitor as one who asks in a turn of their contact."""
        async with self._contacts.turn(visitor) as (contact, turn):
            yield Asker(visitor.client, visitor.standing, contact.log.call_id, turn, contact.minutes)

    async def _kept(self, visitor: Visitor, proposal: str) -> Proposal | None:
        """A proposal that was made to the same client for the same customer in a contact of the same name."""
        actions = {tool.action.id: tool.action for tool in self.offer.tools.values()}
        return await self._requests.kept(proposal, actions, visitor.prefix)

    async def _search(self, visitor: Visitor, given: Mapping[str, object]) -> Answer:
        languages, language = self.release.tenant.languages, str(given.get("language", visitor.language))
        if language not in languages:
            return _invalid([f"/language: is none of {', '.join(languages)}"], visitor.language)
        asked, limit = without(str(given["query"]), language), given.get("limit", 3)
        assert isinstance(limit, int), "its schema says so"
        today = self._now().astimezone(ZoneInfo(self.release.tenant.time_zone)).date()
        query = Query(self.release.tenant.id, language, asked, limit, on=today, channel=CHANNEL)
        async with self._contacts.turn(visitor) as (contact, turn):
            hits = await self._knowledge.search(query)
            found = [{"id": hit.passage.id, "document": hit.passage.document.id, "score": hit.score} for hit in hits]
            contact.minutes.write(EventKind.RETRIEVAL_DONE, turn=turn, query=asked, passages=found)
        passages = [passage for passage in map(_passage, hits) if passage["text"]]
        return Answer("succeeded", {"passages": passages})

    def _told(self, action: Action, outcome: Outcome, visitor: Visitor, done: str = "") -> Answer:
        """What a client is told of an outcome."""
        match outcome:
            case Succeeded(result=result):
                return Answer("succeeded", {"action": action.id, "result": dict(result)}, done)
            case Failed(kind=FailureKind.NOT_PERMITTED):
                return _refused(action, may_act(action, visitor.standing), visitor)
            case Failed(kind=kind):
                return _failed(kind, visitor.language)
            case Unknown() if action.risk is Risk.READ_ONLY:
                return _failed(FailureKind.NOT_RECORDED, visitor.language)
            case Unknown():
                return Answer("unknown", {"action": action.id}, said.UNKNOWN[visitor.language])
            case _:
                assert_never(outcome)

    def _proposed(self, proposal: Proposal, tool: OfferedTool, language: str) -> Answer:
        labels = {name: words[language] for name, words in tool.arguments.items()}
        words = read_back(
            self.release, tool.action, proposal.arguments, language, title=tool.title[language], labels=labels
        )
        body = {
            "proposal": proposal.id,
            "action": proposal.action.id,
            "arguments": dict(proposal.arguments),
            "read_back": words,
            "expires_at": proposal.expires_at.isoformat(),
        }
        return Answer("proposed", body, said.PROPOSED[language].format(read_back=words))

    def _kind(self, tool: str) -> str:
        offered = self.offer.tools.get(tool)
        if offered is None:
            return tool
        return "read" if offered.action.risk is Risk.READ_ONLY else "propose"


def _passage(hit: Hit) -> dict[str, object]:
    """A passage with its source. What in it speaks to a program is left out: only programs read this."""
    passage = hit.passage
    text = " ".join(sentence for sentence in passage.sentences if not addresses_a_program(sentence))
    return {
        "document": passage.document.id,
        "title": passage.document.title,
        "passage": passage.id,
        "headings": list(passage.headings),
        "text": text[:LONGEST_PASSAGE],
        "score": round(hit.score, 4),
    }


def _invalid(problems: list[str], language: str) -> Answer:
    words = said.INVALID[language].format(problems="; ".join(problems[:5]))
    return Answer("failed", {"reason": FailureKind.INVALID.value}, words)


def _failed(kind: FailureKind, language: str) -> Answer:
    return Answer("failed", {"reason": kind.value}, failure(kind, language))


def _refused(action: Action, permission: Permission, visitor: Visitor) -> Answer:
    """That the rules do not allow it, and why. What was allowed and is refused all the same is told without a reason:
    it is in the record that decided."""
    if permission.refusal is None and not permission.granted:
        return _failed(FailureKind.NOT_RECORDED, visitor.language)
    needed, given = action.rules.identity.name.lower(), visitor.standing.identity.name.lower()
    words = said.refusal(permission.refusal, visitor.language, needed=needed, given=given)
    reason = FailureKind.NOT_PERMITTED.value if permission.refusal is None else permission.refusal.value
    return Answer("refused", {"reason": reason, "needed": needed, "given": given}, words)
