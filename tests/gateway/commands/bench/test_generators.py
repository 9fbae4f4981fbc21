from __future__ import annotations

import time

import pytest

from gateway.commands.bench.generators import CALLS_EACH, GeneratorFailed, generate, shares
from gateway.commands.bench.load import LoadPlan


def plan(calls: int) -> LoadPlan:
    return LoadPlan("ws://127.0.0.1:1/", calls, "feed", seconds=0.2, begin=time.monotonic(), ramp=0.0, settle=0.0)


def test_few_calls_are_one_generators_work() -> None:
    (share,) = shares(plan(CALLS_EACH))
    assert (share.calls, share.first, share.of) == (CALLS_EACH, 0, CALLS_EACH)


def test_many_calls_are_shared_without_gap_or_overlap() -> None:
    parts = shares(plan(CALLS_EACH * 2 + 1))
    assert sum(part.calls for part in parts) == CALLS_EACH * 2 + 1
    assert [part.first for part in parts[1:]] == [part.first + part.calls for part in parts[:-1]]
    assert {part.of for part in parts} == {CALLS_EACH * 2 + 1}


async def test_a_generator_that_breaks_is_told_with_its_reason() -> None:
    broken = LoadPlan("ws://127.0.0.1:1/", 1, "turn", seconds=0.1, begin=0.0, recordings=("/no/such.wav",))
    with pytest.raises(ExceptionGroup) as failed:
        await generate(broken)
    assert failed.group_contains(GeneratorFailed, match=r"/no/such\.wav")
