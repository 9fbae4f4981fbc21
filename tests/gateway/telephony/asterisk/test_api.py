"""What a dial plan tells and asks over HTTP: who may, in which form, and what it is answered."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from gateway.telephony.asterisk.announcement import Announcements
from gateway.telephony.asterisk.api import asterisk_router
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import TransferMethod, TransferOrder

TOKEN = "a secret of some length"
CALL = "40325ec2-5efd-4bd3-805f-53576e581d13"
CALLS = "/telephony/asterisk/calls"


class Asterisk:
    """The endpoints, and what they keep."""

    def __init__(self, most: int = 10, **settings: Any) -> None:
        self.announcements = Announcements(30.0, most, lambda: 0.0)
        self.returning = Returning(lambda: 0.0)
        app = FastAPI()
        app.include_router(
            asterisk_router(TelephonySettings(**settings), SecretStr(TOKEN), self.announcements, self.returning)
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")

    async def post(self, token: str | None = TOKEN, **more: Any) -> httpx.Response:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return await self.http.post(CALLS, headers=headers, **more)


async def test_a_call_is_announced_by_a_form_or_by_json() -> None:
    asterisk = Asterisk()
    form = {"uuid": CALL, "from": "010", "to": "1588", "x-queue": "vip"}
    assert (await asterisk.post(data=form)).status_code == 202
    announced = asterisk.announcements.come(CALL)
    assert announced is not None
    assert (announced.who.ani, announced.who.dnis, dict(announced.who.headers)) == ("010", "1588", {"x-queue": "vip"})
    told = {"uuid": CALL, "to": "1588", "headers": {"Diversion": "<sip:a@b>"}}
    assert (await asterisk.post(json=told)).status_code == 202
    announced = asterisk.announcements.come(CALL)
    assert announced is not None
    assert dict(announced.who.headers) == {"diversion": "<sip:a@b>"}


async def test_the_secret_may_be_a_field_and_is_asked_for_everywhere() -> None:
    asterisk = Asterisk()
    assert (await asterisk.post(token=None, data={"uuid": CALL, "token": TOKEN})).status_code == 202
    for refused in (
        await asterisk.post(token=None, data={"uuid": CALL}),
        await asterisk.post(token="wrong", data={"uuid": CALL, "token": TOKEN}),
        await asterisk.post(token=None, data={"uuid": CALL, "token": "비밀"}),
        await asterisk.http.get(f"{CALLS}/c-1/destination"),
        await asterisk.http.get(f"{CALLS}/c-1/destination", params={"token": "x"}),
    ):
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"uuid": "7"}}, 422),
        ({"json": {"uuid": CALL, "format": "opus"}}, 422),
        ({"json": {"uuid": 7}}, 400),
        ({"json": [CALL]}, 400),
        ({"json": {"uuid": CALL, "headers": "x"}}, 400),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"a=1&" * 200}, 400),
        ({"content": b"x" * 3000}, 413),
    ],
)
async def test_what_is_no_announcement_is_answered_with_why(sent: dict[str, Any], status: int) -> None:
    asterisk = Asterisk(max_body=2048)
    headers = {"authorization": f"Bearer {TOKEN}", **sent.pop("headers", {})}
    answer = await asterisk.http.post(CALLS, headers=headers, **sent)
    assert (answer.status_code, answer.text.strip() != "") == (status, True)


async def test_more_than_may_wait_are_told_to_come_later() -> None:
    asterisk = Asterisk(most=0)
    assert (await asterisk.post(data={"uuid": CALL})).status_code == 503


async def test_the_dial_plan_is_told_once_where_a_call_goes_that_came_back() -> None:
    class Gone:
        def say(self, message: str | bytes) -> None:
            raise AssertionError("there is nothing to say")

        async def ended(self) -> Any:
            await asyncio.sleep(3600)

    asterisk = Asterisk()
    order = TransferOrder(TransferMethod.PROVIDER, "queue-h42", "h42", within=20.0)
    moving = asyncio.create_task(asterisk.returning.transferor("c-1", lambda: None).transfer(order, Gone()))
    await asyncio.sleep(0)
    ask = {"url": f"{CALLS}/c-1/destination", "params": {"token": TOKEN}}
    assert [(await asterisk.http.get(**ask)).text for _ in range(2)] == ["queue-h42", ""]
    moving.cancel()
