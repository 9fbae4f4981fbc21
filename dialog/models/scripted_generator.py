"""A language model without a model: it answers what a script says. For tests, evaluations and load.

It may also be slow, fail, or do the worst that a model can do; who asked it must cope.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Sequence

from dialog.models.generator import (
    End,
    Finish,
    Generation,
    GeneratorMalformed,
    Limits,
    Message,
    Piece,
    Schema,
    Scores,
    Usage,
    estimated_prompt,
    estimated_tokens,
)
from dialog.schema import violations

Script = Callable[[Sequence[Message]], str]
"""What the model writes for messages; it may raise a ``GeneratorError``."""

_PIECES = re.compile(r"\S+\s*|\s+")


class ScriptedGenerator:
    """``Generator`` that writes what ``script`` gives; ``pause`` is waited for before every piece.

    With ``scores_choices`` it gives the choice that the script names nine parts in ten.
    """

    name = "scripted"

    def __init__(
        self,
        script: Script,
        *,
        scores_choices: bool = False,
        pause: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._script = script
        self._pause = pause
        self.scores_choices = scores_choices
        self.asked: list[tuple[Message, ...]] = []
        """What it was given, request by request."""

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """See ``Generator``."""
        text = await self._answer(messages)
        if schema is not None:
            try:
                broken = violations(schema, json.loads(text))
            except json.JSONDecodeError as error:
                raise GeneratorMalformed(f"the script's answer is not JSON: {error}") from error
            if broken:
                raise GeneratorMalformed(f"the script's answer does not fit the schema: {'; '.join(broken)}")
        return Generation(text, Finish.COMPLETE, _usage(messages, text))

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """See ``Generator``."""
        named = await self._answer(messages)
        rest = 0.1 / max(1, len(choices) - 1)
        probabilities = tuple(0.9 if choice == named else rest for choice in choices)
        if named not in choices:
            probabilities = (1 / len(choices),) * len(choices)
        return Scores(probabilities, _usage(messages, ""))

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """See ``Generator``."""
        text = await self._answer(messages)
        for piece in _PIECES.findall(text):
            yield Piece(piece)
            await asyncio.sleep(self._pause())
        yield End(Finish.COMPLETE, _usage(messages, text))

    async def close(self) -> None:
        """Nothing to give back."""

    async def _answer(self, messages: Sequence[Message]) -> str:
        self.asked.append(tuple(messages))
        await asyncio.sleep(self._pause())
        return self._script(messages)


def _usage(messages: Sequence[Message], text: str) -> Usage:
    return Usage(estimated_prompt(messages), estimated_tokens(text))
