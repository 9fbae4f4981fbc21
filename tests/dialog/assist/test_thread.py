"""What the next card leans on, from commands and from the record of the call."""

from __future__ import annotations

from dialog.assist.thread import CONTEXT, Thread, given, wish
from dialog.command import CorrectSlot, Evidence, SetSlot, Source, StartFlow
from dialog.flows.slot import Slot, SlotKind
from dialog.turn import MASK

SLOTS = {
    "order_number": Slot("order_number", SlotKind.DIGITS, length=8),
    "postcode": Slot("postcode", SlotKind.DIGITS, length=5, secret=True),
}
EVIDENCE = Evidence("words", 0, 5)


def slot(name: str, value: str, kind: type[SetSlot | CorrectSlot] = SetSlot) -> SetSlot | CorrectSlot:
    return kind(slot=name, value=value, confidence=0.9, evidence=EVIDENCE, source=Source.PARSER)


def test_questions_are_kept_as_long_as_the_next_one_may_lean_on_them() -> None:
    thread = Thread()
    for number in range(CONTEXT + 2):
        thread = thread.leaning_on("delivery", thread.asked, f"question {number}")
    assert thread.topic == "delivery"
    assert thread.asked == tuple(f"question {number}" for number in range(2, CONTEXT + 2))


def test_values_are_whole_mended_by_a_part_and_never_secret() -> None:
    assert given([slot("order_number", "20261042")], {}, SLOTS) == {"order_number": "20261042"}
    assert given([slot("order_number", "20")], {}, SLOTS) == {}, "a part of nothing"
    mended = given([slot("order_number", "43", CorrectSlot)], {"order_number": "20261042"}, SLOTS)
    assert mended == {"order_number": "20261043"}
    assert given([slot("postcode", "48058"), slot("unknown", "1")], {}, SLOTS) == {}


def test_the_wish_is_the_flow_that_stands() -> None:
    start = StartFlow(flow="cancel_order", confidence=0.9, evidence=EVIDENCE, source=Source.HEAD)
    assert wish([slot("order_number", "20261042"), start]) is start
    assert wish([]) is None


def test_the_record_of_the_bots_part_brings_the_thread_along() -> None:
    commands = [
        {"command": "StartFlow", "flow": "cancel_order"},
        {"command": "SetSlot", "slot": "order_number", "value": "20261042"},
        {"command": "SetSlot", "slot": "postcode", "value": MASK},
    ]
    thread = Thread().after(
        "turn.understood", {"commands": [{"command": "AskKnowledge", "query": "delivery fee"}]}, SLOTS
    )
    assert (thread.topic, thread.asked) == ("delivery fee", ("delivery fee",))
    thread = thread.after("turn.understood", {"commands": commands}, SLOTS)
    assert (thread.flow, thread.values) == ("cancel_order", {"order_number": "20261042"})
    assert thread.after("action.succeeded", {"name": "order_status"}, SLOTS).flow == "cancel_order"
    assert thread.after("action.succeeded", {"name": "cancel_order"}, SLOTS).flow is None
    assert thread.after("stage.latency", {"seconds": 1}, SLOTS) is thread


def test_what_was_done_while_a_turn_was_read_is_not_wanted_any_more() -> None:
    before = Thread(flow="cancel_order")
    read = before.wanting("cancel_order", {"order_number": "20261042"})
    now = before.after("action.succeeded", {"name": "cancel_order"}, SLOTS)
    assert read.unless_done(before, now).flow is None
    assert read.unless_done(before, now).values == {"order_number": "20261042"}
    assert read.unless_done(before, before) is read
    other = before.wanting("refund_order", {})
    assert other.unless_done(before, now).flow == "refund_order", "something else is wanted now"
