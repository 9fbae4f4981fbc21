"""One tenant's floor: who waits, what rings where, and who is at work. A pure machine.

It is loaded from what is stored, driven by commands, and stored again; each command is told what time it is, gives back
the events that it caused, and ends with offering whatever can be offered. The state changes by events alone:
``Floor.replay`` makes the same floor of them. A command that is refused (``FloorError``) has changed nothing.

Refuses: clocks, databases and sound; and whose floor it is: whoever opens it has it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Self

from gateway.desk.floor import agent_state, routing
from gateway.desk.floor.agent_state import AgentState, Presence, Routing, routed
from gateway.desk.floor.errors import AgentBusy, ItemTaken, NoSuchItem, NotSignedIn, NotYours, OfferGone, WrongState
from gateway.desk.floor.events import (
    Entity,
    FloorEvent,
    Kind,
    entity_of,
    kind_of,
    packed,
    subject_of,
)
from gateway.desk.floor.offer import Offer, OfferState, ended
from gateway.desk.floor.queue import Queues, language_skill
from gateway.desk.floor.work_item import AGENT_LOST, OVER, WITH_AGENT, Callback, ItemState, WorkItem, moved

CONNECT_WITHIN = timedelta(seconds=20)
"""From an agent's yes to their sound; after that it is believed that it will not come."""

CALLBACK_CONNECTS_WITHIN = timedelta(seconds=90)
"""The same where the caller has to be called first."""


class Floor:
    """The open ``items``, the ``offers`` that ring, and all ``agents``, by id, after event ``seq``. ``news`` are the
    events since it was made, ``now`` is the latest time that it was told (none: none yet)."""

    def __init__(
        self,
        queues: Queues,
        items: Iterable[WorkItem] = (),
        offers: Iterable[Offer] = (),
        agents: Iterable[AgentState] = (),
        seq: int = 0,
    ) -> None:
        self.queues = queues
        self.items: dict[str, WorkItem] = {item.item: item for item in items}
        self.offers: dict[str, Offer] = {offer.offer: offer for offer in offers}
        self.agents: dict[str, AgentState] = {agent.agent: agent for agent in agents}
        self.seq = seq
        self.news: list[FloorEvent] = []
        self.now: datetime | None = None

    @classmethod
    def replay(cls, queues: Queues, events: Iterable[FloorEvent]) -> Self:
        """The floor that those events have made."""
        floor = cls(queues)
        for event in events:
            floor._apply(event)
        return floor

    # --- looking ------------------------------------------------------------------------------------------------------
    def waiting(self, queue: str | None = None) -> list[WorkItem]:
        """Who waits for an agent, in line: in one queue, or in all. A call that rings still waits."""
        return routing.in_line(
            item
            for item in self.items.values()
            if item.state in (ItemState.QUEUED, ItemState.OFFERED) and queue in (None, item.queue)
        )

    def offer_to(self, agent: str) -> Offer | None:
        """What rings at an agent's desk."""
        return next((offer for offer in self.offers.values() if offer.agent == agent), None)

    def item_of(self, agent: str) -> WorkItem | None:
        """The call that an agent has, or wraps up."""
        return next((item for item in self.items.values() if item.agent == agent), None)

    # --- calls --------------------------------------------------------------------------------------------------------
    def enqueue(self, item: WorkItem, now: datetime) -> list[FloorEvent]:
        """A call begins to wait. Nothing when it is there already; in the default queue when it names none of ours."""
        begun = self.seq
        if item.item not in self.items:
            self._record(replace(item, queue=self.queues[item.queue].id), now, Kind.ITEM_QUEUED)
        return self._done(begun, now)

    def connected(self, item: str, now: datetime) -> list[FloorEvent]:
        """The agent and the caller hear each other."""
        begun, found = self.seq, self._item(item)
        if found.state is not ItemState.CONNECTED:
            self._record(moved(found, ItemState.CONNECTED, now), now)
        return self._done(begun, now)

    def abandon(self, item: str, now: datetime) -> list[FloorEvent]:
        """The caller has hung up, whatever was going on. Nothing where that does not matter any more: the call is
        over, or the caller waits to be called back."""
        begun, found = self.seq, self.items.get(item)
        if found is None:
            return []
        match found.state:
            case ItemState.ACCEPTED if found.callback is not None:
                return self.callback_missed(item, now)
            case ItemState.CONNECTED:
                self._wrap_up(found, now)
                self._record(moved(found, ItemState.WRAP_UP, now), now)
            case ItemState.QUEUED | ItemState.OFFERED | ItemState.ACCEPTED if found.callback is None:
                self._release(found, now, OfferState.CALLER_GONE, "the caller hung up")
                self._record(moved(found, ItemState.ABANDONED, now, offer=None), now)
            case _:
                return []
        return self._done(begun, now)

    def hung_up(self, item: str, now: datetime) -> list[FloorEvent]:
        """The call is over, whoever ended it: the agent's wrap-up begins. Without an agent it was abandoned."""
        return self.abandon(item, now)

    def wrapped_up(self, item: str, agent: str, now: datetime) -> list[FloorEvent]:
        """The agent is done with a call. Where it was transferred it goes on without them."""
        begun, who = self.seq, self._agent(agent)
        if who.item != item:
            self._item(item)
            raise NotYours(f"agent {agent} does not wrap up {item}")
        if who.routing is not Routing.WRAP_UP:
            raise WrongState(f"call {item} is not over yet; hang up, transfer it or give it back first")
        self._complete(who, now, "wrapped_up")
        return self._done(begun, now)

    def given_back(self, item: str, now: datetime) -> list[FloorEvent]:
        """The agent has given the call back to the automatic service."""
        begun, found = self.seq, self._item(item)
        after = moved(found, ItemState.COMPLETED, now, reason="returned")
        self._release(found, now, OfferState.CANCELED, "")
        self._record(after, now)
        return self._done(begun, now)

    def transfer(
        self, item: str, now: datetime, *, queue: str | None = None, agent: str | None = None, last: bool = False
    ) -> list[FloorEvent]:
        """Send a call to another queue, or to an agent (who is waited for, but not for long). It keeps its place in
        line unless it goes ``last``; an agent who had it wraps up. Raises ``NoSuchQueue`` and ``NotSignedIn``."""
        begun, found = self.seq, self._item(item)
        if found.state is ItemState.CALLBACK_SCHEDULED:
            raise WrongState(f"call {found.call} is not there: its caller waits to be called back")
        to = found.queue if queue is None else self.queues.known(queue).id
        if agent is not None:
            self._agent(agent)
        after = self._requeued(found, now, "transferred", queue=to, for_agent=agent, queue_since=now)
        after = replace(after, overflowed_from=(), eligible_at=now if last else after.eligible_at)
        if found.state is ItemState.CONNECTED:
            self._wrap_up(found, now)
        else:
            self._release(found, now, OfferState.CANCELED, "transferred")
        self._record(replace(after, asked={found.agent: now} if found.agent else {}), now)
        return self._done(begun, now)

    def cancel(self, item: str, now: datetime, why: str = "") -> list[FloorEvent]:
        """Nobody has to take that call any more, or to call back."""
        begun, found = self.seq, self._item(item)
        after = moved(found, ItemState.CANCELLED, now, reason=why, offer=None)
        self._release(found, now, OfferState.CANCELED, why)
        self._record(after, now)
        return self._done(begun, now)

    def schedule_callback(
        self, item: str, number: str, not_before: datetime, expires_at: datetime, now: datetime
    ) -> list[FloorEvent]:
        """The caller hangs up and will be called at ``number``, when the call's turn has come and ``not_before``."""
        begun, found = self.seq, self._item(item)
        if found.state not in (ItemState.QUEUED, ItemState.OFFERED) or expires_at <= max(now, not_before):
            raise WrongState(f"call {found.call} is {found.state}, or its callback would be too late: offer none")
        callback = Callback(number, not_before, expires_at)
        self._release(found, now, OfferState.CANCELED, "the caller will be called back")
        self._record(_scheduled(found, callback, now), now)
        return self._done(begun, now)

    def callback_missed(self, item: str, now: datetime) -> list[FloorEvent]:
        """Nobody answered the callback: it is tried again later, or was tried often enough."""
        begun, found = self.seq, self._item(item)
        queue = self.queues[found.queue]
        if found.callback is None or found.state is not ItemState.ACCEPTED:
            raise WrongState(f"call {found.call} is no callback that an agent has just accepted")
        again_at = now + timedelta(seconds=queue.callback_pause)
        callback = replace(found.callback, attempts=found.callback.attempts + 1, not_before=again_at)
        self._release(found, now, OfferState.CANCELED, "")
        if callback.attempts >= queue.callback_attempts or again_at >= callback.expires_at:
            self._record(moved(found, ItemState.EXPIRED, now, reason="not_reached", callback=callback), now)
        else:
            self._record(_scheduled(found, callback, now), now)
        return self._done(begun, now)

    # --- offers -------------------------------------------------------------------------------------------------------
    def accept(self, offer: str, agent: str, now: datetime) -> list[FloorEvent]:
        """The agent takes the call that rings. Nothing when they have done so already. Raises ``OfferGone``."""
        begun = self.seq
        if any(item.offer == offer and item.agent == agent for item in self.items.values()):
            return []
        self._accept(self._offer(offer, agent), now)
        return self._done(begun, now)

    def reject(self, offer: str, agent: str, why: str, now: datetime) -> list[FloorEvent]:
        """The agent does not take it, and stays as available as they were. Raises ``OfferGone``."""
        begun = self.seq
        self._return(self._offer(offer, agent), OfferState.REJECTED, Routing.IDLE, now, why)
        return self._done(begun, now)

    def device_error(self, offer: str, agent: str, now: datetime, message: str = "") -> list[FloorEvent]:
        """The agent cannot take it: nothing more is offered until they say that they are back. Raises ``OfferGone``."""
        begun = self.seq
        self._return(self._offer(offer, agent), OfferState.DEVICE_ERROR, Routing.NOT_RESPONDING, now, message)
        return self._done(begun, now)

    def take(self, item: WorkItem | str, agent: str, now: datetime) -> list[FloorEvent]:
        """The agent takes a call that was not offered to them: one that waits, rings elsewhere, or is new here because
        nobody but the automatic service had it (with an id that was never used). ``ItemTaken``, ``AgentBusy``."""
        begun, who = self.seq, self._agent(agent)
        if isinstance(item, WorkItem) and item.item not in self.items:
            found = replace(item, queue=self.queues[item.queue].id)
        else:
            found = self._item(item if isinstance(item, str) else item.item)
        if found.state in WITH_AGENT and found.agent == agent:
            return []
        if found.state in WITH_AGENT:
            raise ItemTaken(f"call {found.call} is with agent {found.agent}")
        if who.routing in agent_state.ENGAGED:
            raise AgentBusy(f"agent {agent} is {who.routing}: finish that first")
        taken = moved(found, ItemState.ACCEPTED, now, agent=agent, answered_at=found.answered_at or now, for_agent=None)
        if found.item not in self.items:
            self._record(found, now, Kind.ITEM_QUEUED)
        ringing = self.offer_to(agent)
        if ringing is not None and ringing.item == found.item:
            self._accept(ringing, now)
            return self._done(begun, now)
        if ringing is not None:
            self._return(ringing, OfferState.CANCELED, Routing.IDLE, now, "the agent took another call")
        self._release(found, now, OfferState.RESCINDED, "somebody else took it")
        self._record(replace(taken, offer=None), now)
        self._route(agent, Routing.ON_CONTACT, now, item=found.item)
        return self._done(begun, now)

    # --- agents -------------------------------------------------------------------------------------------------------
    def sign_in(
        self,
        agent: str,
        now: datetime,
        *,
        name: str,
        skills: Mapping[str, int] | None = None,
        languages: Iterable[str] = (),
        queues: Iterable[str] = (),
    ) -> list[FloorEvent]:
        """An agent sits down: away, until they say that they are available. Who is there already stays as they are,
        with the name, skills and queues given now."""
        begun, there = self.seq, self.agents.get(agent)
        levels = {**dict.fromkeys(map(language_skill, languages), 1), **(skills or {})}
        after = there
        if after is None or after.presence is Presence.OFFLINE:
            after = AgentState(agent, name, since=now, idle_since=now)
        if after.next_presence is Presence.OFFLINE:
            after = replace(after, next_presence=None, next_reason="")
        after = replace(after, name=name, skills=levels, queues=tuple(queues))
        if after != there:
            self._record(after, now, Kind.AGENT_JOINED)
        return self._done(begun, now)

    def set_presence(self, agent: str, presence: Presence, now: datetime, reason: str = "") -> list[FloorEvent]:
        """The agent chose another presence: at once, or after the contact they have. What rings is offered to others
        when they go. Raises ``NotSignedIn``."""
        begun, who = self.seq, self._agent(agent)
        ringing = self.offer_to(agent)
        if ringing is not None and presence is not Presence.AVAILABLE:
            self._return(ringing, OfferState.RESCINDED, Routing.IDLE, now, "the agent went away")
            who = self._agent(agent)
        after = agent_state.present(who, presence, reason, now)
        left = after.presence is Presence.OFFLINE
        self._record(after, now, Kind.AGENT_LEFT if left else Kind.AGENT_PRESENCE)
        return self._done(begun, now)

    def agent_lost(self, agent: str, now: datetime) -> list[FloorEvent]:
        """The agent's desk is gone. A call that they had goes to somebody else before all others; one that rang is
        offered to others. Nothing when they are gone already."""
        begun, who = self.seq, self.agents.get(agent)
        if who is None or who.presence is Presence.OFFLINE:
            return []
        ringing, item = self.offer_to(agent), self.item_of(agent)
        if ringing is not None:
            self._return(ringing, OfferState.RESCINDED, Routing.IDLE, now, "the agent was lost")
        elif item is not None and item.state is ItemState.WRAP_UP:
            self._record(moved(item, ItemState.COMPLETED, now, reason="agent_lost"), now)
        elif item is not None:
            after = self._requeued(item, now, "agent_lost", asked={}, queue_since=now)
            self._record(replace(after, priority=max(item.priority, AGENT_LOST)), now)
        self._record(agent_state.gone(self.agents[agent], now), now, Kind.AGENT_LEFT)
        return self._done(begun, now)

    # --- time ---------------------------------------------------------------------------------------------------------
    def tick(self, now: datetime) -> list[FloorEvent]:
        """Let happen what happens by itself until now."""
        begun = self.seq
        for offer in list(self.offers.values()):
            if offer.expires_at <= now:
                self._return(offer, OfferState.TIMEOUT, Routing.NOT_RESPONDING, now, "no answer")
        for agent in list(self.agents.values()):
            if agent.routing is Routing.WRAP_UP and agent.until is not None and agent.until <= now:
                self._complete(agent, now, "wrap_up_limit")
        for name in list(self.items):
            while (limit := self._limit(self.items.get(name))) is not None and limit <= now:
                self._ran_out(self.items[name], now)
        return self._done(begun, now)

    @property
    def deadline(self) -> datetime | None:
        """When ``tick`` is wanted next; none: not by itself."""
        return min(self._moments(), default=None)

    def _moments(self) -> Iterator[datetime]:
        yield from (offer.expires_at for offer in self.offers.values())
        yield from (agent.until for agent in self.agents.values() if agent.routing is Routing.WRAP_UP and agent.until)
        for item in self.items.values():
            limit = self._limit(item)
            if limit is not None:
                yield limit
            if item.state is ItemState.QUEUED:
                yield from (
                    at for at in routing.moments(item, self.queues[item.queue]) if self.now is None or at > self.now
                )

    def _limit(self, item: WorkItem | None) -> datetime | None:
        """When an item's state ends by itself."""
        if item is None:
            return None
        queue = self.queues[item.queue]
        match item.state:
            case ItemState.ACCEPTED:
                return item.since + (CONNECT_WITHIN if item.callback is None else CALLBACK_CONNECTS_WITHIN)
            case ItemState.CALLBACK_SCHEDULED if item.callback is not None:
                opening = queue.opening(item.callback.not_before)
                return item.callback.expires_at if opening is None else min(opening, item.callback.expires_at)
            case ItemState.QUEUED if item.callback is not None:
                return item.callback.expires_at
            case ItemState.QUEUED if queue.overflow is not None and queue.id not in item.overflowed_from:
                return item.queue_since + timedelta(seconds=queue.overflow.after)
            case _:
                return None

    def _ran_out(self, item: WorkItem, now: datetime) -> None:
        if item.state is ItemState.ACCEPTED:
            self._never_connected(item, now)
        elif item.callback is None:
            self._overflow(item, now)
        elif item.callback.expires_at <= now:
            self._record(moved(item, ItemState.EXPIRED, now, reason="too_late"), now)
        else:  # its place is kept: in line it stands where it stood before
            self._record(self._requeued(item, now, "callback_due", queue_since=now), now)

    def _never_connected(self, item: WorkItem, now: datetime) -> None:
        assert item.agent is not None, "an accepted call has an agent"
        self._record(self._requeued(item, now, "not_connected", asked={**item.asked, item.agent: now}), now)
        self._route(item.agent, Routing.NOT_RESPONDING, now)

    def _overflow(self, item: WorkItem, now: datetime) -> None:
        queue = self.queues[item.queue]
        assert queue.overflow is not None, "only then it overflows"
        reason = "callback_offered" if queue.overflow.to is None else "overflowed"
        passing = moved(
            item, ItemState.OVERFLOWED, now, reason=reason, overflowed_from=(*item.overflowed_from, queue.id)
        )
        self._record(passing, now)
        if queue.overflow.to is None:
            self._record(self._requeued(passing, now, reason), now)
        else:
            to = self.queues[queue.overflow.to].id
            self._record(self._requeued(passing, now, reason, queue=to, queue_since=now, asked={}), now)

    # --- how things change --------------------------------------------------------------------------------------------
    def _accept(self, offer: Offer, now: datetime) -> None:
        item = self.items[offer.item]
        self._record(ended(offer, OfferState.ACCEPTED, now), now)
        answered_at = item.answered_at or now
        after = moved(item, ItemState.ACCEPTED, now, agent=offer.agent, answered_at=answered_at, for_agent=None)
        self._record(after, now)
        self._route(offer.agent, Routing.ON_CONTACT, now, item=item.item)

    def _return(self, offer: Offer, how: OfferState, agent_to: Routing, now: datetime, reason: str) -> None:
        """An offer was not taken: the call waits again."""
        item = self.items[offer.item]
        self._record(ended(offer, how, now, reason), now)
        self._record(self._requeued(item, now, how.value, asked={**item.asked, offer.agent: now}), now)
        self._route(offer.agent, agent_to, now)

    def _release(self, item: WorkItem, now: datetime, how: OfferState, reason: str) -> None:
        """Whoever an item rings at, or is with, has nothing to do with it any more."""
        if item.state is ItemState.OFFERED and item.offer is not None:
            offer = self.offers[item.offer]
            self._record(ended(offer, how, now, reason), now)
            self._route(offer.agent, Routing.IDLE, now)
        elif item.state in WITH_AGENT and item.agent is not None:
            self._route(item.agent, Routing.IDLE, now)

    def _wrap_up(self, item: WorkItem, now: datetime) -> None:
        """The agent who has the call begins to wrap it up."""
        assert item.agent is not None, "a connected call has an agent"
        until = now + timedelta(seconds=self.queues[item.queue].wrap_up_seconds)
        self._route(item.agent, Routing.WRAP_UP, now, item=item.item, until=until)

    def _complete(self, agent: AgentState, now: datetime, reason: str) -> None:
        """The agent's wrap-up is over, and the item with it unless it has gone on."""
        item = self.items.get(agent.item or "")
        if item is not None and item.state is ItemState.WRAP_UP and item.agent == agent.agent:
            self._record(moved(item, ItemState.COMPLETED, now, reason=reason), now)
        self._route(agent.agent, Routing.IDLE, now)

    def _requeued(self, item: WorkItem, now: datetime, reason: str, **changes: object) -> WorkItem:
        return moved(item, ItemState.QUEUED, now, reason=reason, offer=None, agent=None, **changes)

    def _route(
        self, agent: str, to: Routing, now: datetime, *, item: str | None = None, until: datetime | None = None
    ) -> None:
        after = routed(self.agents[agent], to, now, item=item, until=until)
        left = after.presence is Presence.OFFLINE
        self._record(after, now, Kind.AGENT_LEFT if left else Kind.AGENT_ROUTING)

    def _offer(self, offer: str, agent: str) -> Offer:
        found = self.offers.get(offer)
        if found is None:
            raise OfferGone(f"offer {offer} does not ring any more")
        if found.agent != agent:
            raise NotYours(f"offer {offer} rings at another agent's desk")
        return found

    def _item(self, item: str) -> WorkItem:
        found = self.items.get(item)
        if found is None:
            raise NoSuchItem(f"there is no call {item} on the floor, or it is over")
        return found

    def _agent(self, agent: str) -> AgentState:
        found = self.agents.get(agent)
        if found is None or found.presence is Presence.OFFLINE:
            raise NotSignedIn(f"agent {agent} is not signed in; sign in first")
        return found

    def _done(self, begun: int, now: datetime) -> list[FloorEvent]:
        """Offer what can be offered; all that happened since event ``begun``."""
        self.now = now
        queued = [item for item in self.items.values() if item.state is ItemState.QUEUED]
        for item, agent in routing.choose(queued, self.agents.values(), self.queues, now):
            expires_at = now + timedelta(seconds=self.queues[item.queue].offer_seconds)
            offer = Offer(f"{item.item}-{item.attempts + 1}", item.item, agent.agent, now, expires_at)
            self._record(offer, now)
            after = moved(item, ItemState.OFFERED, now, offer=offer.offer, attempts=item.attempts + 1)
            self._record(after, now)
            self._route(agent.agent, Routing.RESERVED, now, item=item.item, until=expires_at)
        return [event for event in self.news if event.seq > begun]

    def _record(self, entity: Entity, now: datetime, kind: Kind | None = None) -> None:
        """The only way in which anything changes."""
        event = FloorEvent(self.seq + 1, now, kind or kind_of(entity), subject_of(entity), packed(entity))
        self._apply(event)
        self.news.append(event)

    def _apply(self, event: FloorEvent) -> None:
        match entity_of(event):
            case WorkItem() as item if item.state in OVER:
                self.items.pop(item.item, None)
            case WorkItem() as item:
                self.items[item.item] = item
            case Offer() as offer if offer.state is OfferState.PENDING:
                self.offers[offer.offer] = offer
            case Offer() as offer:
                self.offers.pop(offer.offer, None)
            case AgentState() as agent:
                self.agents[agent.agent] = agent
        self.seq = event.seq


def _scheduled(item: WorkItem, callback: Callback, now: datetime) -> WorkItem:
    to = ItemState.CALLBACK_SCHEDULED
    return moved(item, to, now, callback=callback, offer=None, agent=None, asked={}, reason="callback")
