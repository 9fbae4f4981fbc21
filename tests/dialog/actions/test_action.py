"""Proposals are frozen intentions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.actions.action import Confirmation, Service, Via, doubt, propose
from dialog.releases.release import Release
from tests.dialog.shop import CANCEL, NOW, wanted, yes


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


def test_the_same_said_differently_is_the_same_proposal() -> None:
    schema = {"type": "object", "properties": {"count": {"type": "integer"}, "name": {"type": "string"}}}
    action = replace(CANCEL, arguments=schema)
    said = [{"count": "3", "name": " 가방 "}, {"name": "가방", "count": 3, "note": None}]
    assert len({propose(action, one, call_id="c", turn=1).digest for one in said}) == 1


def test_what_is_proposed_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        wanted().arguments["order"] = "1003"  # type: ignore[index]


def test_a_confirmation_of_exactly_this_in_time_leaves_no_doubt() -> None:
    assert doubt(wanted(), yes(wanted()), NOW) is None


@pytest.mark.parametrize(
    ("confirmation", "after", "why"),
    [
        (None, 0, "nobody"),
        (yes(wanted("1003")), 0, "another proposal"),
        (yes(wanted(), turn=3), 0, "not confirmed after"),
        (Confirmation(wanted().id, 4, "", NOW), 0, "nothing shows"),
        (yes(wanted()), 121, "time to be confirmed is over"),
        (yes(wanted(), at=NOW + timedelta(seconds=121)), 0, "time to be confirmed is over"),
    ],
)
def test_everything_else_does(confirmation: Confirmation | None, after: float, why: str) -> None:
    said = doubt(wanted(), confirmation, NOW + timedelta(seconds=after))
    assert said is not None
    assert why in said


@pytest.mark.parametrize(
    ("url", "via"),
    [("http://a", Via.HTTP), ("https://a/b", Via.HTTP), ("postgresql://a/b", Via.SQL), ("python:prices", Via.PYTHON)],
)
def test_a_service_is_reached_as_its_url_says(url: str, via: Via) -> None:
    assert Service("s", url).via is via
