"""A language model within its bounds: asked again while that makes sense, left alone when it is down, and no more of
it for one call than that call may have.

Everything stays within the limits of the one request: a second attempt gets what the first left of the time. A stream
is begun anew only while nothing of it was given out.

Refuses: deciding what to do without the model.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from dialog.models.circuit_breaker import Backoff, CircuitBreaker
from dialog.models.generator import (
    BudgetSpent,
    CircuitOpen,
    End,
    Generation,
    Generator,
    GeneratorError,
    GeneratorMalformed,
    GeneratorRefused,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Prices,
    Schema,
    Scores,
    Usage,
    estimated_prompt,
    estimated_tokens,
)

T = TypeVar("T")


class SteadyGenerator:
    """``Generator`` with retries and a circuit breaker around another one; shared by all calls."""

    def __init__(
        self,
        inner: Generator,
        breaker: CircuitBreaker | None = None,
        backoff: Backoff | None = None,
        *,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._breaker = breaker or CircuitBreaker()
        self._backoff = backoff or Backoff()
        self._jitter = jitter
        self._clock = clock

    @property
    def name(self) -> str:
        """See ``Generator``."""
        return self._inner.name

    @property
    def scores_choices(self) -> bool:
        """See ``Generator``."""
        return self._inner.scores_choices

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """See ``Generator``."""
        return await self._repeat(limits, lambda rest: self._inner.generate(messages, rest, schema))

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """See ``Generator``."""
        return await self._repeat(limits, lambda rest: self._inner.score_choices(messages, choices, rest))

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """See ``Generator``."""
        deadline = self._clock() + limits.seconds
        attempt = 0
        while True:
            attempt += 1
            self._admit()
            given = False
            try:
                async with aclosing(self._inner.stream(messages, self._rest(limits, deadline))) as events:
                    async for event in events:
                        given = True
                        yield event
            except GeneratorError as error:
                self._report(error)
                if given:
                    raise
                await self._pause(attempt, deadline, error)
            else:
                self._breaker.succeeded()
                return

    async def close(self) -> None:
        """See ``Generator``."""
        await self._inner.close()

    async def _repeat(self, limits: Limits, ask: Callable[[Limits], Awaitable[T]]) -> T:
        deadline = self._clock() + limits.seconds
        attempt = 0
        while True:
            attempt += 1
            self._admit()
            try:
                answer = await ask(self._rest(limits, deadline))
            except GeneratorError as error:
                self._report(error)
                await self._pause(attempt, deadline, error)
            else:
                self._breaker.succeeded()
                return answer

    def _admit(self) -> None:
        if not self._breaker.admits(self._clock()):
            raise CircuitOpen(f"{self.name} failed too often just now; it is asked again in a while")

    def _rest(self, limits: Limits, deadline: float) -> Limits:
        return replace(limits, seconds=max(0.0, deadline - self._clock()))

    def _report(self, error: GeneratorError) -> None:
        """A service that answers, if only with nonsense or a refusal, is there."""
        if isinstance(error, GeneratorUnavailable):
            self._breaker.failed(self._clock())
        elif isinstance(error, GeneratorRefused | GeneratorMalformed):
            self._breaker.succeeded()

    async def _pause(self, attempt: int, deadline: float, error: GeneratorError) -> None:
        """Wait until the next attempt, or raise ``error`` when there is to be none."""
        if not isinstance(error, GeneratorUnavailable):
            raise error
        left = deadline - self._clock()
        pause = self._backoff.pause(attempt, self._jitter(), left, error.retry_after)
        if pause is None:
            raise error
        await asyncio.sleep(pause)


class Budget:
    """How much of the model one call may have: ``tokens`` in all, and ``cost`` in the currency of the prices."""

    def __init__(self, tokens: int, cost: float) -> None:
        self._tokens = tokens
        self._cost = cost
        self.spent = Usage()

    def grant(self, prompt_tokens: int, limits: Limits) -> Limits:
        """The limits of a request that reads about ``prompt_tokens``, with no more to write than is left.

        Raises ``BudgetSpent`` when nothing is.
        """
        left = self._tokens - self.spent.tokens - prompt_tokens
        if left <= 0 or self.spent.cost >= self._cost:
            raise BudgetSpent(
                f"this call had {self.spent.tokens} tokens for {self.spent.cost:.4f}; "
                "raise AICC_LLM_CALL_TOKENS or AICC_LLM_CALL_COST if calls should have more"
            )
        return replace(limits, tokens=min(limits.tokens, left))

    def take(self, usage: Usage) -> None:
        """Count what was used."""
        self.spent += usage


class MeteredGenerator:
    """``Generator`` for one call: it counts against that call's budget. Closing it leaves the shared one open."""

    def __init__(self, inner: Generator, budget: Budget, prices: Prices | None = None) -> None:
        self._inner = inner
        self._budget = budget
        self._prices = prices or Prices()

    @property
    def spent(self) -> Usage:
        """What the call has had so far."""
        return self._budget.spent

    @property
    def name(self) -> str:
        """See ``Generator``."""
        return self._inner.name

    @property
    def scores_choices(self) -> bool:
        """See ``Generator``."""
        return self._inner.scores_choices

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """See ``Generator``. Raises ``BudgetSpent``."""
        asked = estimated_prompt(messages)
        granted = self._budget.grant(asked, limits)
        usage = self._prices.usage(asked, 0)  # what was asked in vain was read all the same
        try:
            generation = await self._inner.generate(messages, granted, schema)
            usage = generation.usage
        finally:
            self._budget.take(usage)
        return generation

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """See ``Generator``. Raises ``BudgetSpent``."""
        asked = estimated_prompt(messages)
        granted = self._budget.grant(asked, limits)
        usage = self._prices.usage(asked, 0)
        try:
            scores = await self._inner.score_choices(messages, choices, granted)
            usage = scores.usage
        finally:
            self._budget.take(usage)
        return scores

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """See ``Generator``. One that is closed early counts by what it gave until then. Raises ``BudgetSpent``."""
        asked = estimated_prompt(messages)
        granted = self._budget.grant(asked, limits)
        written = 0
        usage: Usage | None = None
        try:
            async with aclosing(self._inner.stream(messages, granted)) as events:
                async for event in events:
                    if isinstance(event, End):
                        usage = event.usage
                    else:
                        written += estimated_tokens(event.text)
                    yield event
        finally:
            self._budget.take(usage or self._prices.usage(asked, written))

    async def close(self) -> None:
        """The model is shared; whoever made it closes it."""
