"""Who may do what: each rule lets through what it should and refuses everything else, by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.actions.action import Action, Risk, Service
from dialog.actions.rules import Ceiling, Identity, Refusal, Rules
from dialog.policy import Standing, decide, may_act

RULES = Rules(
    identity=Identity.KNOWLEDGE,
    owner="customer_id",
    states={"status": ("delivered",)},
    one_of={"reason": ("damaged", "late")},
    at_most={"amount": Ceiling(field="total"), "gift": Ceiling(most=5000)},
)
REFUND = Action("refund", Service("orders", "http://x"), "POST", "/refunds", Risk.IRREVERSIBLE, 1.0, {}, {}, RULES)
MINE = {"customer_id": "C-1", "status": "delivered", "total": 30000}
ASKED = {"reason": "late", "amount": 30000}
KNOWN = Standing(identity=Identity.CODE, customer="C-1")


def test_what_the_rules_allow_is_granted() -> None:
    assert may_act(REFUND, KNOWN).granted
    assert decide(REFUND, KNOWN, ASKED, MINE).granted


def test_what_has_no_rules_is_granted_to_anybody() -> None:
    assert decide(replace(REFUND, rules=Rules()), Standing(), {}, None).granted


@pytest.mark.parametrize("risk", list(Risk))
def test_nothing_is_granted_once_a_human_has_taken_over(risk: Risk) -> None:
    permission = may_act(replace(REFUND, risk=risk), replace(KNOWN, handed_over=True))
    assert permission.refusal is Refusal.HANDED_OVER
    assert "human" in permission.why


@pytest.mark.parametrize(
    ("standing", "refusal"),
    [
        (Standing(identity=Identity.CLAIMED, customer="C-1"), Refusal.IDENTITY),
        (Standing(identity=Identity.CODE), Refusal.OWNER),
    ],
)
def test_who_is_not_identified_is_refused_before_anything_is_asked(standing: Standing, refusal: Refusal) -> None:
    assert may_act(REFUND, standing).refusal is refusal


@pytest.mark.parametrize(
    ("asked", "record", "refusal"),
    [
        ({}, {"customer_id": "C-2"}, Refusal.OWNER),
        ({}, {"customer_id": None}, Refusal.OWNER),
        ({}, {"status": "shipped"}, Refusal.STATE),
        ({"reason": "because"}, {}, Refusal.REASON),
        ({"amount": 30001}, {}, Refusal.AMOUNT),
        ({"amount": "1"}, {}, Refusal.AMOUNT),
        ({"amount": True}, {}, Refusal.AMOUNT),
        ({"amount": 1}, {"total": None}, Refusal.AMOUNT),
        ({"gift": 5001}, {}, Refusal.AMOUNT),
    ],
)
def test_each_rule_refuses_by_its_name(asked: dict[str, object], record: dict[str, object], refusal: Refusal) -> None:
    permission = decide(REFUND, KNOWN, {**ASKED, **asked}, {**MINE, **record})
    assert permission.refusal is refusal
    assert permission.why


def test_what_cannot_be_looked_up_is_not_granted() -> None:
    assert decide(REFUND, KNOWN, ASKED, None).refusal is Refusal.RECORD
