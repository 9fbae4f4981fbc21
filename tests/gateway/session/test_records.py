"""The words of the ledger stay what they are, and payloads are plain data."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from gateway.session.errors import NameRefused, PayloadRefused
from gateway.session.records import LARGEST_PAYLOAD, EventKind, checked_name, decode, encode


def test_kinds_are_words_joined_by_dots_and_told_apart() -> None:
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", kind.value) for kind in EventKind)
    assert len(set(EventKind)) == len(EventKind) == len({kind.name for kind in EventKind})


def test_a_kind_is_written_as_its_word() -> None:
    assert f"{EventKind.CALL_ENDED}" == "call.ended"


def test_payloads_become_plain_data() -> None:
    moment = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    payload = {"kind": EventKind.BARGE_IN, "at": moment, "pair": (1, 2), "proxy": MappingProxyType({"a": 1})}
    assert decode(encode(payload)) == {
        "kind": "barge_in",
        "at": "2026-11-21T09:00:00+00:00",
        "pair": [1, 2],
        "proxy": {"a": 1},
    }


def test_nul_is_replaced_wherever_it_stands_and_only_it() -> None:
    payload = {"a\0": ["x\0y", {"b": "\0"}], "c": "\\u0000 \\\0"}
    assert decode(encode(payload)) == {"a\ufffd": ["x\ufffdy", {"b": "\ufffd"}], "c": "\\u0000 \\\ufffd"}


def test_not_a_number_is_nothing() -> None:
    assert decode(encode({"a": float("nan"), "b": float("inf")})) == {"a": None, "b": None}


@pytest.mark.parametrize("payload", [{"a": b""}, {"a": object()}, {1: "a"}, {"a": "\ud800"}, {"a": 2**70}])
def test_what_is_no_data_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(PayloadRefused, match="plain data"):
        encode(payload)


def test_the_size_is_limited_to_the_byte() -> None:
    room = LARGEST_PAYLOAD - len(encode({"a": ""}))
    assert len(encode({"a": "x" * room})) == LARGEST_PAYLOAD
    with pytest.raises(PayloadRefused, match=str(LARGEST_PAYLOAD)):
        encode({"a": "x" * (room + 1)})


@pytest.mark.parametrize("name", ["hanbit-store", "CA0123456789abcdef", "a.b_c", "x" * 128, "-"])
def test_ids_are_names(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "a/b", "a\\b", "a b", "a\n", "é", "x" * 129])
def test_what_could_lead_elsewhere_is_no_name(name: str) -> None:
    with pytest.raises(NameRefused):
        checked_name(name)
