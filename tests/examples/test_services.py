"""The example's services over real sockets: what they change, what they refuse, and that a key counts once."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.dialogs.shop import Shop, shop

VISIT = {"phone": "01012345678", "at": "2026-11-24T15:00", "people": 2}


@pytest.fixture(scope="module")
def services() -> Iterator[Shop]:
    with shop() as running:
        yield running


def ask(url: str, body: object = None, method: str = "GET", key: str = "") -> tuple[int, dict[str, object]]:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Idempotency-Key": key} if key else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_an_order_is_cancelled_once_and_only_before_it_leaves(services: Shop) -> None:
    orders = services.urls["orders"]
    assert ask(f"{orders}/orders/20261199/cancel", {}, "POST", "a")[1]["status"] == "cancelled"
    assert ask(f"{orders}/orders/20261199/cancel", {}, "POST", "a")[0] == 200
    assert ask(f"{orders}/orders/20261199/cancel", {}, "POST", "b") == (409, {"error": "not_cancellable"})
    assert ask(f"{orders}/orders/20261187/cancel", {}, "POST", "c")[0] == 409
    assert ask(f"{orders}/orders/20261199")[1]["status"] == "cancelled"


def test_money_goes_back_once_for_each_key_and_never_more_than_was_paid(services: Shop) -> None:
    url = f"{services.urls['orders']}/orders/20260001/refund"
    for _ in range(2):
        assert ask(url, {"amount": 20_000, "reason": "damaged"}, "POST", "one")[1]["refunded_krw"] == 20_000
    assert ask(url, {"amount": 20_000, "reason": "damaged"}, "POST", "two") == (409, {"error": "not_refundable"})
    assert ask(url, {"amount": 7_600, "reason": "damaged"}, "POST", "three")[1]["refunded_krw"] == 27_600


def test_an_address_changes_before_it_leaves(services: Shop) -> None:
    orders = services.urls["orders"]
    assert (
        ask(f"{orders}/orders/20261203/address", {"address": "12 Main Street"}, "PUT")[1]["address"] == "12 Main Street"
    )
    assert ask(f"{orders}/orders/20261203/address", {}, "PUT")[0] == 409
    assert ask(f"{orders}/orders/99999999/address", {"address": "12 Main Street"}, "PUT")[0] == 404


def test_what_is_no_request_is_refused(services: Shop) -> None:
    orders, visits = services.urls["orders"], services.urls["visits"]
    assert ask(f"{orders}/orders/20261203/paint", {}, "POST")[0] == 404
    assert ask(f"{visits}/visits", {"phone": "1"}, "POST")[0] == 400
    assert ask(f"{visits}/visitors")[0] == 404
    assert ask(f"{visits}/health")[0] == 200


def test_visits_are_booked_moved_and_full(services: Shop) -> None:
    url = f"{services.urls['visits']}/visits"
    assert ask(url, VISIT, "POST", "a") == (200, {**VISIT, "status": "booked"})
    assert ask(url, VISIT, "POST", "a")[0] == 200
    assert ask(url, VISIT, "POST", "b") == (409, {"error": "booked"})
    assert ask(url, {**VISIT, "phone": "0212345678"}, "POST")[0] == 200
    assert ask(url, {**VISIT, "phone": "0212345679"}, "POST") == (409, {"error": "taken"})
    assert ask(f"{url}/01012345678", {"at": "2026-11-25T11:00"}, "PUT")[1]["at"] == "2026-11-25T11:00"
    assert ask(f"{url}/01012345678")[1]["people"] == 2
    assert ask(f"{url}/01099999999")[0] == 404
    assert ask(f"{url}/01099999999", {"at": "2026-11-25T11:00"}, "PUT")[0] == 404
