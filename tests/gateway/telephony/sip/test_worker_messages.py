"""What the gateway and a worker say to each other arrives as it was said, or is known to be broken."""

from __future__ import annotations

import contextlib
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.errors import WireBroken
from gateway.telephony.sip.worker_messages import LARGEST, Sound, Splitter, encode_note, encode_sound

NUMBERS = st.integers(0, 2**32 - 1)
TEXTS = st.text(max_size=20)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: TEXTS,
    bool: st.booleans(),
    dict[str, str]: st.dictionaries(TEXTS, TEXTS, max_size=3),
    dict[str, float]: st.dictionaries(TEXTS, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
}
KINDS = (*wire.Command.__args__, *wire.Report.__args__)


def notes() -> st.SearchStrategy[Any]:
    def of(kind: type[Any]) -> st.SearchStrategy[Any]:
        types = get_type_hints(kind)
        return st.builds(kind, **{one.name: VALUES[types[one.name]] for one in fields(kind)})

    return st.one_of([of(kind) for kind in KINDS])


SOUNDS = st.lists(st.builds(Sound, NUMBERS, NUMBERS, st.binary(max_size=400)), min_size=1, max_size=5)


@given(st.lists(notes() | SOUNDS, max_size=6), st.integers(1, 700))
def test_whatever_is_said_arrives_in_order_however_it_is_cut(said: list[Any], cut: int) -> None:
    data = b"".join(encode_sound(one) if isinstance(one, list) else encode_note(one) for one in said)
    splitter, heard = Splitter(), []
    for start in range(0, len(data), cut):
        heard += splitter.feed(data[start : start + cut])
    assert heard == [part for one in said for part in (one if isinstance(one, list) else [one])]


@given(st.binary(max_size=300))
def test_any_bytes_are_messages_or_broken(data: bytes) -> None:
    with contextlib.suppress(WireBroken):
        list(Splitter().feed(data))


@given(st.binary(max_size=60), st.sampled_from([0, 1]))
def test_any_body_is_a_message_or_broken(body: bytes, kind: int) -> None:
    with contextlib.suppress(WireBroken):
        list(Splitter().feed(len(body).to_bytes(4, "big") + bytes([kind]) + body))


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'["Nobody"]', b'["Answer"]', b'["Answer","1"]', b'["Answer",true]', b'["Closed",1,"",{"a":"b"}]'],
)
def test_a_note_that_does_not_fit_is_broken(body: bytes) -> None:
    with pytest.raises(WireBroken):
        list(Splitter().feed(len(body).to_bytes(4, "big") + b"\x01" + body))


def test_a_message_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(WireBroken, match="are the most"):
        list(Splitter().feed((LARGEST + 1).to_bytes(4, "big") + b"\x00"))


def test_no_two_notes_share_a_name() -> None:
    assert len({kind.__name__ for kind in KINDS}) == len(KINDS)
