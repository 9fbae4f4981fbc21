"""Who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.action import Risk
from dialog.policy import Standing, may_act
from dialog.release import Release


def test_looking_is_permitted(release: Release) -> None:
    assert may_act(release.actions["order_status"], Standing()).granted


def test_nothing_is_once_a_human_has_taken_over(release: Release) -> None:
    permission = may_act(release.actions["order_status"], Standing(handed_over=True))
    assert not permission.granted
    assert "human" in permission.why


@pytest.mark.parametrize("risk", [Risk.REVERSIBLE, Risk.IRREVERSIBLE])
def test_what_changes_something_is_not_permitted(release: Release, risk: Risk) -> None:
    permission = may_act(replace(release.actions["order_status"], risk=risk), Standing())
    assert not permission.granted
    assert "order_status" in permission.why
