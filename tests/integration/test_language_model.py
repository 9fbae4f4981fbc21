"""A gateway with a language model configured asks it, over HTTP, for what callers mean and for words of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.app import open_house
from gateway.house import House, Parts
from gateway.web import web_app
from tests.dialog.model_server import ModelServer, Visit
from tests.house import small_tenant

pytestmark = pytest.mark.asyncio(loop_scope="module")

TENANT = "hanbit-store"
ODD = "I do not want that thing to be sent to me anymore"


def quiet(step: str, state: str) -> None:
    """No progress is shown."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[ModelServer]:
    model = ModelServer()
    listening = await model.start()
    yield model
    listening.close()
    await listening.wait_closed()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = small_tenant(tmp_path_factory.mktemp("tenants"), ("en/delivery/standard-delivery.md",))
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("ENGINE", "openai"), ("URL", server.url), ("MODEL", "small-en"), ("API_KEY", "sk-1")):
            environment.setenv(f"AICC_LLM_{name}", value)
        async with open_house(tmp_path_factory.mktemp("data"), [folder], Parts.LANGUAGE_MODEL, quiet) as whole:
            await whole.knowledge.ingest(folder / "knowledge", tenant=TENANT)
            yield whole


def obliging(visit: Visit) -> Awaitable[None]:
    """Copies the evidence's sentence that was asked for, and takes any odd wish for a cancellation."""
    data = json.loads(visit.body["messages"][-1]["content"])
    if "caller_said" in data:
        about = {"flow": "cancel_order", "slot": None, "value": None, "words": data["caller_said"]}
        return visit.answer(json.dumps({"commands": [{**about, "command": "start_flow"}]}), usage=(300, 20))
    number = next(one["number"] for one in data["evidence"] if "3,000" in one["text"])
    return visit.answer("As standard, delivery", f" costs 3,000 won. [{number}]\n", usage=(400, 12))


async def ask(house: House, text: str) -> dict[str, Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web_app(house)), base_url="http://test") as http:
        response = await http.post(f"/v1/tenants/{TENANT}/ask", json={"text": text, "language": "en"}, timeout=30.0)
        answer: dict[str, Any] = response.json()
        return answer


async def test_it_words_answers_and_understands_what_is_odd(house: House, server: ModelServer) -> None:
    server.behave = [obliging]
    answer = await ask(house, "how much does standard delivery cost?")
    assert answer["answer"].endswith("As standard, delivery costs 3,000 won.")
    assert answer["citations"][0]["quote"] == "Standard delivery costs 3,000 won."
    assert server.visits[-1].headers["authorization"] == "Bearer sk-1"
    assert server.visits[-1].body["model"] == "small-en"
    assert (await ask(house, ODD))["decision"] == "act"  # the flow asks which order is meant


async def test_without_the_server_calls_are_answered_all_the_same(house: House, server: ModelServer) -> None:
    server.behave = [lambda visit: visit.begin("500 Internal Server Error")]
    answer = await ask(house, "how much does standard delivery cost?")
    assert "Standard delivery costs 3,000 won." in answer["answer"]
    server.behave = [lambda visit: visit.answer("Standard delivery costs 1 won. [1]\n", usage=(1, 1))]
    assert "Standard delivery costs 3,000 won." in (await ask(house, "how much does standard delivery cost?"))["answer"]


async def test_the_gateway_says_which_model_it_is(house: House) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web_app(house)), base_url="http://test") as http:
        assert (await http.get("/readyz")).json()["language_model"] == "openai:small-en"
