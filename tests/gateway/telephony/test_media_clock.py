from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.media_clock import LONGEST_FILL, MediaClock
from infra.audio import AudioFrame

PACKET = b"\x01\x02" * 160


def place(clock: MediaClock, chunk: int, timestamp: int, pcm: bytes = PACKET) -> list[AudioFrame]:
    return clock.place(chunk, timestamp, pcm)


def test_chunks_that_come_in_order_follow_each_other_without_a_seam() -> None:
    clock = MediaClock(8000)
    frames = [frame for n in range(50) for frame in place(clock, n + 1, n * 20)]
    assert [frame.at for frame in frames] == pytest.approx([n * 0.02 for n in range(50)])
    assert clock.position == pytest.approx(1.0)


def test_media_time_begins_with_the_first_chunk_whatever_the_carriers_clock_says() -> None:
    clock = MediaClock(8000)
    assert [frame.at for frame in place(clock, 7, 1_700_000_000_123)] == [0.0]
    assert [frame.at for frame in place(clock, 8, 1_700_000_000_143)] == [0.02]


def test_a_lost_chunk_leaves_silence_and_does_not_shift_what_follows() -> None:
    clock = MediaClock(8000)
    place(clock, 1, 0)
    filled, kept = place(clock, 3, 40)
    assert (filled.at, filled.duration, set(filled.pcm)) == (0.02, 0.02, {0})
    assert (kept.at, kept.pcm) == (0.04, PACKET)
    assert (clock.counts.lost_chunks, clock.counts.filled_seconds) == (1, pytest.approx(0.02))


def test_stamps_that_shake_do_not_tear_the_sound_while_no_chunk_is_missing() -> None:
    clock = MediaClock(8000)
    frames = [f for n, stamp in enumerate([0, 35, 41, 55, 90, 100]) for f in place(clock, n + 1, stamp)]
    assert len(frames) == 6
    assert clock.position == pytest.approx(0.12)


def test_a_pause_of_the_carrier_without_loss_is_a_gap_too() -> None:
    clock = MediaClock(8000)
    place(clock, 1, 0)
    filled, kept = place(clock, 2, 320)
    assert (filled.duration, kept.at) == (pytest.approx(0.3), pytest.approx(0.32))
    assert clock.counts.lost_chunks == 0


def test_after_a_long_gap_time_jumps_and_the_frame_says_where_to() -> None:
    clock = MediaClock(8000)
    place(clock, 1, 0)
    (kept,) = place(clock, 100, 5000)
    assert kept.at == 5.0
    assert (clock.counts.jumps, clock.counts.filled_seconds) == (1, 0.0)


def test_a_chunk_that_comes_late_or_twice_is_dropped_for_its_time_has_passed() -> None:
    clock = MediaClock(8000)
    place(clock, 1, 0)
    place(clock, 3, 40)
    assert place(clock, 2, 20) == []
    assert place(clock, 3, 40) == []
    assert [frame.at for frame in place(clock, 4, 60)] == [0.06]
    assert clock.counts.late_chunks == 2


def test_chunks_of_other_lengths_are_as_good() -> None:
    clock = MediaClock(8000)
    place(clock, 1, 0, PACKET * 5)
    assert [frame.at for frame in place(clock, 2, 100, PACKET[:2])] == [0.1]


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**7), st.integers(1, 4000).map(lambda n: b"\0\1" * n)),
        max_size=30,
    )
)
def test_time_never_runs_backwards_and_no_fill_is_long(chunks: list[tuple[int, int, bytes]]) -> None:
    clock, end = MediaClock(8000), 0.0
    for chunk, stamp, pcm in chunks:
        frames = place(clock, chunk, stamp, pcm)
        assert sum(frame.duration for frame in frames) <= len(pcm) / 16000 + LONGEST_FILL
        for frame in frames:
            assert frame.at >= end - 1e-9
            end = frame.until
