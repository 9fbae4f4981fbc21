"""Whose call it is, however the dial plan says it."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.introduction import (
    LONGEST_HEADER,
    LONGEST_NAME,
    MOST_HEADERS,
    Introduction,
    read_introduction,
    variables_said,
)


def test_names_are_the_same_in_any_case_and_the_first_of_two_counts() -> None:
    said = [("Call", " c-1 "), ("FROM", "010"), ("from", "011"), ("to", "1588"), ("Diversion", "<sip:a@b>"), ("t", "x")]
    assert read_introduction(said) == Introduction("c-1", "010", "1588", {"diversion": "<sip:a@b>"})


def test_a_plus_that_nobody_escaped_is_a_plus() -> None:
    assert read_introduction(parse_qsl("from=+8210&to=%2B8215")).ani == "+8210"
    assert read_introduction(parse_qsl("from=+8210&to=%2B8215")).dnis == "+8215"
    assert read_introduction(parse_qsl("from=+anonymous")).ani == "anonymous"


def test_only_headers_worth_keeping_are_kept_and_within_limits() -> None:
    said = [(f"x-{number}", "v" * 5000) for number in range(100)]
    headers = read_introduction([("authorization", "secret"), ("x-empty", ""), *said]).headers
    assert len(headers) == MOST_HEADERS
    assert set(map(len, headers.values())) == {LONGEST_HEADER}
    assert "authorization" not in headers


def test_of_variables_only_ours_are_read() -> None:
    assert variables_said({"AICC_X_QUEUE": "vip", "aicc_from": "010", "PATH": "/"}) == [
        ("x-queue", "vip"),
        ("from", "010"),
    ]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_whatever_is_said_stays_within_the_limits(said: list[tuple[str, str]]) -> None:
    who = read_introduction(said)
    assert max(len(who.call), len(who.ani) - 1, len(who.dnis) - 1) <= LONGEST_NAME
    assert len(who.headers) <= MOST_HEADERS
