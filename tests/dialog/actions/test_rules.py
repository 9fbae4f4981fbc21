"""Rules as data: which of them need the record, and which identity includes which."""

from __future__ import annotations

import pytest

from dialog.actions.rules import Ceiling, Identity, Rules


@pytest.mark.parametrize(
    ("rules", "needs"),
    [
        (Rules(), False),
        (Rules(identity=Identity.CODE, one_of={"reason": ("late",)}, at_most={"amount": Ceiling(most=5)}), False),
        (Rules(owner="customer"), True),
        (Rules(states={"status": ("open",)}), True),
        (Rules(at_most={"amount": Ceiling(field="total")}), True),
    ],
)
def test_the_record_is_needed_exactly_where_a_rule_is_about_it(rules: Rules, needs: bool) -> None:
    assert rules.needs_record is needs


def test_each_level_of_identity_includes_those_before_it() -> None:
    assert sorted(Identity) == [Identity.NONE, Identity.CLAIMED, Identity.KNOWLEDGE, Identity.CODE]
