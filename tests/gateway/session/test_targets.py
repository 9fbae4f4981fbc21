from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.session.errors import TenantInvalid
from gateway.session.targets import Target, Toll, Way
from gateway.session.tenant import Tenant, load_tenant

TENANT = """
id: shop
name: {en: Shop}
languages: [en]
transfers:
  support-desk:
    name: {ko: 고객센터, en: Support desk}
    to: "sip:queue-{handoff}@pbx.example"
    ways: [refer, bridge]
    accept: key
    headers: {X-Queue: vip}
hand_over:
  queues:
    - {id: general, transfer: support-desk}
    - {id: orders}
outbound:
  toll: {prefixes: ["+82", "sip:*@pbx.example"], at_once: 3}
"""


def tenant(folder: Path, text: str) -> Tenant:
    (folder / "tenant.yaml").write_text(text, encoding="utf-8")
    return load_tenant(folder)


def test_a_tenants_targets_are_read_and_a_queue_leads_to_one(tmp_path: Path) -> None:
    shop = tenant(tmp_path, TENANT)
    target = shop.transfers["support-desk"]
    assert target.ways == (Way.REFER, Way.BRIDGE)
    assert str(target.address("h1")) == "sip:queue-h1@pbx.example"
    assert (target.called("ko"), target.called("fr")) == ("고객센터", "고객센터")
    assert shop.target_of("general") == "support-desk"
    assert shop.target_of("orders") is shop.target_of("nowhere") is None
    assert shop.outbound is not None
    assert shop.outbound.toll == Toll(prefixes=("+82", "sip:*@pbx.example"), at_once=3)


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("sip:queue-{handoff}@pbx.example", "sip:a@pbx.example?X=y", "transfers.support-desk"),
        ("[refer, bridge]", "[refer, refer]", "transfers.support-desk.ways"),
        ("[refer, bridge]", "[teleport]", "transfers.support-desk.ways"),
        ("X-Queue: vip", "Route: vip", "transfers.support-desk.headers"),
        ("X-Queue: vip", 'X-Queue: "a\\r\\nVia: b"', "transfers.support-desk.headers"),
        ("accept: key", "accept: maybe", "transfers.support-desk.accept"),
        ("transfer: support-desk", "transfer: sales", "queue 'general' goes to 'sales'"),
        ("  support-desk:\n", "  Support Desk:\n", "'Support Desk' is no id"),
        ('"+82"', '"82"', "outbound.toll.prefixes"),
        ('"+82"', '"+"', "outbound.toll.prefixes"),
        ('"+82"', '"sip:*@*"', "outbound.toll.prefixes"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, written: str, instead: str, named: str) -> None:
    with pytest.raises(TenantInvalid) as error:
        tenant(tmp_path, TENANT.replace(written, instead))
    assert named in str(error.value)


def test_a_platforms_own_word_need_be_no_address() -> None:
    shape: dict[str, Any] = {"name": {"en": "Sales"}, "to": "the sales queue", "ways": ["provider"]}
    assert Target.model_validate(shape).to == "the sales queue"
    with pytest.raises(ValueError, match="cannot be called"):
        Target.model_validate({**shape, "ways": ["provider", "bridge"]})
