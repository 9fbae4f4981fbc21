"""Holds, receipts and classes as pages show them."""

from __future__ import annotations

from datetime import timedelta

from gateway.custody.erasure import AskedBy, Erasure, Receipt
from gateway.custody.hold import Hold
from gateway.custody.retention import DataClass, Retention
from gateway.custody.shown import outlined_receipt, shown_class, shown_hold, shown_receipt
from tests.gateway.custody.archive import NOW

ERASURE = Erasure("shop", "e1", "c1", AskedBy.API, "asked by letter", NOW)
RECEIPT = Receipt(ERASURE, NOW + timedelta(seconds=1), {"events": 8, "recordings": 0, "keys": 1, "another": 0}).plain()
KEEP = Retention(recording_days=90, words_days=None, record_days=None)


def test_a_hold_is_told_with_the_reason_why_it_was_released() -> None:
    stands = Hold("h1", "c1", "lawsuit", "anna", NOW)
    lifted = Hold("h2", "c1", "lawsuit", "anna", NOW, "ben", NOW + timedelta(days=1))
    told = [shown_hold(one, {"h2": "settled"}) for one in (stands, lifted)]
    assert [(one["stands"], one["released_why"]) for one in told] == [(True, None), (False, "settled")]


def test_a_receipt_in_a_list_says_how_much_went() -> None:
    assert outlined_receipt(RECEIPT) == {
        "erasure": "e1",
        "contact": "c1",
        "asked_by": "api",
        "why": "asked by letter",
        "begun_at": RECEIPT["begun_at"],
        "done_at": RECEIPT["done_at"],
        "gone": 9,
    }


def test_a_receipt_says_where_what_went_was_and_its_known_lines_have_names() -> None:
    told = shown_receipt(RECEIPT, str(RECEIPT["digest"]))
    assert [(one["where"], one["what"], one["count"]) for one in told["reached"]] == [
        ("keys", "keys", 1),
        ("recordings", "recordings", 0),
        ("database", "events", 8),
        ("database", "another", 0),
    ]
    assert [one["name"] for one in (*told["stands"], *told["elsewhere"])] == [
        "contact", "figures", "audit", "exports", "knowledge", "backups",
    ]  # fmt: skip
    assert (told["genuine"], told["audited"], told["receipt"]) == (True, True, RECEIPT)


def test_what_an_older_version_said_otherwise_is_told_in_its_own_words() -> None:
    old = {**RECEIPT, "stands": ["that there was a contact"]}
    told = shown_receipt(old, None)
    assert told["stands"] == [{"name": None, "text": "that there was a contact"}]
    assert (told["genuine"], told["audited"]) == (False, None)


def test_another_digest_in_the_audit_is_told() -> None:
    assert shown_receipt(RECEIPT, "0" * 64)["audited"] is False


def test_a_class_counts_what_is_due_and_names_the_next() -> None:
    ended = [NOW - timedelta(days=91), NOW - timedelta(days=85)]
    told = shown_class(DataClass.RECORDING, KEEP, NOW, ended, most=5)
    assert told == {"class": "recording", "days": 90, "due": 2, "more": False, "next": NOW - timedelta(days=1)}
    assert shown_class(DataClass.RECORDING, KEEP, NOW, ended, most=1) | {"next": None} == {
        "class": "recording", "days": 90, "due": 1, "more": True, "next": None,
    }  # fmt: skip


def test_what_is_kept_for_good_is_never_due() -> None:
    told = shown_class(DataClass.WORDS, KEEP, NOW, [], most=5)
    assert told == {"class": "words", "days": None, "due": 0, "more": False, "next": None}


def test_what_nobody_could_count_in_time_is_not_told_as_nothing() -> None:
    told = shown_class(DataClass.RECORDING, KEEP, NOW, None, most=5)
    assert told == {"class": "recording", "days": 90, "due": None, "more": False, "next": None}
