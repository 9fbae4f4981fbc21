"""Golden logs: what of a call's log must be the same every time, kept beside the scenarios.

Ids, numbers, times, latencies and confidences are left out, and so is what depends on which packet a word fell into,
or on how long something took (what is said to fill the wait). Where a
real recognizer heard the caller, a word may differ from run to run, so the caller's words and the texts that repeat
them are left out as well; kinds, decisions, expectations, sources, keys, actions and reasons are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.calls.matching import Happened
from tests.calls.scenario import HERE, Scenario

GOLDEN = HERE / "golden"

_NOT_KEPT = frozenset(
    # how the sound was cut up, which keys, and when: the turns that come of them are kept
    "transcript.final speech.started speech.stopped dtmf.pressed reply.started "
    # the dialog's notes, which are written down when there is time
    "dialog.began turn.understood turn.advised retrieval.done answer.composed flow.moved".split()
)
_KEPT = (
    "channel language purpose policy text digits silent decision expects complete drained evidence reason "
    "queue name arguments digit before after component fallback why".split()
)
_WORDS = frozenset({"text", "summary", "words"})


def normalised(scenario: Scenario, events: Iterable[Happened]) -> list[dict[str, Any]]:
    """The call's log as far as it must not change."""
    logged = [event for event in events if event.logged and event.kind not in _NOT_KEPT]
    fillers = {event.payload.get("reply") for event in logged if _filler(event)}
    return [_line(scenario, event) for event in logged if event.payload.get("reply", 0) not in fillers]


def _filler(event: Happened) -> bool:
    """Whether this only asks for patience: said or not, by how long something took."""
    payload = event.payload
    return event.kind == "reply.decided" and (payload["decision"], payload["expects"]) == ("converse", "listening")


def _line(scenario: Scenario, event: Happened) -> dict[str, Any]:
    payload = event.payload
    kept = {key: payload[key] for key in _KEPT if payload.get(key) not in (None, "", [])}
    if scenario.language == "en" or payload.get("complete") is False:
        kept = {key: value for key, value in kept.items() if key not in _WORDS}
    if payload.get("citations"):
        kept["documents"] = [citation["document"] for citation in payload["citations"]]
    return {event.kind: kept}


def path(scenario: Scenario) -> Path:
    """Where its golden log lies."""
    return GOLDEN / f"{scenario.name}.yaml"


def write(scenario: Scenario, log: list[dict[str, Any]]) -> None:
    """Make this the golden log."""
    path(scenario).parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"- {yaml.safe_dump(event, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6)}"
        for event in log
    ]
    path(scenario).write_text(f"# {scenario.title}\n{''.join(lines)}", encoding="utf-8")


def read(scenario: Scenario) -> list[dict[str, Any]] | None:
    """The golden log; ``None`` where there is none yet."""
    file = path(scenario)
    if not file.is_file():
        return None
    log: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return log


def difference(scenario: Scenario, log: list[dict[str, Any]]) -> str:
    """The first lines in which a log differs from the golden one; empty when it does not."""
    kept = read(scenario)
    if kept is None:
        return f"there is no golden log yet: look at the log, then python -m tests.calls --update {scenario.name}"
    for number in range(max(len(kept), len(log))):
        was = kept[number] if number < len(kept) else "(the end)"
        now = log[number] if number < len(log) else "(the end)"
        if was != now:
            return f"differs from its golden log in line {number + 1}:\n    golden  {was}\n    now     {now}"
    return ""
