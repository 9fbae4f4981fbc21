from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from gateway.desk.floor.errors import NoSuchQueue, QueuesInvalid
from gateway.desk.floor.queue import Overflow, Relaxation, read_queues, skill_levels
from gateway.session.tenant import Hours
from tests.gateway.desk.floor.hall import QUEUES
from tests.house import EXAMPLE

WRITTEN = """
default: orders
queues:
  - id: orders
    name: {ko: 주문, en: Orders}
    skills: [orders, "returns:3"]
    languages: [ko, en]
    answer_within_seconds: 30
    wrap_up_seconds: 45
    relax:
      - {after_seconds: 60, drop_skills: [returns], also_queues: [general]}
      - {after_seconds: 20, lower_levels: 1}
    overflow: {after_seconds: 300, to: callback}
  - id: general
    overflow: {after_seconds: 90, to: orders}
    hours: {weekly: {monday: ["09:00-18:00"]}}
"""


def read(text: str, **more: Any) -> Any:
    return read_queues(yaml.safe_load(text), **more)


def test_queues_are_read_as_they_are_written() -> None:
    queues = read(WRITTEN)
    orders = queues["orders"]
    assert (orders.name["ko"], orders.skills, orders.answer_within) == ("주문", {"orders": 1, "returns": 3}, 30)
    assert orders.relax == (Relaxation(20, lower_levels=1), Relaxation(60, ("returns",), 0, ("general",)))
    assert orders.overflow == Overflow(300, None)
    assert queues["general"].overflow == Overflow(90, "orders")
    assert queues.languages == {"ko", "en"}


def test_a_queue_that_is_gone_is_the_default_one_and_an_unknown_one_is_refused() -> None:
    assert QUEUES["sales"].id == "general"
    with pytest.raises(NoSuchQueue, match="'sales'; there are general, orders"):
        QUEUES.known("sales")


def test_without_any_there_is_one_for_everybody() -> None:
    queues = read_queues(None)
    assert (queues.default, queues["general"].skills) == ("general", {})


def test_the_example_tenant_has_its_queues() -> None:
    content = yaml.safe_load((EXAMPLE / "tenant.yaml").read_text(encoding="utf-8"))
    queues = read_queues(content["hand_over"])
    assert set(queues.by_id) == {"general", "orders", "billing"}
    assert queues["orders"].skills == {"orders": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("queues: [{id: a b}]", "hand_over.queues.0.id"),
        ("queues: [{id: orders}]", "default queue 'general'"),
        ("queues: [{id: general}, {id: general}]", "same id"),
        ("queues: [{id: general, offer_seconds: 0}]", "hand_over.queues.0.offer_seconds"),
        ("queues: [{id: general, skils: [a]}]", "hand_over.queues.0.skils"),
        ('queues: [{id: general, skills: ["orders:0"]}]', "write orders, or orders:3"),
        ("queues: [{id: general, overflow: {after_seconds: 9, to: sales}}]", "leads to 'sales'"),
        ("queues: [{id: general, relax: [{after_seconds: 9, also_queues: [general]}]}]", "leads to 'general'"),
    ],
)
def test_what_is_written_wrongly_is_named(text: str, complaint: str) -> None:
    with pytest.raises(QueuesInvalid, match=complaint):
        read(text)


def test_a_skill_may_have_colons_in_its_name() -> None:
    assert skill_levels(["lang:ko", "lang:en:2", "orders"]) == {"lang:ko": 1, "lang:en": 2, "orders": 1}
    queues = read('queues: [{id: general, skills: ["lang:ko", "lang:en:2"]}]')
    assert queues["general"].skills == {"lang:ko": 1, "lang:en": 2}


def test_skills_of_handoffs_are_taken_as_they_come() -> None:
    assert skill_levels(["orders:0", ":3", "returns:12"]) == {"orders": 1, ":3": 1, "returns": 12}


def test_a_queue_opens_by_its_own_hours_or_the_tenants() -> None:
    tenants = Hours(weekly={"sunday": ("10:00-12:00",)})
    queues = read(WRITTEN, hours=tenants, time_zone="Asia/Seoul")
    sunday_night = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    assert queues["general"].opening(sunday_night) == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert queues["orders"].opening(sunday_night) == datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
    assert read(WRITTEN)["orders"].opening(sunday_night) == sunday_night
