"""A chain shows whatever is done to it; what was sealed anew or cut off, to whoever kept a head of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.hash_chain import START, Break, ChainCheck, Fault, Head, SealedLine, broken_at, moment, seal, sealed

Lines = list[SealedLine]


def chain(length: int = 6, start: Head = START, word: str = "line") -> Lines:
    lines: Lines = []
    head = start
    for number in range(length):
        lines.append(sealed(head, [f"{word} {number}", {"n": number}]))
        head = Head(lines[-1].number, lines[-1].digest)
    return lines


def head(line: SealedLine) -> Head:
    return Head(line.number, line.digest)


def edited(line: SealedLine) -> SealedLine:
    return replace(line, content=["other", {"n": 99}])


def moved_up(line: SealedLine) -> SealedLine:
    return replace(line, number=line.number - 1)


def resealed(line: SealedLine) -> SealedLine:
    return replace(line, digest=seal(line.number, line.content, line.previous))


def test_what_nobody_touched_is_whole() -> None:
    lines = chain()
    assert broken_at(lines) is None
    assert broken_at([]) is None
    assert broken_at(lines, kept=[head(lines[2]), head(lines[-1])]) is None


@pytest.mark.parametrize(
    ("touch", "found"),
    [
        (lambda lines: [*lines[:2], edited(lines[2]), *lines[3:]], Break(3, Fault.EDITED)),
        (lambda lines: [*lines[:2], resealed(edited(lines[2])), *lines[3:]], Break(4, Fault.UNLINKED)),
        (lambda lines: [*lines[:2], replace(lines[2], digest="0" * 64), *lines[3:]], Break(3, Fault.EDITED)),
        (lambda lines: lines[1:], Break(1, Fault.MISSING)),
        (lambda lines: [*lines[:2], *lines[3:]], Break(3, Fault.MISSING)),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], Break(3, Fault.MISSING)),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], Break(4, Fault.MISSING)),
        # Two lines that have changed places, numbers and all:
        (
            lambda lines: [*lines[:2], replace(lines[3], number=3), replace(lines[2], number=4), *lines[4:]],
            Break(3, Fault.EDITED),
        ),
        # Removed, and all behind it numbered anew:
        (
            lambda lines: [*lines[:2], *(replace(one, number=one.number - 1) for one in lines[3:])],
            Break(3, Fault.EDITED),
        ),
    ],
)
def test_what_somebody_touched_shows_where_and_how(touch: Callable[[Lines], Lines], found: Break) -> None:
    assert broken_at(touch(chain())) == found


def test_what_was_sealed_anew_shows_by_a_head_that_was_kept() -> None:
    lines = chain()
    anew = [*lines[:2], *chain(4, head(lines[1]), "forged")]
    assert broken_at(anew) is None
    assert broken_at(anew, kept=[head(lines[4])]) == Break(5, Fault.REWRITTEN)
    assert broken_at(anew, kept=[head(lines[1])]) is None


def test_what_was_cut_off_shows_by_a_head_that_was_kept() -> None:
    lines = chain()
    assert broken_at(lines[:4]) is None
    assert broken_at(lines[:4], kept=[head(lines[-1])]) == Break(5, Fault.CUT_OFF)
    assert broken_at([], kept=[head(lines[0])]) == Break(1, Fault.CUT_OFF)


def test_a_chain_may_begin_with_something_that_was_there_before() -> None:
    before = Head(0, seal(0, ["what was there"], START.digest))
    lines = chain(start=before)
    assert broken_at(lines, start=before) is None
    assert broken_at(lines) == Break(1, Fault.UNLINKED)


def test_the_head_of_a_check_is_the_latest_line_that_was_right() -> None:
    lines, check = chain(), ChainCheck()
    assert check.head == START
    assert check.take(lines[0]) is None and check.take(edited(lines[1])) is not None
    assert check.head == head(lines[0])


def test_neither_the_order_of_keys_nor_the_time_zone_matters() -> None:
    at = datetime(2026, 11, 22, 9, 0, 0, 5, UTC)
    seoul = at.astimezone(timezone(timedelta(hours=9)))
    first, second = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert seal(1, [moment(at), first], "x") == seal(1, [moment(seoul), second], "x")
    assert seal(1, [moment(at), first], "x") != seal(2, [moment(at), first], "x")
