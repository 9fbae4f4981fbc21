from __future__ import annotations

import pytest

from gateway.commands.bench.order import OrderRefused, capacity_order


def test_the_options_make_an_order() -> None:
    order = capacity_order("turn", most=50, seconds=5.0, calls="10, 20,40")
    assert (order.mode, order.most, order.seconds, order.tries) == ("turn", 50, 5.0, (10, 20, 40))
    assert capacity_order("echo", most=50, seconds=5.0, calls=None).tries == ()


def test_an_order_says_how_to_repeat_it() -> None:
    listed = capacity_order("turn", most=50, seconds=5.0, calls="10,20")
    assert listed.options() == "--mode turn --calls 10,20 --seconds 5"
    assert capacity_order("feed", most=50, seconds=2.5, calls=None).options() == "--mode feed --most 50 --seconds 2.5"


@pytest.mark.parametrize(("mode", "calls"), [("talk", None), ("turn", "ten"), ("turn", "10,"), ("turn", "0,10")])
def test_what_cannot_be_meant_is_refused(mode: str, calls: str | None) -> None:
    with pytest.raises(OrderRefused, match=mode if mode == "talk" else calls):
        capacity_order(mode, most=50, seconds=5.0, calls=calls)


def test_callers_who_talk_never_come_in_all_at_once() -> None:
    assert capacity_order("turn", most=50, seconds=5.0, calls=None).ramp(10) == 8.0
    assert capacity_order("floor", most=50, seconds=5.0, calls=None).ramp(10) == 1.0
    assert capacity_order("turn", most=500, seconds=5.0, calls=None).ramp(500) == 20.0
