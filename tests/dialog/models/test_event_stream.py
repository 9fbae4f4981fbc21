"""Events out of bytes, wherever they are cut."""

from __future__ import annotations

import pytest

from dialog.models.event_stream import LONGEST_LINE, EventStream
from dialog.models.generator import GeneratorMalformed

STREAM = ': a comment\r\nid: 7\r\ndata: {"a": "배송"}\r\n\r\ndata:one\ndata: two\n\ndata: [DONE]\n\n'.encode()
EVENTS = ['{"a": "배송"}', "one\ntwo", "[DONE]"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_come_out_the_same_however_the_bytes_are_cut(size: int) -> None:
    stream = EventStream()
    found = [event for at in range(0, len(STREAM), size) for event in stream.feed(STREAM[at : at + size])]
    assert found == EVENTS


def test_half_an_event_is_none() -> None:
    assert EventStream().feed(b"data: half\n") == []


def test_a_line_without_an_end_is_refused() -> None:
    stream = EventStream()
    stream.feed(b"data: " + b"x" * (LONGEST_LINE - 10))
    with pytest.raises(GeneratorMalformed, match="more than"):
        stream.feed(b"x" * 100)
