"""The audit's chain: whatever is changed, removed or moved shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded, Unknown
from dialog.actions.audit import AuditEntry, append, broken_at, entry_body
from dialog.actions.intent import intent_of
from tests.dialog.shop import NOW, wanted, yes


def chain(length: int = 5) -> list[AuditEntry]:
    lines: list[AuditEntry] = []
    for number in range(length):
        lines.append(append(lines[-1] if lines else None, NOW, f"intent {number}", {"turn": number, "state": "x"}))
    return lines


def test_what_nobody_touched_is_whole() -> None:
    assert broken_at(chain()) is None
    assert broken_at([]) is None


@pytest.mark.parametrize(
    ("touch", "where"),
    [
        (lambda lines: [lines[0], replace(lines[1], body={"turn": 9, "state": "x"}), *lines[2:]], 2),
        (lambda lines: [lines[0], replace(lines[1], intent="other"), *lines[2:]], 2),
        (lambda lines: [lines[0], replace(lines[1], at=NOW + timedelta(seconds=1)), *lines[2:]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines[:2], append(lines[1], NOW, "forged", {}), *lines[3:]], 4),
    ],
)
def test_what_somebody_touched_shows_where(touch: Callable[[list[AuditEntry]], list[AuditEntry]], where: int) -> None:
    assert broken_at(touch(chain())) == where


def test_neither_the_order_of_keys_nor_the_time_zone_matters() -> None:
    seoul = timezone(timedelta(hours=9))
    line = append(None, NOW, "i", {"a": 1, "b": 2})
    assert append(None, NOW.astimezone(seoul), "i", {"b": 2, "a": 1}).digest == line.digest


def test_a_line_tells_who_confirmed_what_when_and_nothing_of_its_content() -> None:
    intent = replace(intent_of(wanted()), confirmation=yes(wanted()), outcome=Succeeded({"status": "비밀"}))
    body = entry_body(intent)
    assert body["confirmed"] == {"turn": 4, "evidence": "네, 취소해 주세요", "at": NOW.isoformat()}
    assert body["key"] == wanted().key
    assert "비밀" not in str(body)
    assert "1001" not in str({name: value for name, value in body.items() if name not in {"digest", "key"}})


@pytest.mark.parametrize("outcome", [Failed(FailureKind.NOT_DONE, "why"), Unknown("why")])
def test_what_went_wrong_is_told(outcome: Failed | Unknown) -> None:
    told = entry_body(replace(intent_of(wanted()), outcome=outcome))["outcome"]
    assert isinstance(told, dict)
    assert told["detail"] == "why"


def test_a_step_names_what_it_is_a_step_of() -> None:
    assert entry_body(replace(intent_of(wanted()), parent="whole"))["parent"] == "whole"
