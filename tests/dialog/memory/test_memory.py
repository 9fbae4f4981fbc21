from __future__ import annotations

from datetime import UTC, datetime

from dialog.memory.memory import MOST_WISHES, Agreement, Eraser, Erasure, Preferences, Remembered
from dialog.reply import Manner

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def test_wishes_add_up_to_a_limit() -> None:
    liked = Preferences("ko")
    for _ in range(MOST_WISHES + 2):
        liked = liked.wished(Manner.SLOWER)
    liked = liked.wished(Manner.LOUDER)
    assert liked.manners == (Manner.SLOWER,) * MOST_WISHES + (Manner.LOUDER,)
    assert liked.language == "ko"


def test_only_a_yes_lets_somebody_be_remembered() -> None:
    assert not Remembered().agreed
    assert not Remembered(Agreement(False, NOW, "ko:1")).agreed
    assert Remembered(Agreement(True, NOW, "ko:1")).agreed


def test_who_answered_or_wanted_to_be_forgotten_is_not_asked_again() -> None:
    assert not Remembered().answered
    assert Remembered(Agreement(False, NOW, "ko:1")).answered
    assert Remembered(erasures=(Erasure(NOW, Eraser.CALLER),)).answered
