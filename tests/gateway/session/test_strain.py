from __future__ import annotations

import asyncio
import math

from gateway.session.call_load import CallLoad
from gateway.session.strain import ENOUGH, KEPT, LoopLag, Strain
from tests.virtual_time import run


def strain(lag: LoopLag, wait: float = 0.0, cores: float = 0.0) -> Strain:
    return Strain(lag, lambda: wait, CallLoad(cores), most_loop_lag=0.03, most_recognition_wait=0.5)


def test_a_node_at_ease_takes_calls() -> None:
    lag = LoopLag()
    for _ in range(KEPT):
        lag.saw(0.001)
    assert strain(lag).too_much(1) is None


def test_a_late_loop_takes_none_until_it_has_recovered() -> None:
    lag = LoopLag()
    for _ in range(KEPT):
        lag.saw(0.08)
    assert strain(lag).too_much(1) == "the event loop is 80 ms late"
    for _ in range(KEPT):
        lag.saw(0.001)
    assert strain(lag).too_much(1) is None


def test_one_hiccup_is_no_strain_and_neither_is_a_bad_start() -> None:
    lag = LoopLag()
    for _ in range(ENOUGH - 1):
        lag.saw(1.0)
    assert strain(lag).too_much(1) is None
    for _ in range(KEPT):
        lag.saw(0.001)
    lag.saw(1.0)
    assert strain(lag).too_much(1) is None


def test_a_recognizer_that_is_behind_or_gone_takes_none() -> None:
    assert strain(LoopLag(), wait=0.7).too_much(1) == "recognition is 0.7 s behind"
    assert strain(LoopLag(), wait=math.inf).too_much(0) == "recognition does not run"


def test_the_first_call_is_taken_however_busy_the_machine_for_refusing_it_would_spare_nobody() -> None:
    lag = LoopLag()
    for _ in range(KEPT):
        lag.saw(0.2)
    assert strain(lag, wait=3.0, cores=0.01).too_much(0) is None


def test_calls_that_recognition_could_not_bear_are_refused_before_they_speak() -> None:
    assert strain(LoopLag(), cores=0.75).too_much(3) is None
    assert strain(LoopLag(), cores=0.75).too_much(15) == "recognition bears no more than 15 calls"


def test_what_recognition_spends_is_looked_at_until_cancelled() -> None:
    async def main() -> None:
        node = strain(LoopLag(), cores=0.75)
        loop = asyncio.get_running_loop()
        watching = asyncio.create_task(node.watch(lambda: loop.time() * 0.6, lambda: (2, 1)))
        await asyncio.sleep(120.0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert node.too_much(1) is None
        assert node.too_much(4) is not None

    run(main())


def test_the_loop_is_looked_at_until_cancelled() -> None:
    async def main() -> None:
        lag = LoopLag()
        looking = asyncio.create_task(lag.run())
        await asyncio.sleep(10.0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        assert lag.quantile(0.99) < 0.001

    run(main())
