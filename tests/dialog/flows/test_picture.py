"""The picture of a flow."""

from __future__ import annotations

import re

import pytest

from dialog.flows.picture import draw
from dialog.releases.release import Release


def test_it_shows_what_is_asked_decided_confirmed_and_said(release: Release) -> None:
    picture = draw(release.flows["refund_order"])
    for part in (
        "ask order_number (digits)",
        '[["order_status"]]',
        "order_status.status is preparing or shipped or out_for_delivery or cancelled",
        "everything is yes",
        "read back refund_order: yes?",
        '>"not_yet"]',
        "the end",
    ):
        assert part in picture


@pytest.mark.parametrize("name", ["order_status", "cancel_order", "change_address", "refund_order", "book_visit"])
def test_every_arrow_leads_from_a_node_to_a_node(release: Release, name: str) -> None:
    picture = draw(release.flows[name])
    drawn = set(re.findall(r"^  (\w+)[\[({>]", picture, re.MULTILINE)) | {"dropped", "finished"}
    arrows = re.findall(r"^  (\w+)[^\n]*?-->(?:\|\w+\|)? (\w+)", picture, re.MULTILINE)
    assert {end for arrow in arrows for end in arrow} <= drawn
    assert "finished" in {end for _, end in arrows}


def test_it_is_the_same_for_the_same_flow(release: Release) -> None:
    assert draw(release.flows["cancel_order"]) == draw(release.flows["cancel_order"])
