"""Scenarios from the command line: ``python -m tests.calls [--update] [--show] [NAME …]``.

Without names all of them are played. A name is the scenario's, ``ko/backchannel``, or its beginning. ``--show`` prints
the log of each call. ``--update`` makes the logs of those that went as expected, at their pace, their golden ones.
``--data`` keeps what the house learns (its knowledge, the words of the recognizer) in a folder: it opens in seconds
the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import uvloop

from tests.calls import golden
from tests.calls.performance import AT_ONCE, ENCORES, Played, play_all
from tests.calls.scenario import ScenarioInvalid, all_scenarios
from tests.calls.verdict import wrong


def main() -> int:
    """Play, tell what came of it; 1 if anything was not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.calls", description="Play whole calls over the real wire.")
    parser.add_argument("names", nargs="*", help="scenarios, such as ko/backchannel, or the beginning of their names")
    parser.add_argument("--update", action="store_true", help="write the golden logs anew, of the calls that went well")
    parser.add_argument("--show", action="store_true", help="show the log of every call")
    parser.add_argument("--data", type=Path, help="a folder to keep the house in, so that it opens faster next time")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="calls at the same time (default: %(default)s)")
    parser.add_argument("--once", action="store_true", help="do not repeat what this machine was too busy for")
    arguments = parser.parse_args()
    try:
        scenarios = [s for s in all_scenarios() if not arguments.names or s.name.startswith(tuple(arguments.names))]
    except ScenarioInvalid as error:
        print(error)
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        work = play_all(
            arguments.data or Path(folder),
            scenarios,
            arguments.at_once,
            encores=0 if arguments.once else ENCORES,
            tell=partial(_played, show=arguments.show),
        )
        played = runner.run(work)
    good = [_told(played[scenario.name], update=arguments.update) for scenario in scenarios]
    print(f"{sum(good)} of {len(good)} calls went as they should, in {time.monotonic() - began:.0f} s")
    return 0 if all(good) else 1


def _played(one: Played, *, show: bool) -> None:
    late = "" if one.in_time else ", too slowly: this machine is busy"
    print(f"  played {one.scenario.name} in {one.seconds:.0f} s{late}", flush=True)
    if show:
        print(one.log(), flush=True)


def _told(one: Played, *, update: bool) -> bool:
    scenario = one.scenario
    what = wrong(one, with_golden=not update)
    good = not what or bool(scenario.pending)
    mark = ("✓" if good else "✗") + (" pending" if scenario.pending else "")
    print(f"{mark} {scenario.name}: {scenario.title}")
    if what and not scenario.pending:
        print(what)
    if not what and scenario.pending:
        print(f"  it went well this time; when it always does, take 'pending: {scenario.pending}' out")
    if update and one.in_time and not what and not scenario.pending:
        golden.write(scenario, golden.normalised(scenario, one.events))
    return good


if __name__ == "__main__":
    sys.exit(main())
