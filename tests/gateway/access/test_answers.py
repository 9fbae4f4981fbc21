from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, HTTPException
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors
from gateway.access.errors import NotAllowed, SignInPaused
from infra.storage.errors import DatabaseUnavailable, ValueNotHeld


@pytest.fixture
async def http() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    answer_errors(app)
    errors = {
        "refused": NotAllowed("this needs the role agent"),
        "paused": SignInPaused("try again", 30),
        "storage": DatabaseUnavailable("host db-7 port 5432 failed"),
        "nul": ValueNotHeld("text fields cannot contain NUL"),
        "plain": HTTPException(404, "no such call", {"x-more": "1"}),
        "coded": HTTPException(409, {"code": "stale_epoch", "message": "somebody else has the call"}),
        "odd": HTTPException(418),
    }

    @app.get("/{name}")
    async def fail(name: str, number: int = 0) -> None:
        raise errors[name]

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as http:
        yield http


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/refused", 403, "not_allowed"),
        ("/paused", 429, "sign_in_paused"),
        ("/storage", 503, "storage_unavailable"),
        ("/nul", 422, "invalid_request"),
        ("/plain", 404, "not_found"),
        ("/coded", 409, "stale_epoch"),
        ("/odd", 418, "refused"),
        ("/refused?number=x", 422, "invalid_request"),
    ],
)
async def test_every_refusal_has_a_code_and_a_message(http: AsyncClient, path: str, status: int, code: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


async def test_what_others_read_in_it_is_still_there(http: AsyncClient) -> None:
    plain, paused = await http.get("/plain"), await http.get("/paused")
    assert (plain.json()["detail"], plain.headers["x-more"]) == ("no such call", "1")
    assert paused.headers["retry-after"] == "30"


async def test_neither_what_was_sent_nor_where_we_keep_things_is_repeated(http: AsyncClient) -> None:
    wrong = await http.get("/refused?number=my%20secret")
    assert "secret" not in wrong.text and "number" in wrong.json()["message"]
    assert "db-7" not in (await http.get("/storage")).text
