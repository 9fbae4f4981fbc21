"""Whom an answer is for goes with the question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from knowledge.query import Query
from tests.knowledge.twins import document


def test_a_query_permits_what_is_for_its_day_audience_and_channel() -> None:
    query = Query("shop", "en", "delivery", on=date(2026, 11, 21), audience="customer", channel="phone")
    assert query.permits(document("a", valid_until=date(2026, 11, 21)))
    assert not query.permits(document("a", valid_until=date(2026, 11, 20)))
    assert not query.permits(replace(document("a"), audience=("staff",)))
    assert not query.permits(replace(document("a"), channels=("chat",)))
    assert query.permits(replace(document("a"), audience=("staff", "customer"), channels=("phone",)))


def test_without_a_day_it_is_about_today_and_without_an_audience_for_everybody() -> None:
    query = Query("shop", "en", "delivery")
    assert not query.permits(document("a", valid_until=date.today() - timedelta(days=1)))
    assert query.permits(document("a"))
    assert not query.permits(replace(document("a"), audience=("customer",)))
