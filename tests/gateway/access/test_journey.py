from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from gateway.access.journey import HOME, from_cookie, own_path, set_out, to_cookie


def cookie(fields: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def test_what_was_taken_along_comes_back() -> None:
    journey = set_out("shop", "/wall?queue=orders")
    assert from_cookie(to_cookie(journey)) == journey
    assert set(to_cookie(journey)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_no_two_journeys_are_alike_and_their_secrets_are_three() -> None:
    one, two = set_out("shop", "/desk"), set_out("shop", "/desk")
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    assert len(one.verifier) >= 43  # RFC 7636, section 4.1


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("x", id="no base64"),
        pytest.param("한글", id="no ASCII"),
        pytest.param(cookie([]), id="no object"),
        pytest.param(cookie({"tenant": "shop"}), id="fields are missing"),
        pytest.param(cookie({**asdict(set_out("shop", "/desk")), "more": "x"}), id="a field too many"),
        pytest.param(cookie({**asdict(set_out("shop", "/desk")), "state": ""}), id="an empty field"),
        pytest.param(cookie({**asdict(set_out("shop", "/desk")), "state": 7}), id="a field of another type"),
        pytest.param(cookie({**asdict(set_out("shop", "/desk")), "state": "\ud800"}), id="half a character"),
        pytest.param(to_cookie(replace(set_out("shop", "/desk"), onward="https://evil.example")), id="a foreign way"),
    ],
)
def test_what_is_no_journey_of_ours_is_none(value: str) -> None:
    assert from_cookie(value) is None


@pytest.mark.parametrize("onward", ["/desk", "/calls?text=a%20b", "/"])
def test_our_own_paths_are_followed(onward: str) -> None:
    assert own_path(onward) == onward


@pytest.mark.parametrize(
    "onward",
    ["", "desk", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/desk#x", "/" + "x" * 500],
)
def test_other_ways_lead_home(onward: str) -> None:
    assert own_path(onward) == HOME
