"""Sound let go in its own time: pieces, lead, marks by the clock, what is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.playout import MARK_LIMIT, Pace, Playout

RATE = 8000
PIECE = b"\x01\x00" * 160


def playout(limit: float = 10.0, lead: float = 0.06) -> Playout:
    return Playout(RATE, Pace(lead=lead), limit)


def taken(machine: Playout, now: float) -> list[bytes]:
    pieces = []
    while (piece := machine.take(now)) is not None:
        pieces.append(piece)
    return pieces


def test_only_the_lead_is_let_go_at_once_and_then_a_piece_each_20_ms() -> None:
    machine = playout()
    assert machine.add(PIECE * 10)
    assert len(taken(machine, 100.0)) == 4  # one that plays now, and three ahead of it
    assert machine.deadline == pytest.approx(100.02)
    assert taken(machine, 100.019) == []
    assert taken(machine, 100.02) == [PIECE]
    assert machine.seconds == pytest.approx(0.1)


def test_a_mark_is_reached_when_the_sound_before_it_was_played_and_not_when_it_was_sent() -> None:
    machine = playout()
    machine.add(PIECE * 2)
    machine.mark("said", 5.0)
    assert len(taken(machine, 5.0)) == 2
    assert machine.marks_due(5.039) == []
    assert machine.deadline == pytest.approx(5.04)
    assert machine.marks_due(5.0401) == ["said"]
    assert machine.marks_due(6.0) == []
    assert machine.deadline is None


def test_a_mark_with_nothing_before_it_is_reached_at_once() -> None:
    machine = playout()
    machine.mark("nothing", 7.0)
    assert machine.marks_due(7.0) == ["nothing"]


def test_a_clear_throws_away_what_waits_and_brings_all_marks_back() -> None:
    machine = playout()
    machine.add(PIECE * 50)
    machine.mark("a", 1.0)
    sent = len(taken(machine, 1.0))
    machine.mark("b", 1.0)
    machine.clear(1.01)
    assert machine.marks_due(1.01) == ["a", "b"]
    assert machine.seconds == 0.0
    machine.add(PIECE)
    assert taken(machine, 1.01 + sent * 0.02) == [PIECE]


def test_a_piece_that_is_not_full_waits_for_more_and_is_filled_up_when_the_far_end_would_run_dry() -> None:
    machine = playout()
    machine.add(PIECE + b"\x02\x00" * 80)
    assert taken(machine, 0.0) == [PIECE]
    assert machine.deadline == pytest.approx(0.01)
    machine.add(b"\x02\x00" * 40)
    assert taken(machine, 0.0) == []
    [filled] = taken(machine, 0.01)
    assert filled == (b"\x02\x00" * 120).ljust(320, b"\0")


def test_what_does_not_fit_is_dropped_and_the_next_mark_with_it() -> None:
    machine = playout(limit=0.04)
    assert machine.add(PIECE * 2)
    assert not machine.add(PIECE)
    assert not machine.mark("would be a lie", 0.0)
    assert machine.mark("true", 0.0)
    for number in range(MARK_LIMIT - 1):
        assert machine.mark(str(number), 0.0)
    assert not machine.mark("one too many", 0.0)


def test_after_the_end_nothing_is_left() -> None:
    machine = playout()
    machine.add(PIECE)
    machine.mark("m", 0.0)
    machine.drop_all()
    assert machine.deadline is None
    assert machine.take(1.0) is None


@given(
    st.lists(st.integers(1, 900).map(lambda samples: b"\x01\x00" * samples), min_size=1, max_size=30),
    st.sampled_from([0.02, 0.06, 0.2]),
)
def test_all_sound_is_let_go_in_order_never_faster_than_it_plays(sounds: list[bytes], lead: float) -> None:
    machine, now, sent = playout(lead=lead), 0.0, b""
    for number, sound in enumerate(sounds):
        assert machine.add(sound)
        assert machine.mark(str(number), now)
    reached: list[str] = []
    while (due := machine.deadline) is not None:
        now = max(now, due)
        sent += b"".join(taken(machine, now))
        assert len(sent) / 2 / RATE <= now + lead + 0.02 + 1e-9
        reached += machine.marks_due(now)
    assert sent.rstrip(b"\0") == b"".join(sounds).rstrip(b"\0")
    assert reached == [str(number) for number in range(len(sounds))]
