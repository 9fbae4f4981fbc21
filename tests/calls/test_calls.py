"""Whole calls over the real wire: each scenario is one test.

They are all played by the first one that is asked for, many at once; see the README beside this file. The house that
they call sends its traces to a collector, by its own exporter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from unittest import mock

import pytest
import uvloop

from tests.calls.performance import Played, play_all
from tests.calls.scenario import Scenario, all_scenarios
from tests.calls.traces import untold
from tests.calls.verdict import wrong
from tests.infra.telemetry.collector import Collector, collecting

# The first test waits until all calls are played, at the pace of speech.
pytestmark = [pytest.mark.xdist_group("calls"), pytest.mark.timeout(1500)]


USUAL = "en/knowledge_answer"
"""What is played for those who ask for traces alone."""


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the house sends its traces."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> dict[str, Played]:
    """What came of every scenario that this run asks for, by name."""
    asked = [
        item.callspec.params["scenario"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == test_a_call.__name__
    ] or [scenario for scenario in all_scenarios() if scenario.name == USUAL]
    traced = mock.patch.dict("os.environ", {"AICC_TRACES_ENDPOINT": collector.endpoint})
    with traced, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(play_all(tmp_path_factory.mktemp("calls"), asked))


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda scenario: scenario.name)
def test_a_call(scenario: Scenario, played: dict[str, Played]) -> None:
    what = wrong(played[scenario.name])
    if what and scenario.pending:
        pytest.xfail(scenario.pending)
    assert not what, f"\n{what}"


def test_every_call_is_one_trace_that_tells_nothing_of_what_was_said(
    played: dict[str, Played], collector: Collector
) -> None:
    whole = [one for one in played.values() if not one.trouble]
    assert whole
    assert [what for one in whole for what in untold(one, collector)] == []
