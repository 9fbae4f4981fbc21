"""Flows as data."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dialog.flows.plan import AskFor, Condition, Do, Flow, PlanStep, needs
from dialog.flows.slot import Slot, SlotKind

SLOTS = (Slot("number", SlotKind.DIGITS, 8), Slot("pin", SlotKind.DIGITS, 4), Slot("gift", SlotKind.YES_NO))
LOOK = Do("look", {"pin": "pin", "number": "number", "from": "other.field"})
FLOW = Flow("it", SLOTS, (PlanStep(AskFor("gift")), PlanStep(LOOK)))


def test_a_slot_is_found_by_its_name() -> None:
    assert FLOW.slot("pin").length == 4
    with pytest.raises(KeyError):
        FLOW.slot("name")


def test_an_action_needs_its_slots_in_the_flows_order() -> None:
    assert needs(FLOW, LOOK) == ("number", "pin")
    assert FLOW.actions == (LOOK,)


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (Condition("x", ("a", "b")), "b", True),
        (Condition("x", ("a", "b")), "c", False),
        (Condition("x", none_of=("a",)), "a", False),
        (Condition("x", at_least=Decimal(3)), "3", True),
        (Condition("x", at_least=Decimal(3), at_most=Decimal(5)), "6", False),
        (Condition("x", at_most=Decimal(5)), "many", False),
    ],
)
def test_conditions(condition: Condition, value: str, holds: bool) -> None:
    assert condition.holds({"x": value}) is holds
    assert not condition.holds({})
