"""The whole way with real engines: a model in a worker process, and a server on a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from dialog.answers.composer import Composed, Composer, Filling, Question, Refused, Rung, Saying, evidence_of
from dialog.answers.ladder import Patience
from dialog.command import StartFlow
from dialog.models.ctranslate import CtranslateGenerator
from dialog.models.ctranslate_host import ModelPlace
from dialog.models.generator import Generator, Limits
from dialog.models.openai_api import OpenAiGenerator, Server
from dialog.models.prompt import Menu
from dialog.reply import Sentence
from dialog.turn import CallerTurn
from dialog.understanding.model_understander import ModelUnderstander
from dialog.understanding.understander import Listening
from knowledge.document import Document, Passage
from tests.dialog.model_server import ModelServer, Visit

TODAY = date(2026, 11, 22)
LIMITS = Limits(tokens=60, first_token=20.0, seconds=20.0)
QUESTION = Question("배송비가 얼마예요?", "ko")
DELIVERY = Passage("d#1", Document("d.md", "배송", "ko", "0" * 64), 0, ("배송",), "", ("배송비는 3,000원입니다.",))
EXTRACT = (Sentence("기본 배송비는 3,000원입니다."),)
TURN = CallerTurn(1, "환불 좀 해 주세요", "ko")
MENUS = {"ko": Menu({"order_status": "주문을 찾아 준다", "refund": "환불한다"})}


@pytest.fixture
async def own(reciter_folder: Path) -> AsyncIterator[CtranslateGenerator]:
    model = CtranslateGenerator(ModelPlace(reciter_folder, threads=1))
    await model.start()
    yield model
    await model.close()


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    model = ModelServer()
    listening = await model.start()
    yield model
    listening.close()
    await listening.wait_closed()


@pytest.fixture
async def remote(server: ModelServer) -> AsyncIterator[OpenAiGenerator]:
    model = OpenAiGenerator(Server(server.url, "small-ko"))
    yield model
    await model.close()


async def composed(generator: Generator, patience: Patience | None = None) -> list[Composed]:
    composer = Composer(generator, LIMITS, patience)
    evidence = evidence_of((DELIVERY,), "ko", TODAY)
    return [event async for event in composer.compose(QUESTION, evidence, today=TODAY, extract=EXTRACT)]


async def test_a_model_of_our_own_picks_a_command(own: CtranslateGenerator) -> None:
    model = ModelUnderstander(own, MENUS, seconds=20.0)
    (command,) = await model.understand(TURN, Listening())
    assert isinstance(command, StartFlow)
    assert (command.flow, command.evidence.text) == ("refund", TURN.text)
    assert not model.dropped


async def test_a_model_that_names_no_source_gives_way_to_the_passages(own: CtranslateGenerator) -> None:
    refused, said = await composed(own, Patience(filler_after=20.0, rung_after=20.0))
    assert isinstance(refused, Refused)
    assert said == Saying(EXTRACT[0], Rung.EXTRACT)


async def test_a_server_writes_commands(server: ModelServer, remote: OpenAiGenerator) -> None:
    command = {"command": "start_flow", "flow": "refund", "slot": None, "value": None, "words": "환불 좀"}
    written = json.dumps({"commands": [command]}, ensure_ascii=False)
    server.behave = [lambda visit: visit.answer(written[:20], written[20:])]
    (found,) = await ModelUnderstander(remote, MENUS, seconds=5.0).understand(TURN, Listening())
    assert isinstance(found, StartFlow) and found.evidence.text == "환불 좀"
    items = server.visits[0].body["response_format"]["json_schema"]["schema"]["properties"]["commands"]["items"]
    assert "affirm" not in items["properties"]["command"]["enum"]


async def test_a_server_words_an_answer_with_its_source(server: ModelServer, remote: OpenAiGenerator) -> None:
    server.behave = [lambda visit: visit.answer("네, 배송비는 ", "3천 원입니다", ". [1", "]")]
    (said,) = await composed(remote)
    assert isinstance(said, Saying) and said.rung is Rung.MODEL
    assert said.sentence.text == "배송비는 3천 원입니다."
    assert said.sentence.citation is not None and said.sentence.citation.quote == "배송비는 3,000원입니다."


async def test_a_server_that_hangs_costs_a_filler_and_then_its_part(
    server: ModelServer, remote: OpenAiGenerator
) -> None:
    async def hangs(visit: Visit) -> None:
        await visit.begin()
        await server.hang(visit)

    server.behave = [hangs]
    assert await composed(remote, Patience(filler_after=0.05, rung_after=0.15)) == [
        Filling(),
        Saying(EXTRACT[0], Rung.EXTRACT),
    ]
    await asyncio.wait_for(server.hung_up.wait(), 5)
