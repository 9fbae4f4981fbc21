"""A language model of our own, out of a folder, in worker processes.

Nothing of it runs on the event loop or imports its libraries there. It scores choices (CTranslate2 has no way to hold
its output to a grammar) and streams; whoever stops reading stops the model at its next token.

Refuses: fetching models, converting them, holding output to a schema.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from dialog.models.ctranslate_host import CtranslateHost, ModelPlace
from dialog.models.generator import (
    End,
    Generation,
    GeneratorError,
    GeneratorRefused,
    GeneratorTimedOut,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Schema,
    Scores,
    collect,
)
from infra.workers import PoolFull, RemoteError, WorkerLost, WorkerPool, WorkerTimeout

_MOST_PIECES = 2048
"""Of an answer that nobody reads for a while; no answer has more tokens (``AICC_LLM_ANSWER_TOKENS``)."""
_START_TIMEOUT = 300.0
"""Seconds: some models have many gigabytes."""


class CtranslateGenerator:
    """``Generator`` with CTranslate2. Start it before it is asked."""

    scores_choices = True

    def __init__(self, place: ModelPlace, *, processes: int = 1, concurrency: int = 2) -> None:
        self.name = place.folder.name
        self._pool = WorkerPool(
            CtranslateHost,
            place,
            processes=processes,
            name=f"llm-{self.name}",
            capacity=concurrency,
            window=_MOST_PIECES // 8,
            threads=place.threads,
            stuck_after=_START_TIMEOUT,
        )

    async def start(self) -> None:
        """Load the model. Raises ``GeneratorRefused`` when the folder holds none, else ``GeneratorUnavailable``."""
        async with _named_errors():
            await self._pool.start(timeout=_START_TIMEOUT)

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """See ``Generator``."""
        if schema is not None:
            raise GeneratorRefused("CTranslate2 cannot hold its output to a schema; score choices instead")
        return await collect(self.stream(messages, limits))

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """See ``Generator``."""
        async with _named_errors():
            probabilities, usage = await self._pool.call(
                "score", tuple(messages), tuple(choices), timeout=limits.seconds
            )
        return Scores(probabilities, usage)

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """See ``Generator``."""
        began = asyncio.get_running_loop().time()
        end = began + limits.seconds
        deadline = min(end, began + limits.first_token)
        async with _named_errors():
            lease = await self._pool.lease(timeout=limits.first_token)
        try:
            lease.cast("write", tuple(messages), limits.tokens, limits.seconds)
            events = lease.events()
            while True:
                async with _named_errors(), asyncio.timeout_at(deadline):
                    event = await anext(events)
                if isinstance(event, GeneratorError):
                    raise event
                yield event
                if isinstance(event, End):
                    return
                deadline = end
        finally:
            await lease.release()

    async def close(self) -> None:
        """See ``Generator``."""
        await self._pool.close()


@asynccontextmanager
async def _named_errors() -> AsyncGenerator[None, None]:
    """What a pool raises, as the errors of generators."""
    try:
        yield
    except (TimeoutError, WorkerTimeout) as error:
        raise GeneratorTimedOut(f"the language model did not go on in time: {error}") from error
    except (WorkerLost, PoolFull) as error:
        raise GeneratorUnavailable(f"the language model has no process to spare: {error}") from error
    except RemoteError as error:
        raise GeneratorRefused(f"the language model failed: {error}") from error
