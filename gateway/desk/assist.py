"""Helps the agents of this node while they talk: one card at a time, the script's lines once said, a live summary.

A call that people are in is *followed*: whoever runs it tells of each contact event as it is written, and lends a way
to write events and a way to publish to the desktops that look at it. A caller's final words bring one card or none,
within ``WITHIN`` seconds or not at all; while one is looked for, newer words take its place. Searching is done in
worker processes and weighing in a thread, so that no packet of sound waits for it.

Refuses: deciding what is worth a card (``dialog.assist`` does), acting (``agent_actions``), and calls of other nodes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from time import monotonic
from typing import Any, Protocol

from dialog.answers.answering import KnowledgeSearch
from dialog.assist.card import Card, CardSource
from dialog.assist.compliance import Checklist
from dialog.assist.guide import Guide
from dialog.assist.live_summary import Story
from dialog.assist.sentiment import LATEST, sentiment
from dialog.assist.suggesting import Found, Remark, Suggesting
from dialog.assist.thread import Thread
from dialog.conversation import PHONE
from dialog.manager import DialogueManager
from dialog.turn import CallerTurn, Speaker, Utterance
from gateway.session.records import EventKind
from infra.errors import AiccError
from infra.supervision import ended
from infra.telemetry.metrics import metrics

WITHIN = 1.5
"""Seconds from the caller's final words to the card; a later one helps nobody any more."""
MOST_CARDS = 64
"""Cards of one call that can still be used or dismissed; the oldest is forgotten."""
MOST_WAITING = 8
"""Turns of one call that wait to be read; the oldest is dropped."""
LONGEST_EDIT = 4_000
"""Characters of what an agent made of a card."""

_QUEUED = frozenset({EventKind.HANDOFF_QUEUED, EventKind.HANDOFF_ACCEPTED})
"""Events that say in which queue a call is: its script counts from then on."""

log = logging.getLogger(__name__)

_CARDS = metrics.counter("aicc_assist_cards", "Cards shown to agents, by kind, and looked for in vain", ("kind",))
_SECONDS = metrics.histogram("aicc_assist_seconds", "From a caller's final words to the card on its way")


class NoSuchCard(AiccError):
    """There is no such card in this call, or something was done with it already. Reload the call."""

    code = "desk_no_such_card"


class FollowedCall(Protocol):
    """What assist needs of a call that people are in."""

    def append(self, kind: EventKind, payload: Mapping[str, object]) -> None:
        """Write a contact event into the call's log, without waiting. What the ledger refuses is the call's affair:
        nothing is raised."""

    def publish(self, event: str, data: Mapping[str, object]) -> None:
        """Send an event to the desktops that look at this call, without waiting and without an id: it is not kept."""


@dataclass(frozen=True, slots=True)
class FollowedLine:
    """Which call it is: its language, the telephone line's alias, and the channel by which the caller reaches us."""

    call: str
    language: str
    line: str
    channel: str = PHONE


@dataclass(slots=True)
class _Shown:
    """A card, when it was shown (monotonic seconds), and whether it is still open to be used or put away."""

    card: Card
    at: float
    open: bool = True


@dataclass(frozen=True, slots=True)
class TenantAssist:
    """One tenant's: what its cards are made of, and its guide for agents."""

    suggesting: Suggesting
    guide: Guide

    @classmethod
    def of(cls, manager: DialogueManager, knowledge: KnowledgeSearch, guide: Guide) -> TenantAssist:
        """For the tenant that ``manager`` serves, always with the release that it serves now."""
        return cls(Suggesting.of(lambda: manager.release, knowledge), guide)

    async def search(self, words: str, language: str, *, channel: str = PHONE) -> list[dict[str, object]]:
        """What an agent's own search finds: title, document, excerpt, effective_from, internal, score. Raises a
        ``KnowledgeError``."""
        return [_found(one) for one in await self.suggesting.look_up(words, language, channel=channel)]


class AssistDesk:
    """All calls that are followed on this node."""

    def __init__(self, tenants: Mapping[str, TenantAssist], clock: Callable[[], float] = monotonic) -> None:
        self._tenants = dict(tenants)
        self._clock = clock
        self._calls: dict[tuple[str, str], CallAssist] = {}

    def tenant(self, tenant: str) -> TenantAssist:
        """A tenant's part. Raises ``KeyError``."""
        return self._tenants[tenant]

    def follow(self, tenant: str, line: FollowedLine, call: FollowedCall) -> CallAssist:
        """Begin to follow a call; one that is followed already goes on as it is. Raises ``KeyError`` for a tenant that
        is not here."""
        key = tenant, line.call
        if key not in self._calls:
            self._calls[key] = CallAssist(self._tenants[tenant], line, call, self._clock)
        return self._calls[key]

    def call(self, tenant: str, call: str) -> CallAssist | None:
        """A call that is followed here, else None."""
        return self._calls.get((tenant, call))

    async def leave(self, tenant: str, call: str) -> None:
        """Follow a call no more."""
        followed = self._calls.pop((tenant, call), None)
        if followed is not None:
            await followed.close()

    async def close(self) -> None:
        """Follow nothing any more."""
        for tenant, call in list(self._calls):
            await self.leave(tenant, call)


class CallAssist:
    """One call that people are in. Belongs to the event loop that made it.

    ``happened`` is told each contact event of the call in its order, those from before it was followed with
    ``replayed``: they bring the summary and the thread, and no cards.
    """

    def __init__(
        self, tenant: TenantAssist, line: FollowedLine, call: FollowedCall, clock: Callable[[], float]
    ) -> None:
        self._tenant = tenant
        self._line = line
        self._call = call
        self._clock = clock
        self._thread = Thread()
        self._checklist = Checklist.of(tenant.guide.script, None, line.line)
        self._story = Story(line.language)
        self._customer: deque[Utterance] = deque(maxlen=LATEST)
        self._shown: dict[str, _Shown] = {}
        self._count = 0
        self._waiting: deque[tuple[CallerTurn, float]] = deque(maxlen=MOST_WAITING)
        self._reading: asyncio.Task[None] | None = None
        self._searching: asyncio.Task[None] | None = None
        self._asked = False
        self._told: dict[str, object] = {}

    # What the call tells

    def happened(self, kind: str, payload: Mapping[str, Any], *, replayed: bool = False) -> None:
        """Take in a contact event. Never waits; what it leads to is published."""
        before, self._story = self._story, self._story.after(kind, payload)
        self._thread = self._thread.after(kind, payload, self._tenant.suggesting.slots)
        if kind == EventKind.CALLER_TURN:
            self._heard(_turn(payload, self._line.language), replayed)
        elif kind == EventKind.AGENT_TURN:
            self._agent_said(str(payload.get("text", "")), replayed)
        elif kind in _QUEUED and payload.get("queue"):
            self._checklist = self._checklist.moved(self._tenant.guide.script, payload["queue"], self._line.line)
        if self._story is not before and not replayed:
            self._publish_summary()

    async def close(self) -> None:
        """Look for no card any more."""
        await _ended(self._reading)
        await self._stop_searching()

    # What the desk asks

    @property
    def card(self) -> dict[str, object] | None:
        """The card that is shown now, if it is still open."""
        latest = next(reversed(self._shown.items()), None)
        return None if latest is None or not latest[1].open else _on_page(latest[0], latest[1].card)

    @property
    def script(self) -> list[dict[str, object]]:
        """The lines that this call requires, in its language: id, text, said."""
        language = self._story.language
        return [
            {"id": line.id, "text": line.text.get(language, next(iter(line.text.values()))), "said": done}
            for line in self._checklist.lines
            for done in (line.id in self._checklist.said,)
        ]

    @property
    def values(self) -> dict[str, str]:
        """What the caller has given so far, by slot; nothing secret."""
        return dict(self._thread.values)

    def meant(self, arguments: Mapping[str, object], masked: Callable[[str], str]) -> dict[str, object]:
        """An action's arguments as an agent means them: what a page was shown ``masked`` stands for what the caller
        said. What could be two things stays as it is, and is refused as no such value."""
        hidden: dict[str, set[str]] = {}
        for value in self._thread.values.values():
            hidden.setdefault(masked(value), set()).add(value)
        real = {shown: values.pop() for shown, values in hidden.items() if len(values) == 1}
        return {name: real.get(given, given) if isinstance(given, str) else given for name, given in arguments.items()}

    def told(self) -> dict[str, object]:
        """The live summary, its parts, and how the customer feels."""
        summary = self._story.summary(self._tenant.suggesting.release().texts(self._story.language))
        feeling = sentiment(self._customer, self._story.language)
        return {
            "live_summary": summary.text,
            "summary": {
                "wish": summary.wish,
                "known": summary.known,
                "tried": list(summary.tried),
                "promised": list(summary.promised),
                "text": summary.text,
                "earlier": list(summary.earlier),
            },
            "sentiment": {"label": feeling.label.value, "why": ", ".join(feeling.why)},
        }

    # What the agent does with cards

    def used(self, card: str, agent: str) -> None:
        """The agent took a card as it is. Raises ``NoSuchCard``."""
        self._settle(EventKind.ASSIST_USED, card, agent)

    def edited(self, card: str, agent: str, text: str) -> None:
        """The agent took a card with other words. Raises ``NoSuchCard``."""
        text = text[:LONGEST_EDIT]
        shown = self._open(card)
        kept = SequenceMatcher(None, shown.card.text.split(), text.split(), autojunk=False).ratio()
        self._settle(EventKind.ASSIST_EDITED, card, agent, text=text, kept=round(kept, 4))

    def dismissed(self, card: str, agent: str) -> None:
        """The agent put a card away. Raises ``NoSuchCard``."""
        self._settle(EventKind.ASSIST_DISMISSED, card, agent)

    def _settle(self, kind: EventKind, card: str, agent: str, **more: object) -> None:
        shown = self._open(card)
        shown.open = False
        seconds = round(self._clock() - shown.at, 3)
        payload = {**_about(card, shown.card), "agent": agent, "seconds": seconds, **more}
        self._call.append(kind, payload)

    def _open(self, card: str) -> _Shown:
        shown = self._shown.get(card)
        if shown is None or not shown.open:
            raise NoSuchCard(f"there is no card {card[:40]!r} to be used in call {self._line.call}; reload the call")
        return shown

    # Cards

    def _heard(self, turn: CallerTurn, replayed: bool) -> None:
        if turn.text:
            self._customer.append(Utterance(Speaker.CALLER, turn.text, turn.number))
        if replayed or not self._tenant.suggesting.worth(turn):
            return
        self._waiting.append((turn, self._clock()))
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name=f"assist {self._line.call}")

    async def _read(self) -> None:
        """Read what waits, in order, for each turn may give a value; of what is to be searched for the newest wins."""
        while self._waiting:
            turn, said_at = self._waiting.popleft()
            before = self._thread
            try:
                async with asyncio.timeout(WITHIN):
                    reading = await self._tenant.suggesting.read(turn, before)
            except (AiccError, TimeoutError) as error:
                _failed(turn.number, self._line.call, error)
                continue
            self._thread = reading.thread.unless_done(before, self._thread)
            if reading.card is not None:
                await self._stop_searching()
                self._show(reading.card, said_at)
            elif reading.remark is not None and (reading.remark.asked or not self._searching_for_an_answer):
                await self._stop_searching()
                self._asked = reading.remark.asked
                search = self._search(reading.remark, said_at)
                self._searching = asyncio.create_task(search, name=f"assist {self._line.call} {turn.number}")

    async def _search(self, remark: Remark, said_at: float) -> None:
        """Search for a card and show it, if there is one and it is in time."""
        try:
            async with asyncio.timeout(WITHIN - (self._clock() - said_at)):
                card = await self._tenant.suggesting.answer(remark, channel=self._line.channel)
        except (AiccError, TimeoutError) as error:
            _failed(remark.utterance, self._line.call, error)
            return
        if card is not None:
            self._show(card, said_at)
        else:
            _CARDS.labels("none").inc()

    @property
    def _searching_for_an_answer(self) -> bool:
        """Whether a question is being searched for: a mere remark does not take its place."""
        return self._asked and self._searching is not None and not self._searching.done()

    async def _stop_searching(self) -> None:
        await _ended(self._searching)
        self._searching = None

    def _show(self, card: Card, said_at: float) -> None:
        latest = next(reversed(self._shown.values()), None)
        if latest is not None and latest.open and card.says_the_same(latest.card):
            return
        self._count += 1
        name, now = str(self._count), self._clock()
        self._shown[name] = _Shown(card, now)
        if len(self._shown) > MOST_CARDS:
            del self._shown[next(iter(self._shown))]
        seconds = now - said_at
        _CARDS.labels(card.kind.value).inc()
        _SECONDS.observe(seconds)
        shown = {**_about(name, card), "text": card.text, "confidence": round(card.confidence, 4)}
        if card.action is not None:
            shown |= {"name": card.action.name, "arguments": dict(card.action.arguments)}
        self._call.append(EventKind.ASSIST_SHOWN, {**shown, "seconds": round(seconds, 4)})
        self._call.publish("card", _on_page(name, card))
        self._call.publish("latency", {"stage": "card", "ms": round(1000 * seconds, 1)})

    def _publish_summary(self) -> None:
        """Tell what the call has come to, where that is news."""
        told = self.told()
        if told != self._told:
            self._told = told
            self._call.publish("summary", told)

    def _agent_said(self, text: str, replayed: bool) -> None:
        before = self._checklist.said
        self._checklist = self._checklist.after(text)
        if not replayed:
            for line in sorted(self._checklist.said - before):
                self._call.publish("script", {"id": line, "said": True})


async def _ended(task: asyncio.Task[None] | None) -> None:
    """End a task, if there is one, and wait until it has."""
    if task is not None:
        await ended(task)


def _failed(turn: int, call: str, error: AiccError | TimeoutError) -> None:
    _CARDS.labels("late" if isinstance(error, TimeoutError) else "failed").inc()
    log.info("no card for turn %d of %s: %r", turn, call, error)


def _turn(payload: Mapping[str, Any], language: str) -> CallerTurn:
    """The caller's turn out of its event."""
    return CallerTurn(
        number=int(payload.get("turn", 0)),
        text=str(payload.get("text", "")),
        language=str(payload.get("language", language)),
        confidence=float(payload.get("confidence", 1.0)),
        digits=str(payload.get("digits", "")),
        silent=bool(payload.get("silent", False)),
        continues=bool(payload.get("continues", False)),
    )


def _about(name: str, card: Card) -> dict[str, object]:
    """What every event of a card says of it."""
    source = card.source
    sources = (
        () if source is None else ({"document": source.document, "title": source.title, "passage": source.passage},)
    )
    return {"card": name, "kind": card.kind.value, "utterance": card.utterance, "sources": list(sources)}


def _on_page(name: str, card: Card) -> dict[str, object]:
    """A card as pages take it."""
    action = card.action
    return {
        "card": name,
        "kind": card.kind.value,
        "utterance": card.utterance,
        "text": card.text,
        "source": None if card.source is None else _source(card.source),
        "confidence": round(card.confidence, 3),
        "action": None
        if action is None
        else {
            "name": action.name,
            "title": action.title,
            "arguments": dict(action.arguments),
            "missing": list(action.missing),
        },
    }


def _source(source: CardSource) -> dict[str, object]:
    return {
        "title": source.title,
        "document": source.document,
        "excerpt": source.excerpt,
        "effective_from": None if source.effective_from is None else source.effective_from.isoformat(),
        "internal": source.internal,
    }


def _found(found: Found) -> dict[str, object]:
    return {**_source(found.source), "score": round(found.score, 4)}
