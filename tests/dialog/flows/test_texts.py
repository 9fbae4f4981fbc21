"""Which texts a flow says."""

from __future__ import annotations

from dialog.actions.action import Action, Risk, Service
from dialog.flows.plan import Do, Flow, PlanStep, Say
from dialog.flows.slot import Limits, Slot, SlotKind
from dialog.flows.texts import always_known, texts_of

SHOP = Service("shop", "http://shop.example")
RESULT = {"type": "object", "properties": {"status": {"enum": ["open", "sent"]}}}
LOOK = Action("look", SHOP, "GET", "/", Risk.READ_ONLY, 1.0, {"type": "object"}, RESULT)
MOVE = Action("move", SHOP, "PUT", "/", Risk.REVERSIBLE, 1.0, {"type": "object"}, RESULT)
ACTIONS = {"look": LOOK, "move": MOVE}
SLOTS = (
    Slot("number", SlotKind.DIGITS, 8),
    Slot("visit", SlotKind.DATE_TIME, limits=Limits(ahead=True)),
    Slot("gift", SlotKind.YES_NO),
)


def test_a_reading_flow_tells_each_case() -> None:
    flow = Flow("f", SLOTS[:1], (PlanStep(Do("look", {"number": "number"}, told_by="status", not_found="number")),))
    wanted = texts_of(flow, ACTIONS)
    assert {"f.wish", "f.cancelled", "f.wait", "f.told.open", "f.told.sent", "f.number.not_found"} <= set(wanted)
    assert {"f.done", "f.rejected", "f.denied", "f.number.invalid"}.isdisjoint(wanted)
    assert wanted["f.told.open"] == {"number", "status", "look.status"}


def test_a_changing_flow_confirms_and_has_words_for_every_refusal() -> None:
    flow = Flow("f", SLOTS, (PlanStep(Say("hint")), PlanStep(Do("move", {}, changes=True))))
    wanted = texts_of(flow, ACTIONS)
    assert {"f.move.confirm", "f.rejected", "f.denied", "f.done", "f.say.hint"} <= set(wanted)


def test_slots_say_what_their_kind_can_come_to() -> None:
    wanted = texts_of(Flow("f", SLOTS, ()), ACTIONS)
    assert "f.number.rest" in wanted
    assert {"f.visit.rest_time", "f.visit.rest_day", "f.visit.invalid"} <= set(wanted)
    assert {"f.gift.read_back", "f.gift.rest"}.isdisjoint(wanted)
    assert wanted["f.visit.ask"] == {"number", "visit", "gift"}


def test_a_flow_that_reaches_out_says_why_and_can_say_so_without_any_value() -> None:
    flow = Flow("f", SLOTS, (), reaches_out=True)
    assert texts_of(flow, ACTIONS)["f.why"] == {"number", "visit", "gift"}
    assert always_known(flow)["f.why"] == set()
    assert "f.why" not in texts_of(Flow("f", SLOTS, ()), ACTIONS)
