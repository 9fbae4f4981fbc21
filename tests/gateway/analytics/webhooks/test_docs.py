"""What docs/webhooks.md shows is what there is, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from gateway.analytics.webhooks.delivery import PAUSES
from gateway.analytics.webhooks.message import CONTENT_TYPE, message_id, message_of
from gateway.analytics.webhooks.signature import read_secrets, signed_headers
from gateway.analytics.webhooks.subscription import subscriptions_of
from gateway.session.records import ContactEvent
from tests.gateway.analytics.webhooks.receiver import WRITTEN, tenant_with

PAGES = [Path(__file__).parents[4] / "docs" / name for name in ("webhooks.md", "webhooks.ko.md")]
EVENT = ContactEvent(
    "hanbit-store", "7f3a", 42, datetime(2026, 11, 22, tzinfo=UTC), "call.ended", {"reason": "completed"}
)


def block(page: Path, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_example_can_be_written_into_a_tenants_file(page: Path) -> None:
    (crm,) = subscriptions_of(tenant_with("shop", **yaml.safe_load(block(page, "yaml"))["webhooks"]))
    assert {"call.ended", "handoff.*", "wrap_up.done"} <= crm.kinds


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_receivers_example_knows_our_signature_and_no_other(page: Path) -> None:
    shown: dict[str, Any] = {}
    exec(block(page, "python"), shown)
    body, at = message_of(EVENT), 1_795_309_323
    headers = signed_headers(read_secrets(WRITTEN), message_id("hanbit-store", "7f3a", 42), at, body)
    verified = shown["verified"]
    assert verified(WRITTEN, headers, body, at + 10)
    assert not verified(WRITTEN, headers, body + b" ", at + 10)
    assert not verified(WRITTEN, headers, body, at + 400)
    assert not verified("whsec_" + "A" * 44, headers, body, at)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_message_is_told_with_its_own_fields(page: Path) -> None:
    shown, made = orjson.loads(block(page, "json")), orjson.loads(message_of(EVENT))
    assert shown.keys() == made.keys()
    assert shown["data"].keys() == made["data"].keys()
    assert (shown["type"], shown["sequence"], shown["source"]) == (made["type"], made["sequence"], made["source"])
    assert CONTENT_TYPE in page.read_text(encoding="utf-8")


def test_the_number_of_attempts_is_the_one_that_is_told() -> None:
    assert len(PAUSES) + 1 == 14
    assert round(sum(pause.total_seconds() for pause in PAUSES) / 86_400, 1) == 2.7
