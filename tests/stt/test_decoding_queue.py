from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from stt.decoding_queue import DecodingQueue, Urgency

FINAL, PARTIAL = Urgency.FINAL, Urgency.PARTIAL


@dataclass(frozen=True, eq=False)
class Work:
    owner: str
    urgency: Urgency = FINAL
    window: float = 10.0


def queue_of(*tasks: Work) -> DecodingQueue[Work]:
    queue: DecodingQueue[Work] = DecodingQueue()
    for task in tasks:
        queue.put(task)
    return queue


def test_finals_go_before_partials_and_never_with_them() -> None:
    partial, final, other = Work("a", PARTIAL), Work("b"), Work("c")
    queue = queue_of(partial, final, other)
    assert queue.take(8, 8) == [final, other]
    assert queue.take(8, 8) == [partial]
    assert queue.take(8, 8) == []
    assert len(queue) == 0


def test_a_batch_has_one_window_that_of_the_oldest() -> None:
    korean, english, later = Work("a", window=15.0), Work("b"), Work("c", window=15.0)
    queue = queue_of(korean, english, later)
    assert queue.take(8, 8) == [korean, later]
    assert queue.take(8, 8) == [english]


def test_a_batch_is_bounded_and_the_oldest_go_first() -> None:
    tasks = [Work(str(number)) for number in range(5)]
    queue = queue_of(*tasks)
    assert [queue.take(2, 2) for _ in range(3)] == [tasks[:2], tasks[2:4], tasks[4:]]


def test_finals_and_partials_have_their_own_limits() -> None:
    finals, partials = [Work(owner) for owner in "abc"], [Work(owner, PARTIAL) for owner in "def"]
    queue = queue_of(*partials, *finals)
    assert [queue.take(3, 2) for _ in range(3)] == [finals, partials[:2], partials[2:]]


def test_an_owners_newest_partial_takes_the_place_of_the_older_and_a_final_that_of_both() -> None:
    first, second = Work("a", PARTIAL), Work("a", PARTIAL)
    assert queue_of(first, second).take(8, 8) == [second]
    final = Work("a")
    assert queue_of(first, final).take(8, 8) == [final]


def test_one_owners_finals_are_done_in_order_and_not_together() -> None:
    first, second = Work("a", window=12.0), Work("a")
    queue = queue_of(Work("b"), first, second)
    assert [task.owner for task in queue.take(8, 8)] == ["b"]
    assert queue.take(8, 8) == [first]
    assert queue.take(8, 8) == [second]


def test_what_nobody_wants_any_more_is_not_done() -> None:
    gone, kept = Work("a"), Work("b")
    queue = queue_of(gone, kept)
    queue.withdraw(gone)
    queue.withdraw(gone)
    assert queue.take(8, 8) == [kept]
    queue = queue_of(gone, Work("a", PARTIAL), kept)
    queue.withdraw_all("a")
    assert queue.take(8, 8) == [kept]


works = st.builds(Work, st.sampled_from("abc"), st.sampled_from(Urgency), st.sampled_from([10.0, 15.0]))


@given(st.lists(works, max_size=20), st.integers(1, 4))
def test_every_final_is_done_once_and_in_its_owners_order(tasks: list[Work], most: int) -> None:
    queue = queue_of(*tasks)
    done: list[Work] = []
    while batch := queue.take(most, most):
        assert len(batch) <= most
        assert len({(task.urgency, task.window) for task in batch}) == 1
        done += batch
    finals = [task for task in tasks if task.urgency is FINAL]
    for owner in "abc":
        assert [t for t in done if t.owner == owner and t.urgency is FINAL] == [t for t in finals if t.owner == owner]
        assert sum(t.owner == owner and t.urgency is PARTIAL for t in done) <= 1
