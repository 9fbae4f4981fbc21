"""The scripted model of a dialog: it does what its part says, turn by turn, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from dialog.models.generator import (
    End,
    Finish,
    Generation,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Schema,
    Usage,
    estimated_prompt,
    estimated_tokens,
)
from dialog.models.scripted_generator import ScriptedGenerator
from tests.dialogs_with_model.script import Part

Purpose = Literal["meaning", "answer"]
_ABOUT = re.compile(r"\[([^\]\d][^\]]*)\]")
"""A citation by words of the evidence: which number it has depends on how passages were ranked."""


class Actor(ScriptedGenerator):
    """Plays ``part`` until it is given another one; ``purposes`` is what it was asked since."""

    def __init__(self, part: Part) -> None:
        super().__init__(self._speak)
        self.part = part
        self.purposes: list[Purpose] = []
        self.stopped = 0
        """How often somebody stopped listening to it."""

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """The commands, after a pause."""
        self.purposes.append("meaning")
        await asyncio.sleep(self.part.pauses)
        return await super().generate(messages, limits, schema)

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """Line by line, each after a pause."""
        self.purposes.append("answer")
        try:
            text = await self._answer(messages)
            for line in text.splitlines(keepends=True):
                await asyncio.sleep(self.part.pauses)
                yield Piece(line)
            usage = Usage(estimated_prompt(messages), estimated_tokens(text))
            yield End(Finish.COMPLETE, usage)
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    def _speak(self, messages: Sequence[Message]) -> str:
        if self.part.fails:
            raise GeneratorUnavailable("the model's server is down")
        data = json.loads(messages[-1].text)
        if "caller_said" in data:
            blank = {"flow": None, "slot": None, "value": None}
            commands = [{**blank, **command} for command in self.part.understands]
            return json.dumps({"commands": commands}, ensure_ascii=False)
        text = self.part.writes.replace("PROMPT", " ".join(messages[0].text.split()))
        return _ABOUT.sub(lambda about: f"[{_number(data['evidence'], about.group(1))}]", text)


def _number(evidence: Sequence[Mapping[str, Any]], words: str) -> int:
    """The number of the evidence that holds ``words``; one that there is not where none does."""
    return next((one["number"] for one in evidence if words in f"{one['about']} {one['text']}"), 99)
