"""Whole calls over the real wire: each scenario is one test.

They are all played by the first one that is asked for, many at once; see the README beside this file.
"""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from tests.calls.performance import Played, play_all
from tests.calls.scenario import Scenario, all_scenarios
from tests.calls.verdict import wrong

# The first test waits until all calls are played, at the pace of speech.
pytestmark = [pytest.mark.xdist_group("calls"), pytest.mark.timeout(1500)]


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """What came of every scenario that this run asks for, by name."""
    asked = [
        item.callspec.params["scenario"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == test_a_call.__name__
    ]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(play_all(tmp_path_factory.mktemp("calls"), asked))


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda scenario: scenario.name)
def test_a_call(scenario: Scenario, played: dict[str, Played]) -> None:
    what = wrong(played[scenario.name])
    if what and scenario.pending:
        pytest.xfail(scenario.pending)
    assert not what, f"\n{what}"
