"""Reading flows: every mistake is found, each with its file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.actions.action import Action, Risk, Service
from dialog.flows.plan import AskFor, Condition, Do, Flow, Say, Stop
from dialog.flows.source import read_flow
from dialog.yaml_source import read_yaml

SHOP = Service("shop", "http://shop.example")
NUMBER = {"type": "object", "required": ["number"], "properties": {"number": {"type": "string"}}}
STATUS = {
    "type": "object",
    "properties": {"status": {"enum": ["open", "sent"]}, "sum": {"type": "integer"}},
}
MOVED = {
    "type": "object",
    "required": ["number", "address"],
    "properties": {"number": {"type": "string"}, "address": {"type": "string"}},
}
ACTIONS = {
    "look": Action("look", SHOP, "GET", "/{number}", Risk.READ_ONLY, 1.0, NUMBER, STATUS),
    "move": Action("move", SHOP, "PUT", "/{number}", Risk.REVERSIBLE, 1.0, MOVED, STATUS),
}
GOOD = """\
slots:
  - {name: number, kind: digits, length: 8}
  - {name: address, kind: text, min: 5}
  - {name: visit, kind: date_time, ahead: true, earliest: 10:30, latest: "20:00", weekdays: [monday]}
  - name: why
    kind: choice
    options:
      late: {ko: [늦어서], en: [late]}
      other: {ko: [기타], en: [other]}
steps:
  - do: look
    told_by: status
  - {when: {look.status: sent}, say: too_late}
  - {when: {look.status: [sent], look.sum: {at_most: 10}}, stop: true}
  - ask: why
  - {ask: visit, when: {why: late}}
  - do: move
"""


def read(tmp_path: Path, text: str) -> tuple[Flow | None, list[str]]:
    path = tmp_path / "change.yaml"
    path.write_text(text, encoding="utf-8")
    flow, problems = read_flow(read_yaml(path), ACTIONS)
    return flow, [str(problem).removeprefix(str(tmp_path) + "/") for problem in problems]


def test_a_whole_flow(tmp_path: Path) -> None:
    flow, problems = read(tmp_path, GOOD)
    assert problems == []
    assert flow is not None
    assert flow.id == "change"
    assert [type(step.does) for step in flow.plan] == [Do, Say, Stop, AskFor, AskFor, Do]
    look, move = flow.actions
    assert (look.changes, look.told_by, look.not_found) == (False, "status", "number")
    assert (move.changes, dict(move.arguments)) == (True, {"number": "number", "address": "address"})
    assert flow.plan[1].when == (Condition("look.status", ("sent",)),)
    visit = flow.slot("visit")
    assert visit.limits.ahead
    assert str(visit.limits.earliest) == "10:30:00"
    assert visit.limits.weekdays == {0}
    assert flow.slot("address").confirm_below == 1.0


def test_the_short_form_has_one_action(tmp_path: Path) -> None:
    text = "action: look\ntold_by: status\nstarts_by_value: true\nslots:\n  - {name: number, kind: digits, length: 8}\n"
    flow, problems = read(tmp_path, text)
    assert problems == []
    assert flow is not None
    assert flow.plan[0].does == Do("look", {"number": "number"}, told_by="status", not_found="number")
    assert flow.starts_by_value


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("kind: digits, length: 8", "kind: number, length: 8", "change.yaml:2: slots.0.kind: "),
        ("kind: digits, length: 8", "kind: digits", "change.yaml:2: slots.0: needs length"),
        ("kind: text, min: 5", "kind: text, length: 5", "change.yaml:3: slots.1.length: means nothing for text"),
        ("kind: text, min: 5", "kind: text, min: 5, max: 4", "change.yaml:3: slots.1.min: is more than max"),
        ('latest: "20:00"', 'latest: "9:00"', "change.yaml:4: slots.2.latest: "),
        ('latest: "20:00"', 'latest: "09:00"', "change.yaml:4: slots.2.earliest: is later than latest"),
        ("weekdays: [monday]", "weekdays: [mon]", "change.yaml:4: slots.2.weekdays.0: "),
        ("      other: {ko: [기타], en: [other]}\n", "", "change.yaml:5: slots.3: needs at least two options"),
        ("name: visit", "name: why", "change.yaml:1: slots: two slots have the same name"),
        ("  - do: look\n    told_by: status\n", "", "no step before this one does 'look'"),
        ("do: look", "do: lock", "change.yaml:11: steps.0.do: there is no action 'lock'"),
        ("told_by: status", "told_by: sum", "change.yaml:12: steps.0.told_by: 'sum' is no result"),
        (
            "look.status: sent}",
            "look.state: sent}",
            "change.yaml:13: steps.1.when.look.state: 'state' is no result of look",
        ),
        (
            "look.status: sent}",
            "look.status: gone}",
            "change.yaml:13: steps.1.when.look.status: look.status is never 'gone'",
        ),
        ("when: {why: late}", "when: {why: lately}", "steps.4.when.why: why is never 'lately'"),
        ("at_most: 10", "most: 10", "change.yaml:14: steps.2.when.look.sum: "),
        ("ask: why", "ask: whom", "change.yaml:15: steps.3.ask: there is no slot 'whom'"),
        ("  - ask: why\n", "", "slots.3: nothing asks for 'why'"),
        ("ask: why", "ask: why\n    say: so", "steps.3: does exactly one thing"),
        ("ask: why", "ask: why\n    told_by: status", "steps.3.told_by: belongs to a step that does an action"),
        ("do: move", "do: move\n    with: {number: number}", "steps.5.with: must have a slot for every argument"),
        ("do: move", "do: move\n    with: {to: address}", "steps.5.with.to: move takes no such argument"),
        ("steps:", "told_by: status\nsteps:", "told_by: stands in the step that it belongs to"),
        ("steps:", "action: look\nsteps:", "needs either steps or action"),
        ("steps:", "starts_with: x\nsteps:", "starts_with: "),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in GOOD
    flow, problems = read(tmp_path, GOOD.replace(before, after, 1))
    assert flow is None
    assert any(complaint in problem for problem in problems), problems


def test_all_mistakes_are_found_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("do: look", "do: lock").replace("ask: why", "ask: whom").replace("length: 8", "length: 8, max: 3")
    )
    _, problems = read(tmp_path, text)
    for complaint in ("'lock'", "'whom'", "slots.0.max"):
        assert any(complaint in problem for problem in problems)


REMINDER = """\
reaches_out: true
slots:
  - {name: visit, kind: date_time}
  - {name: good_time, kind: yes_no}
steps:
  - ask: good_time
  - {when: {good_time: yes}, person: true}
"""


def test_a_flow_that_reaches_out_may_have_values_that_nobody_is_asked_for(tmp_path: Path) -> None:
    flow, problems = read(tmp_path, REMINDER)
    assert problems == []
    assert flow is not None and flow.reaches_out
    _, problems = read(tmp_path, REMINDER.replace("reaches_out: true\n", ""))
    assert any("nothing asks for 'visit'" in problem for problem in problems)


def test_the_call_that_a_flow_is_in_can_be_given_to_an_action(tmp_path: Path) -> None:
    flow, problems = read(tmp_path, "steps:\n  - {do: look, with: {number: caller.contact}}\n")
    assert problems == []
    assert flow is not None and flow.actions[0].arguments == {"number": "caller.contact"}
