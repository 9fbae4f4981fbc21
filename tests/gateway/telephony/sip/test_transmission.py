"""What a call sends keeps its order, and a mark vouches only for what was really played."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.sip.transmission import AHEAD, MOST_MARKS, SETTLE, Transmission

SECOND = 16_000
FRAME = bytes(320)


def write(transmission: Transmission, buffered: int, room: int = 1 << 20) -> int:
    """Give the stack what it takes; how much waits there then."""
    while pcm := transmission.next(buffered, 0.0):
        taken = min(len(pcm), room)
        transmission.wrote(taken)
        buffered, room = buffered + taken, room - taken
        if taken < len(pcm):
            break
    return buffered


def test_sound_goes_into_the_stack_until_enough_waits_there() -> None:
    transmission = Transmission(SECOND, limit=10)
    for _ in range(100):
        transmission.add(FRAME)
    buffered = write(transmission, 0)
    assert AHEAD * SECOND <= buffered < AHEAD * SECOND + len(FRAME)
    assert transmission.is_busy
    assert not transmission.next(buffered, 0.0)


def test_a_mark_is_played_when_all_before_it_has_left() -> None:
    transmission = Transmission(SECOND, limit=10)
    transmission.add(FRAME)
    transmission.mark("one")
    transmission.add(FRAME)
    transmission.mark("two")
    assert transmission.played(write(transmission, 0)) == []
    assert transmission.played(320) == ["one"]
    assert transmission.played(1) == []
    assert transmission.played(0) == ["two"]
    assert not transmission.is_busy


def test_a_mark_with_nothing_before_it_is_played_at_once() -> None:
    transmission = Transmission(SECOND, limit=10)
    transmission.mark("hello")
    assert transmission.played(0) == ["hello"]


def test_what_does_not_fit_is_dropped_and_the_next_mark_with_it() -> None:
    transmission = Transmission(SECOND, limit=0.03)
    transmission.add(FRAME)
    transmission.add(FRAME)
    transmission.mark("withheld")
    transmission.mark("kept")
    assert transmission.dropped == 1
    write(transmission, 0)
    assert transmission.played(0) == ["kept"]


def test_a_clear_brings_all_marks_back_and_begins_anew() -> None:
    transmission = Transmission(SECOND, limit=1)
    for number in range(60):
        transmission.add(FRAME)
        transmission.mark(str(number))
    write(transmission, 0)
    assert transmission.clear(0, 0.0)[:2] == ["0", "1"]
    assert not transmission.is_busy
    transmission.add(FRAME)
    transmission.mark("after")
    assert transmission.next(0, 0.0) == FRAME
    assert transmission.played(write(transmission, 0)) == []
    assert transmission.played(0) == ["after"]


def test_after_a_clear_nothing_is_written_into_what_the_stack_is_about_to_throw_away() -> None:
    transmission = Transmission(SECOND, limit=1)
    transmission.add(FRAME)
    buffered = write(transmission, 0)
    transmission.clear(buffered, now=10.0)
    transmission.add(FRAME)
    transmission.mark("after")
    assert transmission.next(buffered, now=10.01) == b"", "it still waits there"
    assert transmission.next(0, now=10.02) == b"", "it may have left by itself, and all is yet to be thrown away"
    assert transmission.next(buffered, now=10.0 + 2 * SETTLE) == b""
    assert transmission.next(0, now=10.0 + SETTLE) == FRAME
    assert transmission.played(0) == []
    transmission.wrote(len(FRAME))
    assert transmission.next(len(FRAME), now=10.0 + SETTLE) == b""
    assert transmission.played(0) == ["after"]


def test_marks_are_bounded() -> None:
    transmission = Transmission(SECOND, limit=1)
    for number in range(MOST_MARKS + 10):
        transmission.mark(str(number))
    assert len(transmission.clear(0, 0.0)) <= MOST_MARKS


@given(st.lists(st.tuples(st.sampled_from("asmpc"), st.integers(0, 2_000)), max_size=80))
def test_no_mark_comes_before_its_sound(steps: list[tuple[str, int]]) -> None:
    transmission, buffered = Transmission(SECOND, limit=1), 0
    added, gone, due = 0, 0, {}
    for number, (step, amount) in enumerate(steps):
        if step == "a":
            dropped = transmission.dropped
            transmission.add(bytes(amount))
            added += amount if transmission.dropped == dropped else 0
        elif step == "m":
            transmission.mark(str(number))
            due[str(number)] = added
        elif step == "s":
            buffered = write(transmission, buffered, amount)
        elif step == "p":
            played = min(buffered, amount)
            buffered, gone = buffered - played, gone + played
        else:
            for name in transmission.clear(0, 0.0):
                del due[name]
            added = gone = gone + buffered  # what waits in the stack is flushed
            gone, buffered = added, 0
        for name in transmission.played(buffered):
            assert due.pop(name) <= gone
