"""The audits as records: how entries are sealed, and what is found out from the records alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialog.actions.audit import append
from gateway.access.audit import REVEALED, AuditEntry
from gateway.access.audit_chain import FIELDS, AuditCheck, AuditLine, head_before, next_line
from gateway.access.errors import AuditUnreadable
from infra.hash_chain import START, Break, Fault, Head, moment
from tests.gateway.access.people import NOW


def entry(number: int) -> AuditEntry:
    return AuditEntry("t", NOW, "kim", REVEALED, f"call-{number}", "고객 요청", {"field": "caller"})


def lines(count: int = 4, before: int = 0) -> list[AuditLine]:
    older = [entry(number) for number in range(before)]
    head, found = head_before(older), [AuditLine(0, one, "", "") for one in older]
    for number in range(before, before + count):
        found.append(next_line(head, entry(number)))
        head = Head(found[-1].number, found[-1].digest)
    return found


def checked(records: list[dict[str, Any]], kept: Head | None = None) -> Break | None:
    check = AuditCheck("access", kept)
    for record in records:
        check.take(record)
    return check.end()


def records(count: int = 4, before: int = 0) -> list[dict[str, Any]]:
    return [line.record for line in lines(count, before)]


def test_entries_that_nobody_touched_are_whole() -> None:
    assert checked(records()) is None
    assert checked([]) is None
    assert [record["number"] for record in records()] == [1, 2, 3, 4]
    assert records()[0].keys() == {"audit", "number", *FIELDS["access"], "previous", "digest"}


@pytest.mark.parametrize("field", FIELDS["access"])
def test_every_field_is_sealed(field: str) -> None:
    told = records()
    told[1][field] = {"field": "called"} if field == "details" else "other"
    assert checked(told) == Break(2, Fault.EDITED)


def test_what_is_from_before_the_chain_is_sealed_with_its_first_entry() -> None:
    told = records(count=2, before=3)
    assert [record["number"] for record in told] == [0, 0, 0, 1, 2]
    assert checked(told) is None
    assert checked([{**told[0], "why": "other"}, *told[1:]]) == Break(1, Fault.UNLINKED)
    assert checked(told[1:]) == Break(1, Fault.UNLINKED)
    assert checked([told[1], told[0], *told[2:]]) == Break(1, Fault.UNLINKED)
    assert checked([*told, told[0]]) == Break(3, Fault.MISSING)  # nothing comes to be from before


def test_a_head_that_was_kept_shows_what_is_gone() -> None:
    whole = lines()
    kept = Head(whole[-1].number, whole[-1].digest)
    assert checked(records(), kept) is None
    assert checked(records(3), kept) == Break(4, Fault.CUT_OFF)
    assert checked([], kept) == Break(1, Fault.CUT_OFF)
    forged = next_line(Head(3, whole[2].digest), replace(entry(3), actor="lee"))
    assert checked([*records(3), forged.record], kept) == Break(4, Fault.REWRITTEN)


def test_the_first_break_is_told_and_the_head_stays_before_it() -> None:
    told, check = records(), AuditCheck("access")
    for record in [told[0], told[2], told[3]]:
        check.take(record)
    assert check.end() == Break(2, Fault.MISSING)
    assert (check.head.number, check.records) == (1, 3)
    assert AuditCheck("access").head == START


def test_the_audit_of_actions_is_checked_by_the_same_rule() -> None:
    first = append(None, NOW, "i", {"state": "proposed"})
    second = append(first, NOW, "i", {"state": "started"})
    told = [
        {"number": one.number, "at": moment(one.at), "intent": one.intent, "body": dict(one.body),
         "previous": one.previous, "digest": one.digest}
        for one in (first, second)
    ]  # fmt: skip
    check = AuditCheck("actions", Head(second.number, second.digest))
    for record in told:
        check.take(record)
    assert check.end() is None
    assert check.head == Head(2, second.digest)
    zero = AuditCheck("actions")
    zero.take({**told[0], "number": 0})
    assert zero.end() == Break(1, Fault.MISSING)  # it has been a chain from the beginning


@pytest.mark.parametrize("record", [{}, {"number": "x"}, {**records()[0], "number": None}])
def test_what_is_no_record_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(AuditUnreadable, match="record 1"):
        AuditCheck("access").take(record)
