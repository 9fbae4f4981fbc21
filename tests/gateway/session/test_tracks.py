"""Both sides of a call lie where the caller heard them, and what is silenced is silent wherever it lies."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gateway.session.tracks import BOT, CALLER, FRAME_BYTES, LONGEST_GAP, SNAP, WINDOW, Tracks, without

RATE = 8_000


def tone(level: int, seconds: float = 0.02) -> bytes:
    return np.full(round(seconds * RATE), level, dtype="<i2").tobytes()


class File:
    """What a reader of the file finds, when everything is done that the tracks ask for."""

    def __init__(self, tracks: Tracks) -> None:
        self.tracks = tracks
        self.data = bytearray()

    def sound(self) -> np.ndarray:
        for offset, block in self.tracks.drain():
            self.data.extend(bytes(max(0, offset + len(block) - len(self.data))))
            self.data[offset : offset + len(block)] = block
        for channel, first, last in self.tracks.emptied():
            span = slice(first * FRAME_BYTES, last * FRAME_BYTES)
            self.data[span] = without(channel, bytes(self.data[span]))
        return np.frombuffer(bytes(self.data), dtype="<i2").reshape(-1, 2)


def assemble(tracks: Tracks) -> np.ndarray:
    return File(tracks).sound()


def test_each_side_lies_at_its_media_time_to_the_sample() -> None:
    tracks = Tracks(RATE)
    for n in range(5):
        tracks.place(CALLER, 10 + n * 0.02, tone(100 + n))
    tracks.place(BOT, 10.05, tone(7))
    sound = assemble(tracks)
    assert len(sound) == 800
    assert [int(sound[n * 160, CALLER]) for n in range(5)] == [100, 101, 102, 103, 104]
    assert sound[:400, BOT].max() == 0
    assert (sound[400:560, BOT] == 7).all()
    assert sound[560:, BOT].max() == 0


def test_silence_is_where_nobody_gave_sound() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1))
    tracks.place(CALLER, 2.0, tone(2))
    sound = assemble(tracks)
    assert len(sound) == 16_160
    assert not sound[160:16_000].any()


def test_frames_that_miss_each_other_by_a_clocks_jitter_are_joined() -> None:
    tracks = Tracks(RATE)
    for n, jitter in enumerate((0.0, 0.004, -0.003, 0.009, 0.0)):
        tracks.place(BOT, n * 0.02 + jitter, tone(n + 1))
    sound = assemble(tracks)
    assert [int(v) for v in sound[::160, BOT]] == [1, 2, 3, 4, 5]
    assert len(sound) == 800


def test_a_drift_is_not_followed_for_ever() -> None:
    tracks = Tracks(RATE)
    for n in range(100):
        tracks.place(BOT, n * 0.021, tone(n + 1))  # 5 % slow
    assert tracks.seconds == pytest.approx(99 * 0.021 + 0.02, abs=SNAP)


def test_sound_that_is_known_later_still_finds_its_place() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1, 5.0))
    first = tracks.drain()
    tracks.place(BOT, 1.0, tone(9, 0.5))
    ((offset, block),) = tracks.drain()
    assert [len(block) for _, block in first] == [40_000 * 4]
    assert (offset, len(block)) == (8_000 * 4, 4_000 * 4)
    again = np.frombuffer(block, dtype="<i2").reshape(-1, 2)
    assert (again == [1, 9]).all(), "the caller's side of what is written again is still there"


def test_what_comes_too_late_or_cannot_be_meant_is_dropped_and_counted() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 100.0, tone(1))
    tracks.place(BOT, 50.0, tone(2))
    tracks.place(BOT, 100.0 + LONGEST_GAP + 1, tone(2))
    for n in range(1, 4):
        tracks.place(CALLER, 100.0 + n * WINDOW, tone(3))
    tracks.place(BOT, 100.0, tone(2))
    assert tracks.lost == 3
    assert not assemble(tracks)[:, BOT].any()


def test_a_long_call_needs_no_more_memory_than_a_short_one() -> None:
    tracks = Tracks(RATE)
    written = 0
    for second in range(120):
        tracks.place(CALLER, float(second), tone(second, 1.0))
        blocks = tracks.drain()
        written += sum(len(block) for _, block in blocks)
    assert written == 120 * RATE * 4
    assert tracks.seconds == 120
    assert tracks._sound.nbytes == 2 * WINDOW * RATE * 4


def test_a_silence_longer_than_the_window_keeps_what_was_before() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1))
    tracks.place(CALLER, 90.0, tone(2))
    tracks.place(BOT, 85.0, tone(3))
    sound = assemble(tracks)
    assert [int(sound[at * RATE, channel]) for at, channel in ((0, CALLER), (90, CALLER), (85, BOT))] == [1, 2, 3]
    assert int(np.count_nonzero(sound)) == 3 * 160


# --- Silence ----------------------------------------------------------------------------------------------------------


def a_minute(channel: int = CALLER) -> Tracks:
    """Of sound that is 1 in the caller's channel and 2 in ours, from second 100 on."""
    tracks = Tracks(RATE)
    for n in range(60):
        tracks.place(CALLER, 100.0 + n, tone(1, 1.0))
        tracks.place(BOT, 100.0 + n, tone(2, 1.0))
    return tracks


@pytest.mark.parametrize(("start", "end"), [(158.5, 159.25), (110.0, 111.5), (148.875, 151.25), (99.0, 200.0)])
def test_what_was_said_is_silent_afterwards_also_when_it_was_written_long_ago(start: float, end: float) -> None:
    file = File(a_minute())
    file.sound()
    file.tracks.silence(start, end)
    sound = file.sound()
    first, last = max(0, round((start - 100) * RATE)), min(60 * RATE, round((end - 100) * RATE))
    assert not sound[first:last, CALLER].any()
    assert (sound[:first, CALLER] == 1).all()
    assert (sound[last:, CALLER] == 1).all()
    assert (sound[:, BOT] == 2).all(), "what we said is not the caller's secret"
    assert len(sound) == 60 * RATE


def test_what_we_said_can_be_silent_and_the_caller_heard() -> None:
    file = File(a_minute())
    file.sound()
    file.tracks.silence(110.0, 111.0, BOT)
    file.tracks.silence(159.5, 161.0, BOT)
    file.tracks.place(BOT, 160.0, tone(2, 2.0))
    file.tracks.place(CALLER, 160.0, tone(1, 2.0))
    sound = file.sound()
    silent = np.zeros(62 * RATE, bool)
    for start, end in ((10.0, 11.0), (59.5, 61.0)):
        silent[round(start * RATE) : round(end * RATE)] = True
    assert ((sound[:, BOT] == 0) == silent).all()
    assert (sound[:, CALLER] == 1).all()


def test_silence_that_is_not_given_out_yet_never_leaves_memory() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(7, 2.0))
    tracks.silence(0.5, 1.0)
    ((_, block),) = tracks.drain()
    assert not np.frombuffer(block, "<i2").reshape(-1, 2)[4_000:8_000, CALLER].any()


def test_what_comes_late_for_a_silenced_moment_is_silent_too() -> None:
    tracks = Tracks(RATE)
    tracks.silence(1.0, 2.0)
    for n in range(3):
        tracks.place(CALLER, float(n), tone(5, 1.0))
    sound = assemble(tracks)
    assert [int(sound[n * RATE + 10, CALLER]) for n in range(3)] == [5, 0, 5]


def test_silence_may_be_asked_for_before_it_is_over() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(5, 1.0))
    tracks.silence(0.5, 1.5)
    tracks.place(CALLER, 1.0, tone(5, 1.0))
    tracks.place(BOT, 1.0, tone(6, 1.0))
    sound = assemble(tracks)
    assert [int(sound[round(at * RATE), CALLER]) for at in (0.25, 0.75, 1.25, 1.75)] == [5, 0, 0, 5]
    assert (sound[RATE : 2 * RATE, BOT] == 6).all()


def test_a_span_of_nothing_changes_nothing() -> None:
    tracks = a_minute()
    before = assemble(tracks)
    for start, end in ((130.0, 130.0), (131.0, 130.0), (50.0, 60.0), (500.0, 600.0), (float("nan"), 130.0)):
        tracks.silence(start, end)
    assert tracks.drain() == tracks.emptied() == []
    assert (before[:, CALLER] == 1).all()


def test_spans_are_not_remembered_for_ever() -> None:
    tracks = Tracks(RATE)
    for n in range(200):
        tracks.place(CALLER, float(n), tone(1, 1.0))
        tracks.silence(n + 0.25, n + 0.5)
    assert len(tracks._hushed) <= 2 * WINDOW + 2


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_silenced_whenever_is_silent_in_the_end_and_nothing_else(seed: int) -> None:
    chance, tracks = random.Random(seed), Tracks(RATE)
    file, wanted = File(tracks), np.ones(60 * RATE, bool)
    for n in range(600):
        tracks.place(CALLER, n * 0.1, tone(3, 0.1))
        if chance.random() < 0.05:
            start = chance.uniform(0, n * 0.1)
            end = start + chance.uniform(0.05, 3.0)
            tracks.silence(start, end)
            wanted[round(start * RATE) : round(end * RATE)] = False
        if chance.random() < 0.3:
            file.sound()
    sound = file.sound()[:, CALLER] != 0
    assert np.count_nonzero(sound != wanted) <= 2 * 60, "but for the samples at the edges, taken in whole"
    assert not (sound & ~wanted).any()


def test_half_a_frame_is_left_alone() -> None:
    assert without(CALLER, b"\1\0\2\0\3") == b"\0\0\2\0\3"
    assert without(BOT, b"\1\0\2\0\3") == b"\1\0\0\0\3"
