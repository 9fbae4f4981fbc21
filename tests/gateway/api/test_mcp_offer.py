"""What a tenant offers over MCP, and what it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dialog.actions.rules import Identity
from dialog.errors import TenantDialogInvalid
from gateway.api.mcp_offer import Offer, read_offer
from tests.gateway.api.mcp_stage import example_offer
from tests.house import example_release

WORDS = {"ko": "말", "en": "words"}
LOOK: dict[str, Any] = {"title": WORDS, "description": WORDS, "arguments": {"order_number": WORDS}}


def read(folder: Path, content: Any) -> Offer | None:
    (folder / "mcp.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    return read_offer(folder, example_release())


def test_a_tenant_without_the_file_offers_nothing(tmp_path: Path) -> None:
    assert read_offer(tmp_path, example_release()) is None


def test_the_example_offers_what_its_file_names() -> None:
    offer = example_offer()
    assert {"order_status", "cancel_order", "book_visit"} <= set(offer.tools)
    assert (offer.tenant, offer.knowledge, offer.changes) == ("hanbit-store", True, True)
    assert offer.clients == {"website-assistant": Identity.NONE, "desk-assistant": Identity.KNOWLEDGE}


def test_what_is_not_named_is_not_offered(tmp_path: Path) -> None:
    offer = read(tmp_path, {"tools": {"order_status": LOOK}})
    assert offer is not None
    assert (list(offer.tools), offer.knowledge, offer.changes, offer.clients) == (["order_status"], False, False, {})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"tools": {"cancel_everything": LOOK}}, "actions.yaml has no such action"),
        ({"tools": {"customer_contact": LOOK}}, "it has secrets"),
        ({"tools": {"check_owner": LOOK}}, "it has secrets"),
        ({"tools": {"order_status": LOOK | {"title": {"en": "words"}}}}, "title: has no words for ko"),
        ({"tools": {"order_status": LOOK | {"arguments": {"order_number": {"ko": "말"}}}}}, "has no words for en"),
        ({"tools": {"order_status": LOOK | {"arguments": {}}}}, "'order_number' stands on one side only"),
        ({"tools": {"order_status": LOOK | {"arguments": {"order_number": WORDS, "x": WORDS}}}}, "'x' stands on one"),
        ({"clients": {"desk": {"acts_for_customers": "always"}}}, "must be one of none, claimed"),
        ({"tools": {"order_status": LOOK | {"path": "/"}}}, "path"),
    ],
)
def test_what_cannot_be_offered_is_refused_with_its_place(tmp_path: Path, content: Any, complaint: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=r"mcp\.yaml:\d+: ") as refusal:
        read(tmp_path, content)
    assert complaint in str(refusal.value)
