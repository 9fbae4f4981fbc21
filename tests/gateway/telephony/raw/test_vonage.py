"""Vonage's call control: what its webhooks are answered, and a REST API of our making that is asked to move calls."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, Response

from gateway.telephony.leg import HungUp, LegInfo, Refusal, RefusalReason
from gateway.telephony.raw.vonage import HEADERS_LIMIT, VonageApi, connect, dial, refuse
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder, Transferred, TransferUnclear
from infra.errors import ConfigError

KEY = RSAKey.generate_key(2048)
NOW = 1_795_000_000.0


def order(target: str = "+8215880000", **more: Any) -> TransferOrder:
    return TransferOrder(TransferMethod.PROVIDER, target, "h42", within=25.0, **more)


def test_a_call_is_connected_with_our_socket_which_is_told_whose_it_is() -> None:
    [action] = connect("wss://gw/m", 16_000, "https://gw/event", {"call": "c-1", "from": "+8210", "x-queue": ""})
    [endpoint] = action["endpoint"]
    assert (action["action"], action["eventUrl"]) == ("connect", ["https://gw/event"])
    assert endpoint == {
        "type": "websocket",
        "uri": "wss://gw/m",
        "content-type": "audio/l16;rate=16000",
        "headers": {"call": "c-1", "from": "+8210"},
        "authorization": {"type": "vonage"},
    }


def test_a_socket_is_told_no_more_than_vonage_passes_on() -> None:
    said = {"call": "c-1", **{f"x-{n}": "v" * 100 for n in range(20)}}
    [action] = connect("wss://gw/m", 8000, "", said)
    told = action["endpoint"][0]["headers"]
    assert len(json.dumps(told)) <= HEADERS_LIMIT
    assert told["call"] == "c-1"


def test_a_call_that_is_not_taken_is_told_so_where_there_is_something_to_say() -> None:
    assert refuse(Refusal(RefusalReason.REJECTED, "no", "en")) == []
    assert refuse(Refusal(RefusalReason.BUSY)) == []
    assert refuse(Refusal(RefusalReason.BUSY, "통화 중", "ko")) == [
        {"action": "talk", "text": "통화 중", "language": "ko-KR"}
    ]


@pytest.mark.parametrize(
    ("target", "endpoint"),
    [
        ("+8215880000", {"type": "phone", "number": "8215880000"}),
        ("tel:+8215880000", {"type": "phone", "number": "8215880000"}),
        ("sip:q@pbx", {"type": "sip", "uri": "sip:q@pbx", "headers": {"handoff": "h42", "X-Queue": "vip"}}),
        ("queue:support", None),
        ("wss://elsewhere", None),
        ("", None),
    ],
)
def test_whom_vonage_can_call(target: str, endpoint: dict[str, Any] | None) -> None:
    ncco = dial(order(target, headers={"X-Queue": "vip"}), "+1588")
    if endpoint is None:
        assert ncco is None
    else:
        assert ncco == [{"action": "connect", "timeout": 25, "endpoint": [endpoint], "from": "1588"}]


@dataclass
class Vonage:
    """Its REST API, as far as moving calls needs it."""

    url: str = ""
    answer: Response = field(default_factory=lambda: Response(status_code=204))
    asked: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    async def update(self, call: str, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, RSAKey.import_key(KEY.as_dict(private=False)), algorithms=["RS256"]).claims
        self.asked.append((call, await request.json(), claims))
        return self.answer


@contextlib.asynccontextmanager
async def vonage() -> AsyncIterator[Vonage]:
    api, app, listening = Vonage(), FastAPI(), socket.socket()
    app.add_api_route("/v1/calls/{call}", api.update, methods=["PUT"], response_model=None)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    api.url = "http://{}:{}".format(*listening.getsockname())
    try:
        yield api
    finally:
        server.should_exit = True
        await serving


class FarEnd:
    def say(self, message: str | bytes) -> None:
        raise AssertionError("nothing is said on the wire")

    async def ended(self) -> HungUp:
        raise AssertionError("nobody waits for the leg")


async def moved(url: str, key: Path, target: str = "+8215880000") -> object:
    api = VonageApi(url, "app-1", key, lambda: NOW)
    info = LegInfo("c-1", "c-1", "+8210", "+8216", "vonage", 16_000)
    transferor = api.transferor(info)
    assert transferor.methods == {TransferMethod.PROVIDER}
    return await transferor.transfer(order(target), FarEnd())


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "private.key"
    path.write_bytes(KEY.as_pem(private=True))
    return path


async def test_a_call_is_moved_by_a_request_that_our_key_has_signed(key: Path) -> None:
    async with vonage() as api:
        assert await moved(api.url, key) == Transferred(confirmed=False)
    [(call, told, claims)] = api.asked
    assert call == "c-1"
    assert told["action"] == "transfer"
    assert told["destination"]["ncco"][0]["endpoint"] == [{"type": "phone", "number": "8215880000"}]
    assert (claims["application_id"], claims["iat"], claims["exp"] - claims["iat"]) == ("app-1", int(NOW), 60)


async def test_what_vonage_answers_says_what_became_of_it(key: Path) -> None:
    async with vonage() as api:
        assert isinstance(await moved(api.url, key, "queue:x"), NotTransferred)
        assert api.asked == []
        api.answer = JSONResponse({"title": "Bad Request"}, status_code=400)
        refused = await moved(api.url, key)
        assert isinstance(refused, NotTransferred)
        assert refused.code == 400
        api.answer = Response(status_code=503)
        assert isinstance(await moved(api.url, key), TransferUnclear)
    assert isinstance(await moved(api.url, key), NotTransferred)  # nobody is there any more


def test_a_file_without_a_key_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("no key")
    for path in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(ConfigError, match="vonage_private_key"):
            VonageApi("http://x", "app", path)
