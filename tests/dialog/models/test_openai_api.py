"""Chat completions over real HTTP, with a server at its worst."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from dialog.models.circuit_breaker import Backoff
from dialog.models.generator import (
    Author,
    End,
    Finish,
    GeneratorMalformed,
    GeneratorRefused,
    GeneratorTimedOut,
    GeneratorUnavailable,
    Limits,
    Message,
    Piece,
    Prices,
    Usage,
    collect,
)
from dialog.models.guarded_generator import SteadyGenerator
from dialog.models.openai_api import OpenAiGenerator, Server, closed, retry_after
from tests.dialog.model_server import Behaviour, ModelServer, Visit

LIMITS = Limits(tokens=64, first_token=2.0, seconds=4.0)
HASTY = Limits(tokens=64, first_token=0.1, seconds=0.2)
ASK = (Message(Author.SYSTEM, "Answer."), Message(Author.USER, "배송비 얼마예요?"))
SCHEMA = {"type": "object", "required": ["words"], "properties": {"words": {"type": "string"}}}


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    model = ModelServer()
    listening = await model.start()
    yield model
    listening.close()
    await listening.wait_closed()


@pytest.fixture
async def generator(server: ModelServer) -> AsyncIterator[OpenAiGenerator]:
    model = OpenAiGenerator(Server(server.url, "small-ko", SecretStr("sk-test")), Prices(prompt=1.0, completion=2.0))
    yield model
    await model.close()


def answering(*pieces: str, finish: str = "stop", usage: tuple[int, int] | None = None) -> Behaviour:
    return lambda visit: visit.answer(*pieces, finish=finish, usage=usage)


def failing(status: str, *headers: str) -> Behaviour:
    async def fail(visit: Visit) -> None:
        await visit.begin(status, *headers)
        await visit.send('{"error": "not now"}')

    return fail


async def test_an_answer_streams_and_its_usage_is_counted(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [answering("배송비는 ", "3,000원입니다.", usage=(40, 9))]
    events = [event async for event in generator.stream(ASK, LIMITS)]
    assert events == [
        Piece("배송비는 "),
        Piece("3,000원입니다."),
        End(Finish.COMPLETE, Usage(40, 9, pytest.approx(0.058))),
    ]
    visit = server.visits[0]
    assert visit.body["path"].startswith("POST /v1/chat/completions")
    assert visit.headers["authorization"] == "Bearer sk-test"
    assert (visit.body["model"], visit.body["max_tokens"], visit.body["temperature"]) == ("small-ko", 64, 0)
    assert visit.body["messages"][1] == {"role": "user", "content": "배송비 얼마예요?"}


async def test_a_server_that_counts_nothing_is_estimated(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [answering("three")]
    assert (await generator.generate(ASK, LIMITS)).usage.completion_tokens == 2


async def test_a_schema_goes_along_and_is_checked(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [answering('{"words": ', '"3,000원"}')]
    assert json.loads((await generator.generate(ASK, LIMITS, SCHEMA)).text) == {"words": "3,000원"}
    sent = server.visits[0].body["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == {**SCHEMA, "additionalProperties": False}


@pytest.mark.parametrize("said", ["Sure! Here you are:", '{"words": 3}', '{"other": "x"}', ""])
async def test_what_does_not_fit_the_schema_is_refused(
    server: ModelServer, generator: OpenAiGenerator, said: str
) -> None:
    server.behave = [answering(said)]
    with pytest.raises(GeneratorMalformed):
        await generator.generate(ASK, LIMITS, SCHEMA)


async def test_json_that_was_cut_at_the_limit_is_named_so(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [answering('{"words": "3,0', finish="length")]
    with pytest.raises(GeneratorMalformed, match="limit of tokens"):
        await generator.generate(ASK, LIMITS, SCHEMA)
    assert (await generator.generate(ASK, LIMITS)).finish is Finish.TOO_LONG


async def test_a_server_that_hangs_is_left(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [server.hang]
    with pytest.raises(GeneratorTimedOut):
        await generator.generate(ASK, HASTY)
    await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_a_server_that_begins_and_hangs_is_left(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def begins(visit: Visit) -> None:
        await visit.begin()
        await visit.chunk("Delivery")
        await server.hang(visit)

    server.behave = [begins]
    events = generator.stream(ASK, HASTY)
    assert await anext(events) == Piece("Delivery")
    with pytest.raises(GeneratorTimedOut):
        await anext(events)
    await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_a_server_that_drips_for_ever_is_left(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def drips(visit: Visit) -> None:
        await visit.begin()
        while not visit.reader.at_eof():
            await visit.chunk("a")
            await asyncio.sleep(0.03)
        server.hung_up.set()

    server.behave = [drips]
    with pytest.raises(GeneratorTimedOut):
        await generator.generate(ASK, HASTY)
    await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_keeping_the_line_open_without_a_word_is_no_answer(
    server: ModelServer, generator: OpenAiGenerator
) -> None:
    async def breathes(visit: Visit) -> None:
        await visit.begin()
        while not visit.reader.at_eof():
            await visit.send(": still here\n\n")
            await asyncio.sleep(0.02)

    server.behave = [breathes]
    with pytest.raises(GeneratorTimedOut):
        await generator.generate(ASK, HASTY)


async def test_closing_the_stream_closes_the_connection(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def begins(visit: Visit) -> None:
        await visit.begin()
        await visit.chunk("Deli")
        await server.hang(visit)

    server.behave = [begins]
    async with aclosing(generator.stream(ASK, LIMITS)) as events:
        assert await anext(events) == Piece("Deli")
    await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_an_answer_that_is_cut_off_is_no_answer(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def cuts(visit: Visit) -> None:
        await visit.begin()
        await visit.chunk("Delivery costs 3,0")

    server.behave = [cuts]
    with pytest.raises(GeneratorUnavailable, match="broke off"):
        await generator.generate(ASK, LIMITS)


async def test_a_body_shorter_than_promised_is_no_answer(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def cuts(visit: Visit) -> None:
        await visit.begin("200 OK", "Content-Length: 5000")
        await visit.chunk("Delivery")

    server.behave = [cuts]
    with pytest.raises(GeneratorUnavailable):
        await generator.generate(ASK, LIMITS)


@pytest.mark.parametrize("said", ["data: not JSON\n\n", "data: [1, 2]\n\n", "x" * 70_000])
async def test_babble_is_no_answer(server: ModelServer, generator: OpenAiGenerator, said: str) -> None:
    async def babbles(visit: Visit) -> None:
        await visit.begin()
        await visit.send(said)

    server.behave = [babbles]
    with pytest.raises(GeneratorMalformed):
        await generator.generate(ASK, LIMITS)


async def test_more_than_was_allowed_is_cut_off(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def floods(visit: Visit) -> None:
        await visit.begin()
        while not visit.reader.at_eof():
            await visit.chunk("long " * 100)
            await asyncio.sleep(0)

    server.behave = [floods]
    with pytest.raises(GeneratorMalformed, match="64 tokens"):
        await generator.generate(ASK, LIMITS)


async def test_a_failure_in_the_middle_is_one(server: ModelServer, generator: OpenAiGenerator) -> None:
    async def fails(visit: Visit) -> None:
        await visit.begin()
        await visit.send('data: {"error": {"message": "out of memory"}}\n\n')

    server.behave = [fails]
    with pytest.raises(GeneratorUnavailable, match="out of memory"):
        await generator.generate(ASK, LIMITS)


async def test_a_content_filter_is_a_refusal(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [answering(finish="content_filter")]
    with pytest.raises(GeneratorRefused):
        await generator.generate(ASK, LIMITS)


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "400 Bad Request", "302 Found"])
async def test_what_the_server_will_never_do_is_a_refusal_and_keeps_the_key(
    server: ModelServer, generator: OpenAiGenerator, status: str
) -> None:
    server.behave = [failing(status)]
    with pytest.raises(GeneratorRefused, match=status[:3]) as caught:
        await generator.generate(ASK, LIMITS)
    assert "sk-test" not in str(caught.value)


async def test_too_many_requests_are_told_with_the_time_to_wait(
    server: ModelServer, generator: OpenAiGenerator
) -> None:
    server.behave = [failing("429 Too Many Requests", "Retry-After: 7")]
    with pytest.raises(GeneratorUnavailable) as caught:
        await generator.generate(ASK, LIMITS)
    assert caught.value.retry_after == 7.0


async def test_a_server_that_fails_once_is_asked_again(server: ModelServer, generator: OpenAiGenerator) -> None:
    server.behave = [failing("500 Internal Server Error"), answering("fine")]
    steady = SteadyGenerator(generator, backoff=Backoff(first=0.01))
    assert (await collect(steady.stream(ASK, LIMITS))).text == "fine"
    assert len(server.visits) == 2


async def test_nobody_listening_is_told_at_once() -> None:
    generator = OpenAiGenerator(Server("http://127.0.0.1:9/v1", "m"))
    with pytest.raises(GeneratorUnavailable, match="reached"):
        await generator.generate(ASK, LIMITS)
    await generator.close()


async def test_an_address_that_is_none_is_refused() -> None:
    generator = OpenAiGenerator(Server("ftp://somewhere", "m"))
    with pytest.raises(GeneratorRefused, match="AICC_LLM_URL"):
        await generator.generate(ASK, LIMITS)
    with pytest.raises(GeneratorRefused, match="schema"):
        await generator.score_choices(ASK, ("a",), LIMITS)
    await generator.close()


def test_every_object_of_a_schema_is_closed() -> None:
    nested = {"type": "array", "items": {"type": "object", "properties": {"a": {"enum": ["x", None]}}}}
    assert closed(nested) == {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"enum": ["x", None]}}, "additionalProperties": False},
    }


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3.0), ("-2", 0.0), ("Sun, 22 Nov 2026 04:00:30 GMT", 30.0), ("soon", None)],
)
def test_how_long_to_wait_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 11, 22, 4, 0, tzinfo=UTC)) == seconds
