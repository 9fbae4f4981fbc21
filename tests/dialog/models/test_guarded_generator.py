"""Retries, the circuit and the budget of a call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

import pytest

from dialog.models.circuit_breaker import Backoff, CircuitBreaker
from dialog.models.generator import (
    Author,
    BudgetSpent,
    CircuitOpen,
    End,
    Finish,
    GeneratorMalformed,
    GeneratorRefused,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Prices,
    Usage,
    collect,
)
from dialog.models.guarded_generator import Budget, MeteredGenerator, SteadyGenerator
from dialog.models.scripted_generator import ScriptedGenerator

LIMITS = Limits(tokens=50, first_token=1.0, seconds=5.0)
ASK = (Message(Author.USER, "hello"),)


def failing(times: int, error: Exception) -> Callable[[Sequence[Message]], str]:
    left = [times]

    def script(messages: Sequence[Message]) -> str:
        if left[0]:
            left[0] -= 1
            raise error
        return "fine now"

    return script


def steady(script: Callable[[Sequence[Message]], str], **more: object) -> tuple[SteadyGenerator, ScriptedGenerator]:
    inner = ScriptedGenerator(script, scores_choices=True)
    backoff = Backoff(attempts=3, first=0.0, longest=0.0)
    return SteadyGenerator(inner, backoff=backoff, **more), inner  # type: ignore[arg-type]


async def test_what_failed_for_a_passing_reason_is_asked_again() -> None:
    generator, inner = steady(failing(2, GeneratorUnavailable("busy")))
    assert (await generator.generate(ASK, LIMITS)).text == "fine now"
    assert len(inner.asked) == 3


async def test_a_stream_is_begun_anew_while_nothing_was_given_out() -> None:
    generator, inner = steady(failing(1, GeneratorUnavailable("busy")))
    assert (await collect(generator.stream(ASK, LIMITS))).text == "fine now"
    assert len(inner.asked) == 2


async def test_a_stream_that_breaks_in_the_middle_is_not() -> None:
    class Breaking(ScriptedGenerator):
        async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
            self.asked.append(tuple(messages))
            yield Piece("Delivery is")
            raise GeneratorUnavailable("cut off")

    inner = Breaking(lambda messages: "")
    with pytest.raises(GeneratorUnavailable, match="cut off"):
        await collect(SteadyGenerator(inner).stream(ASK, LIMITS))
    assert len(inner.asked) == 1


@pytest.mark.parametrize("error", [GeneratorRefused("wrong key"), GeneratorMalformed("not JSON")])
async def test_what_will_not_change_is_asked_once(error: Exception) -> None:
    generator, inner = steady(failing(9, error))
    with pytest.raises(type(error)):
        await generator.generate(ASK, LIMITS)
    assert len(inner.asked) == 1


async def test_nobody_is_asked_again_after_the_time_is_up() -> None:
    inner = ScriptedGenerator(failing(9, GeneratorUnavailable("wait", retry_after=60.0)))
    with pytest.raises(GeneratorUnavailable):
        await SteadyGenerator(inner).generate(ASK, LIMITS)
    assert len(inner.asked) == 1


async def test_a_model_that_is_down_is_left_alone_and_tried_later() -> None:
    now = [0.0]
    breaker = CircuitBreaker(failures=2, rest=10.0)
    generator, inner = steady(failing(3, GeneratorUnavailable("down")), breaker=breaker, clock=lambda: now[0])
    with pytest.raises(CircuitOpen):
        await generator.generate(ASK, LIMITS)
    assert len(inner.asked) == 2
    now[0] = 11.0
    with pytest.raises(CircuitOpen):
        await generator.generate(ASK, LIMITS)
    now[0] = 60.0
    assert (await generator.generate(ASK, LIMITS)).text == "fine now"


async def test_scores_pass_through() -> None:
    generator, _ = steady(lambda messages: "b")
    scores = await generator.score_choices(ASK, ("a", "b"), LIMITS)
    assert scores.probabilities == pytest.approx((0.1, 0.9))
    assert generator.scores_choices and generator.name == "scripted"
    await generator.close()


async def test_a_call_gets_no_more_than_its_tokens() -> None:
    budget = Budget(tokens=20, cost=1.0)
    generator = MeteredGenerator(ScriptedGenerator(lambda messages: "a fine answer of some length"), budget)
    await generator.generate(ASK, LIMITS)
    assert budget.spent == Usage(2, 10)
    await collect(generator.stream(ASK, LIMITS))
    assert budget.spent == Usage(4, 20)
    with pytest.raises(BudgetSpent, match="AICC_LLM_CALL_TOKENS"):
        await generator.generate(ASK, LIMITS)
    with pytest.raises(BudgetSpent):
        await generator.score_choices(ASK, ("a", "b"), LIMITS)


async def test_a_request_may_write_only_what_is_left() -> None:
    budget = Budget(tokens=20, cost=1.0)
    assert budget.grant(5, LIMITS).tokens == 15
    assert budget.grant(5, Limits(3, 1.0, 5.0)).tokens == 3


async def test_what_failed_or_was_closed_early_counts_too() -> None:
    budget = Budget(tokens=1000, cost=1.0)
    prices = Prices(prompt=1.0)
    failed = MeteredGenerator(ScriptedGenerator(failing(1, GeneratorUnavailable("busy"))), budget, prices)
    with pytest.raises(GeneratorUnavailable):
        await failed.generate(ASK, LIMITS)
    assert budget.spent == Usage(2, 0, 0.002)
    stream = MeteredGenerator(ScriptedGenerator(lambda messages: "one two three"), budget, prices).stream(ASK, LIMITS)
    assert await anext(stream) == Piece("one ")
    await stream.aclose()
    assert budget.spent.prompt_tokens == 4
    assert budget.spent.completion_tokens == 2


async def test_a_call_gets_no_more_than_its_cost() -> None:
    budget = Budget(tokens=1000, cost=0.01)
    budget.take(Usage(1, 1, 0.01))
    with pytest.raises(BudgetSpent):
        budget.grant(1, LIMITS)


async def test_closing_one_calls_view_leaves_the_model_open() -> None:
    inner = ScriptedGenerator(lambda messages: "x")
    metered = MeteredGenerator(inner, Budget(100, 1.0))
    await metered.close()
    assert (await inner.generate(ASK, LIMITS)).finish is Finish.COMPLETE
