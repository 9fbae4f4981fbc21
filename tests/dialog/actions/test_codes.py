"""One-time codes: good for minutes, once, and for a few tries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.actions import codes as one_time
from dialog.actions.action import Failed, FailureKind, Succeeded
from dialog.actions.codes import TRIES, VALID_FOR, CodeActions, OneTimeCodes
from tests.dialog.shop import LOOK


class Seconds:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def codes(seconds: Seconds) -> OneTimeCodes:
    return OneTimeCodes(seconds, b"key of the process")


def test_a_code_has_six_digits_and_is_the_same_for_the_same_sending(codes: OneTimeCodes) -> None:
    code = codes.issue("a", "C-1")
    assert len(code) == 6
    assert code.isdecimal()
    assert codes.issue("a", "C-1") == code
    assert codes.issue("b", "C-2") != code
    assert OneTimeCodes(secret=b"another key").issue("a", "C-1") != code


def test_the_right_code_is_good_once(codes: OneTimeCodes) -> None:
    code = codes.issue("a", "C-1")
    assert codes.check("a", code) is None
    assert codes.check("a", code) is FailureKind.REJECTED


def test_after_a_few_tries_the_right_one_is_good_no_more(codes: OneTimeCodes) -> None:
    code = codes.issue("a", "C-1")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [codes.check("a", wrong) for _ in range(TRIES)] == [FailureKind.NOT_FOUND] * TRIES
    assert codes.check("a", code) is FailureKind.REJECTED


def test_a_code_expires(codes: OneTimeCodes, seconds: Seconds) -> None:
    code = codes.issue("a", "C-1")
    seconds.now += VALID_FOR + 1
    assert codes.check("a", code) is FailureKind.REJECTED


def test_a_new_code_replaces_the_one_before(codes: OneTimeCodes) -> None:
    first, other = codes.issue("a", "C-1"), codes.issue("b", "C-2")
    second = codes.issue("c", "C-1")
    assert codes.check("a", first) is FailureKind.REJECTED
    assert codes.check("b", other) is None
    assert codes.check("c", second) is None


def test_no_more_codes_are_open_than_there_is_room_for(codes: OneTimeCodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_time, "MOST_OPEN", 2)
    first = codes.issue("a", "C-1")
    codes.issue("b", "C-2")
    codes.issue("c", "C-3")
    assert codes.check("a", first) is FailureKind.REJECTED


async def test_checking_is_an_action(codes: OneTimeCodes) -> None:
    port, code = CodeActions(codes), codes.issue("a", "C-1")
    wrong = await port.perform(replace(LOOK), {"sent": "a", "code": "x"}, key="")
    assert isinstance(wrong, Failed)
    assert wrong.kind is FailureKind.NOT_FOUND
    assert code not in wrong.detail
    assert await port.perform(LOOK, {"sent": "a", "code": code}, key="") == Succeeded({})
    await port.close()
