"""Frames of one size, of sound of any length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.whole_frames import WholeFrames


def test_what_is_no_whole_frame_waits_and_is_filled_up_or_forgotten() -> None:
    frames = WholeFrames(4, b"\xff")
    assert frames.add(b"abcd") == b"abcd"
    assert frames.add(b"ab") == b""
    assert frames.add(b"cdef") == b"abcd"
    assert frames.fill_up() == b"ef\xff\xff"
    assert frames.fill_up() == b""
    frames.add(b"x")
    frames.clear()
    assert frames.fill_up() == b""


@given(st.integers(1, 50), st.lists(st.binary(max_size=200)), st.integers(50, 300))
def test_nothing_is_lost_or_changed_and_messages_stay_within_their_size(
    size: int, pieces: list[bytes], most: int
) -> None:
    frames = WholeFrames(size)
    messages = [message for piece in pieces for message in frames.cut(frames.add(piece), most)]
    assert all(0 < len(message) <= most and len(message) % size == 0 for message in messages)
    assert (b"".join(messages) + frames.fill_up()).rstrip(b"\0") == b"".join(pieces).rstrip(b"\0")
