"""Any server that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, a cloud's.

Every answer is streamed, also those that are wanted whole: so a server that hangs is noticed at its first token and one
that babbles is cut off at its limit. A JSON schema goes along as ``response_format``; what comes back is validated all
the same, because servers get it wrong. Closing a stream closes its connection, and with it the work behind it.

Refuses: following redirects, proxies from the environment, scoring of choices (the protocol has none), more than one
attempt (``dialog.models.guarded_generator``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from pydantic import SecretStr

from dialog.models.event_stream import EventStream
from dialog.models.generator import (
    End,
    Finish,
    Generation,
    GeneratorError,
    GeneratorMalformed,
    GeneratorRefused,
    GeneratorTimedOut,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Prices,
    Schema,
    Scores,
    Usage,
    collect,
    estimated_prompt,
    estimated_tokens,
)
from dialog.schema import violations

R = TypeVar("R")

_DONE = "[DONE]"
_LETTERS_PER_TOKEN = 40
"""No vocabulary has longer tokens on average: a server that sends more does not keep to its limit of tokens."""
_LARGEST_ERROR = 2048
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is (``url`` up to ``/v1``), which of its models is asked and with which key, and how many seconds
    reaching it may take."""

    url: str
    model: str
    key: SecretStr | None = None
    connect_timeout: float = 1.0


class OpenAiGenerator:
    """``Generator`` over HTTP."""

    scores_choices = False

    def __init__(
        self, server: Server, prices: Prices | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = server.model
        self._url = f"{server.url.rstrip('/')}/chat/completions"
        self._prices = prices or Prices()
        headers = {"Accept": "text/event-stream"}
        if server.key is not None:
            headers["Authorization"] = f"Bearer {server.key.get_secret_value()}"
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(None, connect=server.connect_timeout),  # our own limits govern the rest
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
            headers=headers,
        )

    async def generate(self, messages: Sequence[Message], limits: Limits, schema: Schema | None = None) -> Generation:
        """See ``Generator``."""
        generation = await collect(self._stream(messages, limits, schema))
        if schema is not None:
            _validate(generation, schema)
        return generation

    async def score_choices(self, messages: Sequence[Message], choices: Sequence[str], limits: Limits) -> Scores:
        """See ``Generator``."""
        raise GeneratorRefused("chat completions score no choices; ask with a schema instead")

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        """See ``Generator``."""
        async with aclosing(self._stream(messages, limits, None)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        """See ``Generator``."""
        await self._client.aclose()

    async def _stream(
        self, messages: Sequence[Message], limits: Limits, schema: Schema | None
    ) -> AsyncGenerator[Piece | End, None]:
        began = asyncio.get_running_loop().time()
        end = began + limits.seconds
        first = min(end, began + limits.first_token)
        answer = _Answer(limits, estimated_prompt(messages), self._prices)
        async with self._response(_request(self.name, messages, limits, schema), first) as response:
            received = response.aiter_bytes()
            parser = EventStream()
            while not answer.done:
                data = await _in_time(anext(received, b""), end if answer.letters else first)
                if not data:
                    break
                for event in parser.feed(data):
                    if text := answer.take(event):
                        yield Piece(text)
        yield answer.end()

    @asynccontextmanager
    async def _response(self, body: Mapping[str, object], deadline: float) -> AsyncIterator[httpx.Response]:
        """The server's answer, opened and accepted; closed in any case. Raises a ``GeneratorError``."""
        request = self._client.build_request("POST", self._url, json=body)
        response = await _in_time(self._client.send(request, stream=True), deadline)
        try:
            if response.status_code != httpx.codes.OK:
                raise await _refusal(response, deadline)
            yield response
        finally:
            await response.aclose()


class _Answer:
    """What one stream of chunks has said so far."""

    def __init__(self, limits: Limits, asked: int, prices: Prices) -> None:
        self._limits = limits
        self._asked = asked
        self._prices = prices
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._written = 0
        self.letters = 0
        self.done = False

    def take(self, event: str) -> str:
        """The text that an event adds. Raises a ``GeneratorError``."""
        if event.strip() == _DONE:
            self.done = True
            return ""
        try:
            chunk = json.loads(event)
        except json.JSONDecodeError as error:
            raise GeneratorMalformed(f"the server sent an event that is not JSON: {error}") from error
        if not isinstance(chunk, dict):
            raise GeneratorMalformed("the server sent an event that is no object")
        if chunk.get("error"):
            raise GeneratorUnavailable(f"the server failed in the middle of its answer: {str(chunk['error'])[:200]}")
        self._count(chunk.get("usage"))
        text = self._choice(chunk.get("choices"))
        self.letters += len(text)
        self._written += estimated_tokens(text)
        if self.letters > self._limits.tokens * _LETTERS_PER_TOKEN:
            raise GeneratorMalformed(f"the server wrote more than the {self._limits.tokens} tokens that it was allowed")
        return text

    def end(self) -> End:
        """How it ended. Raises ``GeneratorUnavailable`` when it only broke off, ``GeneratorRefused`` when it was kept
        from answering."""
        usage = self._usage or self._prices.usage(self._asked, self._written)
        match self._finish:
            case None:
                raise GeneratorUnavailable("the server's answer broke off; ask again")
            case "length":
                return End(Finish.TOO_LONG, usage)
            case "content_filter":
                raise GeneratorRefused("the server's content filter withheld the answer")
            case _:
                return End(Finish.COMPLETE, usage)

    def _choice(self, choices: object) -> str:
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._finish = finish
        delta = choice.get("delta")
        content = delta.get("content") if isinstance(delta, dict) else None
        return content if isinstance(content, str) else ""

    def _count(self, usage: object) -> None:
        if not isinstance(usage, dict):
            return
        prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if isinstance(prompt, int) and isinstance(completion, int):
            self._usage = self._prices.usage(prompt, completion)


def _request(model: str, messages: Sequence[Message], limits: Limits, schema: Schema | None) -> dict[str, object]:
    body: dict[str, object] = {
        "model": model,
        "messages": [{"role": message.author.value, "content": message.text} for message in messages],
        "max_tokens": limits.tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if schema is not None:
        described = {"name": "answer", "strict": True, "schema": closed(schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": described}
    return body


def closed(schema: object) -> object:
    """The same schema with every object closed to properties that it does not name, as strict servers demand."""
    if isinstance(schema, Mapping):
        parts = {key: closed(part) for key, part in schema.items()}
        return {**parts, "additionalProperties": False} if schema.get("type") == "object" else parts
    if isinstance(schema, list | tuple):
        return [closed(part) for part in schema]
    return schema


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, 10.2.3): a number, or a date; None when it says
    nothing."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):
        return None


async def _in_time(work: Awaitable[R], deadline: float) -> R:
    """What ``work`` gives before ``deadline`` of the loop's clock. Raises a ``GeneratorError``."""
    try:
        async with asyncio.timeout_at(deadline):
            return await work
    except TimeoutError as error:
        raise GeneratorTimedOut("the server did not go on in time; raise AICC_LLM_TIMEOUT, or use less") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise GeneratorRefused(f"AICC_LLM_URL cannot be asked: {error}") from error
    except httpx.HTTPError as error:
        raise GeneratorUnavailable(f"the server cannot be reached or broke off: {error!r}") from error


async def _refusal(response: httpx.Response, deadline: float) -> GeneratorError:
    """The error that a status means, with the beginning of what the server says about it."""
    body, received = b"", response.aiter_bytes()
    while len(body) < _LARGEST_ERROR and (piece := await _in_time(anext(received, b""), deadline)):
        body += piece
    said = body[:_LARGEST_ERROR].decode("utf-8", errors="replace").strip()[:200]
    if response.status_code in _PASSING:
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return GeneratorUnavailable(f"the server answered {response.status_code}: {said}", wait)
    return GeneratorRefused(f"the server answered {response.status_code}: {said}; check AICC_LLM_MODEL and its key")


def _validate(generation: Generation, schema: Schema) -> None:
    if generation.finish is Finish.TOO_LONG:
        raise GeneratorMalformed("the server's JSON was cut off at the limit of tokens")
    try:
        broken = violations(schema, json.loads(generation.text))
    except json.JSONDecodeError as error:
        raise GeneratorMalformed(f"the server's answer is not JSON, though a schema was given: {error}") from error
    if broken:
        raise GeneratorMalformed(f"the server's answer does not fit its schema: {'; '.join(broken[:5])}")
