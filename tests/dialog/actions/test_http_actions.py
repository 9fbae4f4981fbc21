"""Actions over HTTP against a server that also fails, hangs, babbles and breaks off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Service, Succeeded, Unknown
from dialog.actions.http_actions import LARGEST_ANSWER, HttpActions
from dialog.releases.release import Release
from tests.dialog.surroundings import ORDERS, OrderService

KEY = "0f0e0d0c-0000-5000-8000-000000000000"
NUMBER = {"order_number": "20261187"}


@pytest.fixture
def look_up(release: Release) -> Action:
    return replace(release.actions["order_status"], timeout=2.0)


@pytest.fixture
async def port(orders: OrderService) -> AsyncIterator[HttpActions]:
    actions = HttpActions({"orders": orders.url + "/"}, jitter=lambda: 0.0)
    yield actions
    await actions.close()


def failure(outcome: Outcome) -> tuple[FailureKind, int]:
    assert isinstance(outcome, Failed)
    return outcome.kind, outcome.attempts


async def test_an_order_is_read_and_only_what_was_described_comes_through(port: HttpActions, look_up: Action) -> None:
    orders_result = dict(ORDERS["20261187"])
    outcome = await port.perform(look_up, NUMBER, key=KEY)
    assert isinstance(outcome, Succeeded)
    assert outcome.result["status"] == "shipped"
    assert set(outcome.result) <= set(orders_result)


async def test_what_is_not_there_is_asked_for_once(port: HttpActions, look_up: Action, orders: OrderService) -> None:
    assert failure(await port.perform(look_up, {"order_number": "99999999"}, key=KEY)) == (FailureKind.NOT_FOUND, 1)
    assert orders.asked == ["/orders/99999999"]


async def test_a_passing_failure_of_a_read_is_tried_once_more(
    port: HttpActions, look_up: Action, orders: OrderService
) -> None:
    orders.behave = lambda path, turn: (503, 0.0, b"") if turn == 1 else (200, 0.0, None)
    outcome = await port.perform(look_up, NUMBER, key=KEY)
    assert isinstance(outcome, Succeeded)
    assert outcome.attempts == 2


async def test_a_failure_that_stays_is_told_after_two_tries(
    port: HttpActions, look_up: Action, orders: OrderService
) -> None:
    orders.behave = lambda path, turn: (500, 0.0, b"")
    assert failure(await port.perform(look_up, NUMBER, key=KEY)) == (FailureKind.UNAVAILABLE, 2)
    assert len(orders.asked) == 2


async def test_a_server_that_hangs_is_given_up_in_time(
    port: HttpActions, look_up: Action, orders: OrderService
) -> None:
    orders.behave = lambda path, turn: (200, 30.0, None)
    assert failure(await port.perform(replace(look_up, timeout=0.1), NUMBER, key=KEY)) == (FailureKind.TIMED_OUT, 2)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"[]",
        json.dumps({**ORDERS["20261187"], "status": "stolen"}).encode(),
        json.dumps({"status": "shipped"}).encode(),
        json.dumps({**ORDERS["20261187"], "estimated_delivery": "soon"}).encode(),
    ],
)
async def test_an_answer_that_does_not_fit_is_not_told(
    port: HttpActions, look_up: Action, orders: OrderService, body: bytes
) -> None:
    orders.behave = lambda path, turn: (200, 0.0, body)
    assert failure(await port.perform(look_up, NUMBER, key=KEY)) == (FailureKind.MALFORMED, 1)


async def test_an_answer_without_end_is_not_read_to_its_end(
    port: HttpActions, look_up: Action, orders: OrderService
) -> None:
    orders.behave = lambda path, turn: (200, 0.0, b" " * (LARGEST_ANSWER + 1) + b"{}")
    assert failure(await port.perform(look_up, NUMBER, key=KEY)) == (FailureKind.MALFORMED, 1)


@pytest.mark.parametrize("status", [301, 400, 401, 403])
async def test_a_refusal_is_a_refusal_and_redirects_are_not_followed(
    port: HttpActions, look_up: Action, orders: OrderService, status: int
) -> None:
    orders.behave = lambda path, turn: (status, 0.0, b"{}")
    assert failure(await port.perform(look_up, NUMBER, key=KEY)) == (FailureKind.REJECTED, 1)


async def test_nobody_listening_is_a_failure(look_up: Action) -> None:
    port = HttpActions({"orders": "http://127.0.0.1:9"}, jitter=lambda: 0.0)
    assert failure(await port.perform(look_up, NUMBER, key=KEY)) == (FailureKind.UNAVAILABLE, 2)
    await port.close()


class Far:
    """The other side, without a socket: notes requests and does as told."""

    def __init__(self, reply: httpx.Response | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self._reply = reply

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self._reply, Exception):
            raise self._reply
        return self._reply


REFUND = Action(
    "refund",
    Service("orders", "http://orders.example"),
    "POST",
    "/orders/{order_number}/refund",
    Risk.IRREVERSIBLE,
    1.0,
    {"type": "object", "properties": {"order_number": {"type": "string"}, "reason": {"type": "string"}}},
    {"type": "object", "required": ["done"], "properties": {"done": {"type": "boolean"}}},
)


@pytest.mark.parametrize("reply", [httpx.ReadError("cut"), httpx.Response(502), httpx.Response(200, content=b"oops")])
async def test_a_write_whose_fate_is_not_known_is_unknown_and_never_repeated(reply: httpx.Response | Exception) -> None:
    far = Far(reply)
    port = HttpActions(transport=httpx.MockTransport(far))
    outcome = await port.perform(REFUND, {"order_number": "1/../2", "reason": "late"}, key=KEY)
    assert isinstance(outcome, Unknown)
    assert len(far.requests) == 1
    await port.close()


async def test_a_write_that_never_left_has_failed() -> None:
    port = HttpActions(transport=httpx.MockTransport(Far(httpx.ConnectError("refused"))))
    assert isinstance(await port.perform(REFUND, {"order_number": "1"}, key=KEY), Failed)
    await port.close()


async def test_what_reads_carries_its_arguments_in_the_address(look_up: Action) -> None:
    far = Far(httpx.Response(404))
    port = HttpActions(transport=httpx.MockTransport(far))
    await port.perform(replace(look_up, path="/orders"), {"order_number": "1&2", "open": True}, key=KEY)
    assert far.requests[0].url.raw_path == b"/orders?order_number=1%262&open=true"
    assert "Idempotency-Key" not in far.requests[0].headers
    await port.close()


async def test_arguments_are_escaped_and_a_write_carries_its_key() -> None:
    far = Far(httpx.Response(200, json={"done": True, "secret": "x"}))
    port = HttpActions(transport=httpx.MockTransport(far))
    outcome = await port.perform(REFUND, {"order_number": "1/../2", "reason": "a&b"}, key=KEY)
    assert outcome == Succeeded({"done": True})
    (request,) = far.requests
    assert request.url.raw_path == b"/orders/1%2F..%2F2/refund"
    assert json.loads(request.content) == {"reason": "a&b"}
    assert request.headers["Idempotency-Key"] == KEY
    await port.close()
