"""What holds on a floor whatever happens, in whatever order: played by hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.desk.floor import agent_state, offer, work_item
from gateway.desk.floor.agent_state import AgentState, Presence, Routing
from gateway.desk.floor.errors import FloorError
from gateway.desk.floor.events import FloorEvent, entity_of
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.offer import Offer
from gateway.desk.floor.routing import choose, demand, in_line
from gateway.desk.floor.work_item import WITH_AGENT, ItemState, WorkItem, waiting_item
from tests.gateway.desk.floor.hall import NOW, NUMBER, QUEUES

AGENTS = {
    "anna": {"skills": {"orders": 3}, "languages": ("ko", "en"), "queues": ()},
    "ben": {"skills": {"orders": 1}, "languages": ("ko",), "queues": ("orders",)},
    "carl": {"skills": {}, "languages": ("ko", "en"), "queues": ("general", "billing")},
    "dora": {"skills": {"orders": 2}, "languages": ("en",), "queues": ()},
}
agents = st.sampled_from(sorted(AGENTS))
which = st.integers(0, 30)


class AnyDay(RuleBasedStateMachine):
    """Callers come and go, agents do what people do, desks break, time passes."""

    @initialize()
    def morning(self) -> None:
        self.floor = Floor(QUEUES)
        self.now = NOW
        self.callers = 0
        self.states: dict[tuple[str, str], str] = {}

    def does(self, command: Callable[[], list[FloorEvent]]) -> None:
        """A command is carried out, or refused and has changed nothing."""
        before = self.floor.seq
        try:
            events = command()
        except FloorError:
            events = []
            assert self.floor.seq == before
        assert [event.seq for event in events] == list(range(before + 1, self.floor.seq + 1))
        for event in events:
            self.moves_as_the_tables_say(event)
            self.passes_nobody_over(event)

    def moves_as_the_tables_say(self, event: FloorEvent) -> None:
        key = (event.about, event.subject)
        before = self.states.get(key)
        match entity_of(event):
            case WorkItem(state=after):
                assert before is None or after in work_item.MOVES[ItemState(before)]
            case Offer(state=after):
                assert before is None or after in offer.MOVES[offer.OfferState(before)]
            case AgentState(routing=after, presence=presence):
                known = before in (None, after) or presence is Presence.OFFLINE
                assert known or after in agent_state.MOVES[Routing(before)]
        self.states[key] = after.value

    def passes_nobody_over(self, event: FloorEvent) -> None:
        """Nobody before them in line could have had the agent who was offered a call."""
        made = entity_of(event)
        if isinstance(made, Offer) and made.offer in self.floor.offers:
            item, agent = self.floor.items[made.item], self.floor.agents[made.agent]
            waiting = [other for other in self.floor.items.values() if other.state is ItemState.QUEUED]
            line = in_line([*waiting, item])
            assert not [other for other in line[: line.index(item)] if self.could_have_had(other, agent)]

    def could_have_had(self, item: WorkItem, agent: AgentState) -> bool:
        fit = demand(item, QUEUES[item.queue], self.now).suits(agent)
        return fit and item.eligible_at <= self.now and agent.agent not in item.asked and item.for_agent is None

    def one_of(self, n: int, state: ItemState | None = None) -> str:
        """A call, if there is any."""
        found = sorted(item.item for item in self.floor.items.values() if state in (None, item.state))
        return found[n % len(found)] if found else "nobody"

    @rule(
        queue=st.sampled_from(["general", "orders", "billing"]),
        language=st.sampled_from(["ko", "en"]),
        priority=st.sampled_from([0, 0, 0, 5]),
    )
    def somebody_calls(self, queue: str, language: str, priority: int) -> None:
        self.callers += 1
        name = f"h{self.callers}"
        item = waiting_item(name, f"call-{name}", queue, language, self.now, priority=priority)
        self.does(lambda: self.floor.enqueue(item, self.now))

    @rule(seconds=st.sampled_from([0.5, 3.0, 15.0, 40.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.does(lambda: self.floor.tick(self.now))
        deadline = self.floor.deadline
        assert deadline is None or deadline > self.now

    @rule(agent=agents)
    def sits_down(self, agent: str) -> None:
        self.does(lambda: self.floor.sign_in(agent, self.now, name=agent, **AGENTS[agent]))
        self.does(lambda: self.floor.set_presence(agent, Presence.AVAILABLE, self.now))

    @rule(agent=agents, presence=st.sampled_from(sorted(Presence)))
    def chooses(self, agent: str, presence: Presence) -> None:
        self.does(lambda: self.floor.set_presence(agent, presence, self.now, "meal"))

    @rule(agent=agents)
    def desk_dies(self, agent: str) -> None:
        self.does(lambda: self.floor.agent_lost(agent, self.now))
        assert self.floor.offer_to(agent) is None
        assert self.floor.item_of(agent) is None

    @precondition(lambda self: self.floor.offers)
    @rule(n=which, answer=st.sampled_from(["accept", "accept", "reject", "device_error"]), agent=agents)
    def answers(self, n: int, answer: str, agent: str) -> None:
        offers = sorted(self.floor.offers.values(), key=lambda offer: offer.offer)
        chosen = offers[n % len(offers)]
        who = chosen.agent if n % 4 else agent
        match answer:
            case "accept":
                self.does(lambda: self.floor.accept(chosen.offer, who, self.now))
                self.does(lambda: self.floor.connected(chosen.item, self.now) if n % 3 else [])
            case "reject":
                self.does(lambda: self.floor.reject(chosen.offer, who, "no", self.now))
            case _:
                self.does(lambda: self.floor.device_error(chosen.offer, who, self.now))

    @rule(n=which)
    def hangs_up(self, n: int) -> None:
        item = self.one_of(n)
        was = self.floor.items.get(item)
        self.does(lambda: self.floor.abandon(item, self.now))
        assert all(offer.item != item or (was is not None and was.callback) for offer in self.floor.offers.values())

    @rule(n=which, agent=agents)
    def is_wrapped_up(self, n: int, agent: str) -> None:
        item = self.floor.agents[agent].item if agent in self.floor.agents else None
        self.does(lambda: self.floor.wrapped_up(item or self.one_of(n), agent, self.now))

    @rule(n=which, agent=agents)
    def goes_elsewhere(self, n: int, agent: str) -> None:
        item = self.one_of(n)
        match n % 4:
            case 0:
                self.does(lambda: self.floor.transfer(item, self.now, queue="orders", last=n % 8 == 0))
            case 1:
                self.does(lambda: self.floor.transfer(item, self.now, agent=agent))
            case 2:
                self.does(lambda: self.floor.given_back(self.one_of(n, ItemState.CONNECTED), self.now))
            case _:
                self.does(lambda: self.floor.cancel(item, self.now))

    @rule(n=which, agent=agents, new=st.booleans())
    def takes(self, n: int, agent: str, new: bool) -> None:
        self.callers += 1
        bot = waiting_item(f"bot{self.callers}", f"call-bot{self.callers}", "general", "ko", self.now)
        self.does(lambda: self.floor.take(bot if new else self.one_of(n), agent, self.now))

    @rule(n=which, after=st.sampled_from([0, 60, 600]))
    def wants_to_be_called_back(self, n: int, after: float) -> None:
        expires_at = self.now + timedelta(seconds=after + 900)
        not_before = self.now + timedelta(seconds=after)
        item = self.one_of(n)
        self.does(lambda: self.floor.schedule_callback(item, NUMBER, not_before, expires_at, self.now))
        self.does(lambda: self.floor.callback_missed(self.one_of(n, ItemState.ACCEPTED), self.now))

    # --- what holds ---------------------------------------------------------------------------------------------------
    @invariant()
    def nobody_is_offered_twice(self) -> None:
        floor = self.floor
        ringing = {(offer.item, offer.agent) for offer in floor.offers.values()}
        assert len({item for item, _ in ringing}) == len({agent for _, agent in ringing}) == len(floor.offers)
        assert {item for item, _ in ringing} == {i.item for i in floor.items.values() if i.state is ItemState.OFFERED}
        assert ringing == {(a.item, a.agent) for a in floor.agents.values() if a.routing is Routing.RESERVED}

    @invariant()
    def every_call_with_an_agent_has_its_agent(self) -> None:
        items, staff = self.floor.items.values(), self.floor.agents.values()
        having = {(item.item, item.agent) for item in items if item.state in WITH_AGENT}
        assert having == {(agent.item, agent.agent) for agent in staff if agent.routing is Routing.ON_CONTACT}
        wrapped = {(item.item, item.agent) for item in items if item.state is ItemState.WRAP_UP}
        assert wrapped <= {(agent.item, agent.agent) for agent in staff if agent.routing is Routing.WRAP_UP}
        assert not any(agent.item for agent in staff if agent.presence is Presence.OFFLINE)

    @invariant()
    def nobody_waits_while_somebody_is_free_for_them(self) -> None:
        waiting = [item for item in self.floor.items.values() if item.state is ItemState.QUEUED]
        assert choose(waiting, self.floor.agents.values(), QUEUES, self.now) == []

    def teardown(self) -> None:
        if not hasattr(self, "floor"):
            return
        again = Floor.replay(QUEUES, self.floor.news)
        assert (again.seq, again.items, again.offers, again.agents) == (
            self.floor.seq,
            self.floor.items,
            self.floor.offers,
            self.floor.agents,
        )


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # the machine may be busy
