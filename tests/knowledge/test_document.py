from __future__ import annotations

from datetime import date

from knowledge.document import Document


def test_a_document_for_some_is_told_to_nobody_else_and_never_outside_its_days() -> None:
    rules = Document("r", "r", "en", "d", valid_until=date(2026, 7, 31), audience=("staff",), channels=("phone",))
    day = date(2026, 7, 1)
    assert rules.told(day, "staff", "phone")
    assert not rules.told(day)
    assert not rules.told(day, "staff")
    assert not rules.told(day, "guest", "phone")
    assert not rules.told(date(2026, 8, 1), "staff", "phone")


def test_a_document_is_valid_on_both_its_first_and_its_last_day() -> None:
    sale = Document("sale.md", "Sale", "en", "", valid_from=date(2026, 7, 1), valid_until=date(2026, 7, 31))
    assert not sale.valid_on(date(2026, 6, 30))
    assert sale.valid_on(date(2026, 7, 1))
    assert sale.valid_on(date(2026, 7, 31))
    assert not sale.valid_on(date(2026, 8, 1))


def test_an_open_end_never_closes() -> None:
    assert Document("a", "A", "en", "").valid_on(date(1, 1, 1))
    assert Document("a", "A", "en", "", valid_from=date(2026, 1, 1)).valid_on(date(9999, 1, 1))
