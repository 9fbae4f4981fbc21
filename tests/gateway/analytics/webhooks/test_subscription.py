from __future__ import annotations

from typing import Any

import pytest

from gateway.analytics.webhooks.subscription import subscriptions_of
from gateway.session.errors import TenantInvalid
from tests.gateway.analytics.webhooks.receiver import tenant_with

GOOD = {"url": "https://crm.example/hook", "secret": "crm", "events": ["call.ended", "handoff.*"]}


def test_a_tenant_names_who_is_told_of_what() -> None:
    (one,) = subscriptions_of(tenant_with("shop", crm=GOOD))
    assert (one.name, one.url, one.secret) == ("crm", "https://crm.example/hook", "crm")
    assert one.kinds == {"call.ended", "handoff.*"}


def test_without_webhooks_nobody_is_told() -> None:
    assert subscriptions_of(tenant_with("shop")) == ()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"events": ["call.vanished"]}, "call.vanished"),
        ({"events": ["cals.*"]}, "no kind of event"),
        ({"events": ["call.*ed"]}, "no kind of event"),
        ({"events": ["call"]}, "no kind of event"),
        ({"events": []}, "events"),
        ({"url": "ftp://crm.example/"}, "https://"),
        ({"url": "https:///hook"}, "host"),
        ({"url": "https://me:secret@crm.example/"}, "no password"),
        ({"url": "https://한빛.example/"}, "xn--"),
        ({"url": "https://crm.example/ hook"}, "spaces"),
        ({"url": "https://crm.example:99999/"}, "Port"),
        ({"url": f"https://{'a' * 64}.example/"}, "no such host"),
        ({"url": "https://crm..example/"}, "no such host"),
        ({"header": "x"}, "header"),
    ],
)
def test_mistakes_are_named(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(TenantInvalid, match=r"shop: webhooks\.crm") as refused:
        subscriptions_of(tenant_with("shop", crm={**GOOD, **changed}))
    assert why in str(refused.value)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(TenantInvalid, match="no id"):
        subscriptions_of(tenant_with("shop", **{"Our CRM": GOOD}))
