from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.send_queue import MARK_LIMIT, SendQueue


def drained(queue: SendQueue) -> list[bytes]:
    messages = []
    while (message := queue.take()) is not None:
        messages.append(message)
    return messages


def test_messages_leave_in_the_order_in_which_they_came() -> None:
    queue = SendQueue(1.0)
    queue.add_sound(b"a", 0.02)
    queue.add_mark(b"m")
    queue.add_sound(b"b", 0.02)
    assert drained(queue) == [b"a", b"m", b"b"]
    assert queue.seconds == 0.0


def test_sound_beyond_the_limit_is_dropped_and_the_mark_that_would_vouch_for_it_too() -> None:
    queue = SendQueue(0.05)
    assert queue.add_sound(b"a", 0.02)
    assert queue.add_sound(b"b", 0.02)
    assert not queue.add_sound(b"c", 0.02)
    assert not queue.add_mark(b"after c")
    assert queue.add_mark(b"nothing lost since")
    assert drained(queue) == [b"a", b"b", b"nothing lost since"]
    assert (queue.frames_dropped, queue.marks_withheld) == (1, 1)


def test_there_is_room_again_once_sound_has_left() -> None:
    queue = SendQueue(0.02)
    queue.add_sound(b"a", 0.02)
    assert queue.take() == b"a"
    assert queue.add_sound(b"b", 0.02)


def test_a_clear_goes_first_takes_the_sound_away_and_leaves_the_marks() -> None:
    queue = SendQueue(1.0)
    queue.add_sound(b"a", 0.02)
    queue.add_mark(b"m1")
    queue.add_sound(b"b", 0.02)
    queue.clear(b"clear")
    queue.add_sound(b"c", 0.02)
    queue.add_mark(b"m2")
    assert drained(queue) == [b"clear", b"m1", b"c", b"m2"]


def test_two_clears_are_one_and_the_sound_between_them_is_gone() -> None:
    queue = SendQueue(1.0)
    queue.clear(b"clear")
    queue.add_sound(b"a", 0.02)
    queue.clear(b"clear")
    assert drained(queue) == [b"clear"]


def test_a_clear_settles_what_was_dropped_before_it() -> None:
    queue = SendQueue(0.01)
    queue.add_sound(b"too long", 0.02)
    queue.clear(b"clear")
    assert queue.add_mark(b"m")


def test_a_flood_of_marks_is_bounded() -> None:
    queue = SendQueue(1.0)
    assert sum(queue.add_mark(b"m") for _ in range(MARK_LIMIT + 100)) == MARK_LIMIT
    assert len(drained(queue)) == MARK_LIMIT
    assert queue.add_mark(b"m")


def test_when_the_leg_is_over_nothing_waits_any_more() -> None:
    queue = SendQueue(1.0)
    queue.add_sound(b"a", 0.02)
    queue.add_mark(b"m")
    queue.clear(b"clear")
    queue.drop_all()
    assert drained(queue) == []


_step = st.one_of(
    st.tuples(st.just("sound"), st.floats(0.001, 0.5)),
    st.just(("mark", 0.0)),
    st.just(("clear", 0.0)),
    st.just(("take", 0.0)),
)


@given(st.lists(_step, max_size=80))
def test_what_waits_never_exceeds_the_limit(steps: list[tuple[str, float]]) -> None:
    queue = SendQueue(1.0)
    for kind, seconds in steps:
        match kind:
            case "sound":
                queue.add_sound(b"s", seconds)
            case "mark":
                queue.add_mark(b"m")
            case "clear":
                queue.clear(b"c")
            case _:
                queue.take()
        assert 0.0 <= queue.seconds <= 1.0
    drained(queue)
    assert queue.seconds < 1e-9
