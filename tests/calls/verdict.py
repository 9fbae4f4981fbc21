"""What is wrong with a call that was played: nothing, or a text that says what and shows the whole log."""

from __future__ import annotations

from tests.calls import golden
from tests.calls.matching import problems
from tests.calls.performance import Played


def wrong(played: Played, *, with_golden: bool = True) -> str:
    """Everything that is wrong with it, for a person to read; empty when all is as it should be."""
    scenario = played.scenario
    found = [played.trouble] if played.trouble else []
    found += problems(scenario, played.events)
    if with_golden and not found and not (scenario.pending or scenario.hard_to_hear):
        found += filter(None, [golden.difference(scenario, golden.normalised(scenario, played.events))])
    if not found:
        return ""
    return "\n".join([f"{scenario.name}: {scenario.title}", *(f"  - {one}" for one in found), "", played.log()])
