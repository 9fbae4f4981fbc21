"""Each check, on contacts that meet it, miss it, and have nothing that it is about."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.analytics.quality.checks import Verdict, check, turns_of
from gateway.analytics.quality.contact import Contact
from gateway.analytics.quality.rubric import Criterion
from tests.gateway.analytics.quality.contacts import (
    DISCLOSED,
    Told,
    accepted,
    agent_said,
    contact,
    decided,
    heard,
    turn,
)

MET, MISSED, NONE = Verdict.MET, Verdict.MISSED, Verdict.NOT_APPLICABLE
CRITERION: TypeAdapter[Any] = TypeAdapter(Criterion)


def criterion(check: str, **more: Any) -> Any:
    return CRITERION.validate_python({"id": "one", "check": check, **more})


def started(name: str, action: str = "a1") -> Told:
    return "action.started", {"action": action, "name": name, "key": "k"}


def proposed(action: str = "a1", risk: str = "irreversible") -> Told:
    return "action.proposed", {"action": action, "name": "cancel_order", "risk": risk}


WAITING: Told = ("handoff.queued", {"handoff": "h", "queue": "orders", "reason": "caller_asked"})
PERSON: Told = ("escalation.decided", {"turn": 1, "reason": "caller_asked", "queue": "orders"})
GREETING = {"by": "person", "any_of": {"en": ["Hello, this is {agent} of Hanbit Store."], "ko": ["한빛상점입니다"]}}
FORBIDDEN = {"by": "person", "none_of": {"en": ["guaranteed refund"], "ko": ["무조건 환불"]}}

CASES: list[tuple[str, Any, Contact, Verdict]] = [
    (
        "disclosed",
        criterion("disclosed"),
        contact(decided(0, 1, "converse"), DISCLOSED, turn(1, "how long"), decided(1, 2), heard(1, 2)),
        MET,
    ),
    (
        "answered before it was disclosed",
        criterion("disclosed"),
        contact(turn(1, "how long"), decided(1, 2), DISCLOSED),
        MISSED,
    ),
    ("nothing was answered", criterion("disclosed"), contact(decided(0, 1, "converse")), NONE),
    (
        "recorded with consent",
        criterion("consented", purpose="recording"),
        contact(("consent.assumed", {"purpose": "recording"}), ("recording.started", {"at": 1})),
        MET,
    ),
    (
        "recorded before consent",
        criterion("consented", purpose="recording"),
        contact(("recording.started", {"at": 1}), ("consent.given", {"purpose": "recording"})),
        MISSED,
    ),
    (
        "another consent does not count",
        criterion("consented", purpose="processing"),
        contact(("consent.given", {"purpose": "recording"}), ("transcript.final", {"text": "hello"})),
        MISSED,
    ),
    ("nothing was recorded", criterion("consented", purpose="recording"), contact(turn(1, "hi")), NONE),
    (
        "identified before it was done",
        criterion("identified", actions=["cancel_order"]),
        contact(("caller.identified", {"identity": "knowledge"}), started("cancel_order")),
        MET,
    ),
    (
        "identified afterwards",
        criterion("identified", actions=["cancel_order"]),
        contact(started("cancel_order"), ("caller.verified", {"level": "code"})),
        MISSED,
    ),
    (
        "another action",
        criterion("identified", actions=["cancel_order"]),
        contact(started("order_status")),
        NONE,
    ),
    (
        "agreed to",
        criterion("confirmed"),
        contact(proposed(), ("action.confirmed", {"action": "a1"}), started("cancel_order")),
        MET,
    ),
    (
        "something else was agreed to",
        criterion("confirmed"),
        contact(proposed(), ("action.confirmed", {"action": "a2"}), started("cancel_order")),
        MISSED,
    ),
    ("only looked", criterion("confirmed"), contact(proposed(risk="read_only"), started("order_status")), NONE),
    ("cited", criterion("cited"), contact(turn(1, "how long"), decided(1, 1)), MET),
    ("not cited", criterion("cited"), contact(turn(1, "how long"), decided(1, 1, cited=False)), MISSED),
    ("no answer", criterion("cited"), contact(decided(1, 1, "clarify")), NONE),
    (
        "asked back too often",
        criterion("understood", asked_back_at_most=1),
        contact(decided(1, 1, "clarify"), decided(2, 2, "clarify")),
        MISSED,
    ),
    (
        "asked back once",
        criterion("understood", asked_back_at_most=1),
        contact(decided(1, 1, "clarify"), decided(2, 2)),
        MET,
    ),
    (
        "said goodbye",
        criterion("closed"),
        contact(decided(1, 1, "converse", expects="nothing"), heard(1, 1, "Goodbye.")),
        MET,
    ),
    ("hung up on them", criterion("closed"), contact(decided(1, 1), heard(1, 1)), MISSED),
    (
        "the caller hung up",
        criterion("closed"),
        contact(decided(1, 1), heard(1, 1), reason="caller_hung_up"),
        NONE,
    ),
    (
        "prompt",
        criterion("no_dead_air", seconds=3),
        contact(("reply.started", {"turn": 1, "reply": 1, "latency": 0.8})),
        MET,
    ),
    (
        "the machine was late",
        criterion("no_dead_air", seconds=3),
        contact(("reply.started", {"turn": 1, "reply": 1, "latency": 3.5})),
        MISSED,
    ),
    (
        "the agent was silent",
        criterion("no_dead_air", seconds=5),
        contact(accepted(), agent_said("hello"), turn(1, "where is it"), 9.0, agent_said("here")),
        MISSED,
    ),
    (
        "the agent spoke for long, but soon",
        criterion("no_dead_air", seconds=5),
        contact(accepted(), agent_said("hello"), turn(1, "where is it"), 9.0, agent_said("here", 8.0)),
        MET,
    ),
    (
        "on hold nobody is silent",
        criterion("no_dead_air", seconds=5),
        contact(
            accepted(),
            agent_said("hello"),
            turn(1, "where is it"),
            1.0,
            ("call.held", {"by": "kim"}),
            30.0,
            ("call.resumed", {"by": "kim"}),
            1.0,
            agent_said("here"),
        ),
        MET,
    ),
    ("offered a person", criterion("person_on_request"), contact(turn(1, "an agent please"), PERSON, WAITING), MET),
    (
        "a person came too late",
        criterion("person_on_request"),
        contact(turn(1, "an agent please"), decided(1, 1), turn(2, "how long"), PERSON),
        MISSED,
    ),
    (
        "asked in Korean and not offered",
        criterion("person_on_request", turns=2),
        contact(turn(1, "상담원 연결해 주세요", "ko"), turn(2, "배송비요", "ko"), turn(3, "네", "ko")),
        MISSED,
    ),
    ("nobody asked", criterion("person_on_request"), contact(turn(1, "how long is delivery")), NONE),
    ("soon enough", criterion("person_within", seconds=20), contact(WAITING, accepted(12.0)), MET),
    ("waited too long", criterion("person_within", seconds=20), contact(WAITING, accepted(31.0)), MISSED),
    (
        "left after too long",
        criterion("person_within", seconds=20),
        contact(WAITING, ("handoff.abandoned", {"handoff": "h", "waited": 40.0})),
        MISSED,
    ),
    (
        "left soon",
        criterion("person_within", seconds=20),
        contact(WAITING, ("handoff.abandoned", {"handoff": "h", "waited": 4.0})),
        NONE,
    ),
    (
        "greeted",
        criterion("said", where="beginning", **GREETING),
        contact(accepted(), agent_said("hello this is kim of hanbit store"), turn(1, "hi")),
        MET,
    ),
    (
        "greeted too late",
        criterion("said", where="beginning", turns=1, **GREETING),
        contact(accepted(), agent_said("yes what is it"), agent_said("hello this is kim of hanbit store")),
        MISSED,
    ),
    ("nobody spoke", criterion("said", **GREETING), contact(turn(1, "hi")), NONE),
    (
        "promised what may not be promised",
        criterion("not_said", **FORBIDDEN),
        contact(accepted(), agent_said("that is a guaranteed refund")),
        MISSED,
    ),
    (
        "promised it in Korean",
        criterion("not_said", **FORBIDDEN),
        contact(accepted(), agent_said("무조건 환불해 드릴게요", language="ko")),
        MISSED,
    ),
    (
        "a caller may say it",
        criterion("not_said", **FORBIDDEN),
        contact(accepted(), turn(1, "is it a guaranteed refund"), agent_said("it is not")),
        MET,
    ),
    ("no person spoke", criterion("not_said", **FORBIDDEN), contact(turn(1, "a guaranteed refund")), NONE),
    ("nobody waited", criterion("no_dead_air", seconds=3), contact(turn(1, "hi")), NONE),
    ("nothing was to be understood", criterion("understood", asked_back_at_most=1), contact(), NONE),
    (
        "filed",
        criterion("wrapped_up", seconds=120),
        contact(accepted(), ("wrap_up.done", {"agent": "kim", "disposition": "solved", "seconds": 40})),
        MET,
    ),
    (
        "filed without how it ended",
        criterion("wrapped_up", seconds=120),
        contact(accepted(), ("wrap_up.done", {"agent": "kim", "disposition": "", "seconds": 40})),
        MISSED,
    ),
    (
        "filed by somebody else",
        criterion("wrapped_up", seconds=120),
        contact(accepted(), ("wrap_up.done", {"agent": "lee", "disposition": "solved", "seconds": 40})),
        MISSED,
    ),
    ("nobody took it", criterion("wrapped_up", seconds=120), contact(WAITING), NONE),
]


@pytest.mark.parametrize(("by", "judged", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_check_finds_what_it_is_about(by: Any, judged: Contact, verdict: Verdict) -> None:
    finding = check(by, judged)
    assert finding.verdict is verdict
    assert bool(finding.evidence) is (verdict is not NONE), "what was judged is shown, and nothing else"


def test_every_check_has_a_case_that_meets_and_one_that_misses_it() -> None:
    found = {(one.check, verdict) for _, one, _, verdict in CASES}
    for name in {one for one, _ in found}:
        assert {(name, MET), (name, MISSED), (name, NONE)} <= found, name


def test_evidence_names_the_turns_of_what_missed() -> None:
    judged = contact(turn(1, "how long"), decided(1, 1), turn(2, "and how much"), decided(2, 2, cited=False))
    finding = check(criterion("cited"), judged)
    assert turns_of(finding) == [2]
    assert [event.seq for event in finding.evidence] == [4]


def test_how_far_it_was_missed_is_noted() -> None:
    late = contact(("reply.started", {"turn": 1, "reply": 1, "latency": 3.54}))
    assert check(criterion("no_dead_air", seconds=3), late).note == "3.5 s"


def test_what_is_no_criterion_is_refused() -> None:
    with pytest.raises(TypeError):
        check(object(), contact())
