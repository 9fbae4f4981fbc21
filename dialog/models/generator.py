"""The contract of every language model that the dialog may ask, wherever it runs.

A model is given messages and limits, and gives text back, whole or in pieces, or says which of several texts it finds
most probable. It is asked for nothing that it alone would answer for: whatever it writes is checked by whoever asked.

Refuses: prompts (``prompt.py``), what to believe (``dialog.answers.verifier``, ``dialog.arbiter``), and waiting
without a limit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from dialog.errors import DialogError

_BYTES_PER_TOKEN = 3
"""A token of common vocabularies is about one Korean syllable, or somewhat more than three letters."""

Schema: TypeAlias = Mapping[str, object]


class GeneratorError(DialogError):
    """A language model gave nothing that can be used; go on without it."""

    code = "generator_failed"


class GeneratorUnavailable(GeneratorError):
    """The model cannot be reached, is overloaded or broke off: the same may work later.

    ``retry_after`` is how many seconds it asked us to wait, where it did.
    """

    code = "generator_unavailable"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GeneratorTimedOut(GeneratorUnavailable):
    """The model did not answer within its limits; raise the limits, or give it less to do."""

    code = "generator_timed_out"


class GeneratorRefused(GeneratorError):
    """The model will not answer this, however often it is asked: a wrong key, an unknown model, a prompt too long."""

    code = "generator_refused"


class GeneratorMalformed(GeneratorError):
    """What the model answered is not in the form that was asked for, or has no end."""

    code = "generator_malformed"


class BudgetSpent(GeneratorError):
    """This call has had as much of the model as it may have; it goes on without."""

    code = "generator_budget_spent"


class CircuitOpen(GeneratorError):
    """The model failed too often just now and is left alone for a while."""

    code = "generator_circuit_open"


class Author(StrEnum):
    """Who wrote a message, in the words of chat templates."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of what a model is given."""

    author: Author
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a model may write (``tokens``), and how long the beginning and the whole may take, in seconds."""

    tokens: int
    first_token: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: tokens read and written, and its price in the currency of the price list."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """What a thousand tokens cost."""

    prompt: float = 0.0
    completion: float = 0.0

    def usage(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        """The usage of so many tokens, with its price."""
        cost = (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1000
        return Usage(prompt_tokens, completion_tokens, cost)


class Finish(StrEnum):
    """Why a model stopped."""

    COMPLETE = "complete"
    TOO_LONG = "too_long"
    """It reached its limit of tokens: the last sentence may be half a one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that goes on where the piece before it ended."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The end of a stream. Nothing comes after it, and a stream without it broke off."""

    finish: Finish
    usage: Usage


@dataclass(frozen=True, slots=True)
class Generation:
    """All that a model wrote."""

    text: str
    finish: Finish
    usage: Usage


@dataclass(frozen=True, slots=True)
class Scores:
    """How probable a model finds each of several texts, in their order; they sum to 1."""

    probabilities: tuple[float, ...]
    usage: Usage


class Generator(Protocol):
    """A language model. Every method raises a ``GeneratorError``, and nothing else, when it fails."""

    @property
    def name(self) -> str:
        """Which model this is, for the record of a call."""
        ...

    @property
    def scores_choices(self) -> bool:
        """Whether ``score_choices`` is offered. Where it is not, ``generate`` keeps to a schema instead."""
        ...

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """What the model writes. With ``schema`` (see ``dialog.schema``) the text is JSON that fits it.

        Raises ``GeneratorMalformed`` when it does not fit, ``GeneratorRefused`` where schemas are not offered.
        """
        ...

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """How probable each of ``choices`` is as the answer. Raises ``GeneratorRefused`` where it is not offered."""
        ...

    def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """What the model writes, piece by piece, then one ``End``. Closing the stream ends the work behind it."""
        ...

    async def close(self) -> None:
        """Give connections and processes back."""
        ...


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has; rather more than too few. For whatever tells no usage."""
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)


def estimated_prompt(messages: Sequence[Message]) -> int:
    """About how many tokens messages have."""
    return sum(estimated_tokens(message.text) for message in messages)


async def collect(stream: AsyncGenerator[Piece | End, None]) -> Generation:
    """A stream as a whole. Raises ``GeneratorUnavailable`` when it breaks off without an end."""
    written: list[str] = []
    async with aclosing(stream):
        async for event in stream:
            match event:
                case Piece():
                    written.append(event.text)
                case End():
                    return Generation("".join(written), event.finish, event.usage)
    raise GeneratorUnavailable("the model's answer broke off; ask again")
