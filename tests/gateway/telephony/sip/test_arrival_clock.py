"""Sound without stamps keeps its place in time, whatever the way and the processes on it did."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.sip.arrival_clock import LONGEST_FILL, TOLERANCE, WINDOW, ArrivalClock

RATE = 8_000
FRAME = b"\x01\x00" * 160
STEP = 0.02


def play(clock: ArrivalClock, start: float, seconds: float) -> list[tuple[int, bytes]]:
    """Frames at their pace, from ``start`` on."""
    placed: list[tuple[int, bytes]] = []
    for number in range(round(seconds / STEP)):
        placed += clock.place(FRAME, start + number * STEP)
    return placed


def end(placed: list[tuple[int, bytes]]) -> int:
    at, pcm = placed[-1]
    return at + len(pcm) // 2


def test_frames_at_their_pace_join_without_a_seam() -> None:
    placed = play(ArrivalClock(RATE), 100.0, 3.0)
    assert [at for at, _ in placed] == [160 * number for number in range(150)]


def test_sound_that_only_comes_late_stays_where_it_belongs() -> None:
    clock = ArrivalClock(RATE)
    play(clock, 0.0, 1.0)
    burst = [stretch for _ in range(50) for stretch in clock.place(FRAME, 2.0)]  # a process stood still for a second
    after = play(clock, 2.02, 2.0)
    assert [at for at, _ in burst] == [8_000 + 160 * number for number in range(50)]
    assert all(pcm == FRAME for _, pcm in after)


def test_a_loss_is_filled_with_silence_once_it_is_sure() -> None:
    clock = ArrivalClock(RATE)
    play(clock, 0.0, 1.0)
    placed = play(clock, 1.4, 2 * WINDOW)  # 0.4 s never came
    (silence,) = [pcm for _, pcm in placed if pcm != FRAME]
    assert not any(silence)
    assert abs(len(silence) / 2 / RATE - 0.4) < 0.03
    assert abs(end(placed) / RATE - (1.4 + 2 * WINDOW)) < TOLERANCE


def test_after_a_hold_time_has_passed_and_nothing_is_filled() -> None:
    clock = ArrivalClock(RATE)
    play(clock, 0.0, 1.0)
    placed = clock.place(FRAME, 31.0)
    assert [pcm for _, pcm in placed] == [FRAME]
    assert abs(placed[0][0] / RATE - 31.0) < 0.05


def test_a_delay_that_stays_small_is_no_loss() -> None:
    clock = ArrivalClock(RATE)
    play(clock, 0.0, 1.0)
    placed = play(clock, 1.0 + TOLERANCE - 0.03, 3.0)
    assert all(pcm == FRAME for _, pcm in placed)


@given(st.lists(st.floats(0, 4), min_size=1, max_size=60))
def test_stretches_never_overlap_and_time_is_never_far_ahead(pauses: list[float]) -> None:
    clock, now, until = ArrivalClock(RATE), 0.0, 0
    for pause in pauses:
        now += pause
        for at, pcm in clock.place(FRAME, now):
            assert at >= until
            assert len(pcm) / 2 / RATE <= LONGEST_FILL + STEP
            until = at + len(pcm) // 2
    assert until / RATE <= now + STEP * len(pauses) + 1e-6
