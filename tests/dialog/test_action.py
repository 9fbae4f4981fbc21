"""Proposals are frozen intentions."""

from __future__ import annotations

from dialog.action import propose
from dialog.release import Release


def test_the_key_belongs_to_the_intention_not_to_the_attempt(release: Release) -> None:
    action = release.actions["order_status"]
    first = propose(action, {"order_number": "20261187"}, call_id="c", turn=3)
    again = propose(action, {"order_number": "20261187"}, call_id="c", turn=3)
    assert first.key == again.key
    assert first.digest == again.digest


def test_another_call_turn_or_argument_is_another_intention(release: Release) -> None:
    action = release.actions["order_status"]
    keys = {
        propose(action, {"order_number": number}, call_id=call, turn=turn).key
        for number in ("20261187", "20261188")
        for call in ("a", "b")
        for turn in (1, 2)
    }
    assert len(keys) == 8


def test_a_proposal_keeps_its_arguments_when_the_caller_changes_his(release: Release) -> None:
    arguments = {"order_number": "20261187"}
    proposal = propose(release.actions["order_status"], arguments, call_id="c", turn=1)
    arguments["order_number"] = "20261188"
    assert proposal.arguments == {"order_number": "20261187"}
