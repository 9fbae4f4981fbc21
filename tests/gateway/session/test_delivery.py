from __future__ import annotations

from dialog.reply import Manner
from gateway.session.delivery import LOUDEST, SLOWEST, Delivery


def test_each_wish_changes_what_it_asks_for_and_nothing_else() -> None:
    before = Delivery("ko")
    assert before.asked(None) == before
    assert before.asked(Manner.SLOWER).pace < before.pace
    assert before.asked(Manner.SLOWER).gain == before.gain
    assert before.asked(Manner.LOUDER).gain > before.gain


def test_there_is_a_limit_to_both() -> None:
    now = Delivery("ko")
    for _ in range(20):
        now = now.asked(Manner.SLOWER).asked(Manner.LOUDER)
    assert now == Delivery("ko", SLOWEST, LOUDEST)


def test_who_is_known_is_spoken_to_as_they_asked_before() -> None:
    known = Delivery("en").as_before("ko", (Manner.SLOWER, Manner.SLOWER, Manner.LOUDER))
    assert known == Delivery("ko").asked(Manner.SLOWER).asked(Manner.SLOWER).asked(Manner.LOUDER)
    assert Delivery("en").as_before("en", ()) == Delivery("en")
