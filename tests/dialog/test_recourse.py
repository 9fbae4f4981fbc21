"""What is done when the dialog does not get on."""

from __future__ import annotations

from collections import deque

import pytest

from dialog.conversation import Conversation
from dialog.flows.flow import begin
from dialog.journal import MemoryJournal, Scribe
from dialog.recourse import Recourse
from dialog.releases.release import Release
from dialog.reply import Decision, EscalationReason
from dialog.turn import CallerTurn


@pytest.fixture
def talking() -> Conversation:
    return Conversation("c", "en", "+82", "r", Scribe(MemoryJournal(), timeout=1.0), deque())


TURN = CallerTurn(1, "hm", "en")


def test_what_means_nothing_is_asked_for_once_more_then_a_human_goes_on(
    release: Release, talking: Conversation
) -> None:
    recourse = Recourse(release)
    assert recourse.unclear(talking, TURN).decision is Decision.CLARIFY
    over = recourse.unclear(talking, TURN)
    assert over.escalation is not None
    assert over.escalation.reason is EscalationReason.NO_PROGRESS


def test_a_hand_over_is_decided_once_and_drops_what_was_under_way(release: Release, talking: Conversation) -> None:
    recourse = Recourse(release)
    talking.flow = begin(release.flows["order_status"])
    talking.paused = (talking.flow,)
    first = recourse.hand_over(talking, EscalationReason.CALLER_ASKED)
    again = recourse.hand_over(talking, EscalationReason.CALLER_ASKED)
    assert first.escalation is not None
    assert again.escalation is None
    assert (talking.flow, talking.paused, talking.pending) == (None, (), None)


def test_every_reason_has_its_words_in_both_languages(release: Release) -> None:
    for code in ("ko", "en"):
        texts = release.templates[code]
        for reason in EscalationReason:
            assert texts.has(f"escalate.{reason.value}")
            assert texts.has(f"summary.reason.{reason.value}")
