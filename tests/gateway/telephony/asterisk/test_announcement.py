"""Calls that are announced, and those that are not."""

from __future__ import annotations

import pytest

from gateway.telephony.asterisk.announcement import Announced, Announcements, NotAnnounced
from gateway.telephony.introduction import Introduction

CALL = "40325ec2-5efd-4bd3-805f-53576e581d13"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_announced_call_comes_once_and_in_time() -> None:
    clock = Clock()
    calls = Announcements(30.0, 10, clock)
    said = [("uuid", CALL.upper()), ("from", "010"), ("to", "1588"), ("x-queue", "vip"), ("format", "slin16")]
    assert calls.announce(said)
    assert calls.come(CALL) == Announced(Introduction("", "010", "1588", {"x-queue": "vip"}), "slin16")
    assert calls.come(CALL) is None
    calls.announce([("uuid", CALL)])
    clock.now = 30.0
    assert calls.come(CALL) is None


def test_more_than_may_wait_are_refused() -> None:
    calls = Announcements(30.0, 1, Clock())
    assert calls.announce([("uuid", CALL)])
    assert not calls.announce([("uuid", CALL.replace("4", "5"))])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [([], "uuid"), ([("uuid", "7")], "uuid"), ([("uuid", CALL), ("format", "opus")], "format must be one of slin")],
)
def test_what_is_no_announcement_is_refused_with_what_is_wrong(said: list[tuple[str, str]], wrong: str) -> None:
    with pytest.raises(NotAnnounced, match=wrong):
        Announcements(30.0, 1, Clock()).announce(said)
