from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.custody.erasure import AskedBy, Erasure, Receipt, is_genuine

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def receipt() -> dict[str, object]:
    erasure = Erasure("shop", "e1", "c1", AskedBy.CALLER, "asked on the phone", NOW)
    return Receipt(erasure, NOW, {"events": 7, "recordings": 1}).plain()


def test_a_receipt_says_what_went_what_stands_and_what_lies_elsewhere(receipt: dict[str, object]) -> None:
    assert receipt["gone"] == {"events": 7, "recordings": 1}
    assert receipt["asked_by"] == "caller"
    assert receipt["stands"]
    assert receipt["elsewhere"]


def test_a_receipt_that_was_changed_is_none(receipt: dict[str, object]) -> None:
    assert is_genuine(receipt)
    assert is_genuine(dict(reversed(receipt.items())))
    assert not is_genuine({**receipt, "gone": {"events": 8, "recordings": 1}})
    assert not is_genuine({key: value for key, value in receipt.items() if key != "digest"})
