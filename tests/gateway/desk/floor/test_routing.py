from __future__ import annotations

from dataclasses import replace

from gateway.desk.floor.agent_state import AgentState, Presence
from gateway.desk.floor.routing import AGAIN_AFTER, HELD_FOR_AGENT, choose, in_line
from gateway.desk.floor.work_item import WorkItem
from tests.gateway.desk.floor.hall import NOW, QUEUES, call, later

SPEAKS_BOTH = {"lang:ko": 1, "lang:en": 1}


def agent(name: str, *, idle: float = 0, queues: tuple[str, ...] = (), **skills: int) -> AgentState:
    return AgentState(
        name,
        name.title(),
        NOW,
        later(-idle),
        presence=Presence.AVAILABLE,
        skills={**SPEAKS_BOTH, **skills},
        queues=queues,
    )


def chosen(waiting: list[WorkItem], agents: list[AgentState], at: float = 0) -> list[tuple[str, str]]:
    return [(item.item, who.agent) for item, who in choose(waiting, agents, QUEUES, later(at))]


def test_the_line_is_by_priority_then_by_place() -> None:
    line = [call("c", at=2), call("b", at=1), call("a", at=1), call("d", at=9, priority=1)]
    assert [item.item for item in in_line(line)] == ["d", "a", "b", "c"]


def test_whoever_has_been_idle_for_longest_gets_the_first() -> None:
    pairs = chosen(
        [call("a", at=-5), call("b", at=-4)], [agent("new", idle=1), agent("old", idle=9), agent("mid", idle=5)]
    )
    assert pairs == [("a", "old"), ("b", "mid")]


def test_skill_level_language_and_queue_are_asked_for() -> None:
    unfit = [agent("junior", orders=1), agent("elsewhere", orders=3, queues=("billing",))]
    foreign = replace(agent("foreign", orders=3), skills={"orders": 3, "lang:en": 1})
    assert chosen([call("a", "orders")], [*unfit, foreign]) == []
    assert chosen([call("a", "orders")], [*unfit, foreign, agent("right", orders=2)]) == [("a", "right")]


def test_a_call_that_nobody_can_take_does_not_hold_up_those_behind_it() -> None:
    assert chosen([call("a", "orders", at=-9), call("b")], [agent("anna")]) == [("b", "anna")]


def test_waiting_lowers_levels_then_drops_skills_and_widens_the_queue() -> None:
    waiting = [call("a", "orders")]
    junior, general = agent("junior", orders=1, queues=("orders",)), agent("general", queues=("general",))
    assert chosen(waiting, [junior, general], at=29) == []
    assert chosen(waiting, [junior, general], at=30) == [("a", "junior")]
    assert chosen(waiting, [general], at=59) == []
    assert chosen(waiting, [general], at=60) == [("a", "general")]


def test_who_declined_is_asked_again_only_after_everybody_else_and_a_rest() -> None:
    declined = replace(call("a"), asked={"anna": NOW})
    anna, ben = agent("anna", idle=99), agent("ben", idle=1)
    assert chosen([declined], [anna, ben]) == [("a", "ben")]
    rest = AGAIN_AFTER.total_seconds()
    assert chosen([declined], [anna], at=rest - 1) == []
    assert chosen([declined], [anna], at=rest) == [("a", "anna")]
    both = replace(call("a"), asked={"anna": later(5), "ben": NOW})
    assert chosen([both], [anna, ben], at=60) == [("a", "ben")]


def test_a_call_for_an_agent_waits_for_them_but_not_for_long() -> None:
    wanted = replace(call("a"), for_agent="anna")
    busy = replace(agent("anna"), item="x", routing="on_contact")
    ben, held = agent("ben"), HELD_FOR_AGENT.total_seconds()
    assert chosen([wanted], [busy, ben], at=held - 1) == []
    assert chosen([wanted], [busy, ben], at=held) == [("a", "ben")]
    assert chosen([wanted], [agent("anna"), agent("ben", idle=99)]) == [("a", "anna")]
    assert chosen([wanted], [replace(busy, presence=Presence.AWAY), ben]) == [("a", "ben")]
    assert chosen([replace(wanted, asked={"anna": NOW})], [agent("anna"), ben]) == [("a", "ben")]


def test_what_is_not_eligible_yet_is_not_offered() -> None:
    early = replace(call("a"), eligible_at=later(10))
    assert chosen([early], [agent("anna")], at=9) == []
    assert chosen([early], [agent("anna")], at=10) == [("a", "anna")]
