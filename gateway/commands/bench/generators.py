"""The load generators of a step: as many processes as the calls need, on the cores that are not measured.

Refuses: judging what they report.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from itertools import pairwise

from gateway.commands.bench.load import LINGER, LoadOutcome, LoadPlan, plan_as_json
from infra.errors import AiccError

CALLS_EACH = 400
"""Calls that one generator makes; it is on time with more (see docs/capacity.md), on a core of its own."""

_OVER_WITHIN = 30.0


class GeneratorFailed(AiccError):
    """A load generator did not come to its end; nothing can be said of the step."""

    code = "load_generator_failed"


def shares(plan: LoadPlan) -> list[LoadPlan]:
    """The plan of each generator: together they make the calls of ``plan``, staggered as one would have."""
    number = -(-plan.calls // CALLS_EACH)
    edges = [plan.calls * part // number for part in range(number + 1)]
    return [replace(plan, calls=end - start, first=start, of=plan.calls) for start, end in pairwise(edges)]


async def generate(plan: LoadPlan) -> LoadOutcome:
    """Make the calls in processes of their own; what all of them met with. Raises ``GeneratorFailed``."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_one(share)) for share in shares(plan)]
    outcome = LoadOutcome()
    for task in running:
        outcome.merge(task.result())
    return outcome


async def _one(plan: LoadPlan) -> LoadOutcome:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.commands.bench.load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    patience = plan.ramp + plan.settle + plan.seconds + 2 * LINGER + _OVER_WITHIN
    try:
        async with asyncio.timeout(patience):
            told, errors = await process.communicate(plan_as_json(plan).encode())
    except TimeoutError as error:
        raise GeneratorFailed(f"a load generator did not end within {patience:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise GeneratorFailed(f"a load generator failed: {errors.decode(errors='replace')[-1000:]}")
    return LoadOutcome.from_json(json.loads(told))
