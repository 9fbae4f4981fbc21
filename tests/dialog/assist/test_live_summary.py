"""What a call has come to, from its record: the bot's part, the hand-over, the agent's part."""

from __future__ import annotations

from typing import Any

import pytest

from dialog.assist.live_summary import MOST_REMEMBERED, Story
from dialog.escalation import Tried
from tests.house import example_release

TEXTS = {code: example_release().texts(code) for code in ("ko", "en")}
HANDED = {
    "wish": "my parcel never came",
    "known": {"order number": "2 0 2 6, 1 1 8 7"},
    "tried": ["checking an order done"],
    "promised": [TEXTS["en"].render("summary.promised.hand_over")],
    "text": "…",
    "earlier": [],
}


def told(*events: tuple[str, dict[str, Any]], language: str = "en") -> Story:
    story = Story(language)
    for kind, payload in events:
        story = story.after(kind, payload)
    return story


TURN = ("caller.turn", {"turn": 1, "text": "how long does delivery take"})
SHOWN = (
    "assist.shown",
    {
        "card": "1",
        "kind": "answer",
        "utterance": 1,
        "text": "Standard delivery takes two to three business days.",
        "sources": [{"title": "Standard delivery"}],
    },
)
HANDOFF = ("handoff.queued", {"reason": "low_confidence", "summary": HANDED})


def test_the_bots_part_is_told_while_it_goes_on() -> None:
    story = told(
        TURN,
        (
            "turn.understood",
            {"turn": 1, "intent": "delivery", "commands": [{"command": "AskKnowledge", "query": "q?"}]},
        ),
        ("reply.decided", {"turn": 1, "decision": "answer", "citations": [{"title": "Standard delivery"}]}),
    )
    summary = story.summary(TEXTS["en"])
    assert (summary.wish, story.about) == ("q?", "delivery")
    assert summary.tried == ('answered "how long does delivery take" from Standard delivery',)


def test_a_hand_over_brings_the_bots_summary_and_the_agents_part_grows_on_it() -> None:
    story = told(HANDOFF, ("handoff.accepted", {"agent": "a"}), TURN, SHOWN, ("assist.used", {"card": "1"}))
    story = story.after("action.succeeded", {"name": "cancel_order"})
    story = story.after("agent.turn", {"text": "We will send you a confirmation."})
    summary = story.summary(TEXTS["en"])
    assert (summary.wish, summary.known) == (HANDED["wish"], HANDED["known"])
    assert summary.tried == (
        "checking an order done",
        'answered "how long does delivery take" from Standard delivery',
        "cancelling an order done",
    )
    assert summary.promised == ("We will send you a confirmation.",), "the agent it was to be connected with is there"
    assert "Handed over because the answer was not certain enough." in summary.text


def test_while_the_caller_waits_the_hand_over_is_still_promised() -> None:
    assert told(HANDOFF).summary(TEXTS["en"]).promised == tuple(HANDED["promised"])


def test_being_queued_again_forgets_nothing() -> None:
    story = told(HANDOFF, ("action.succeeded", {"name": "cancel_order"}), HANDOFF)
    assert [attempt.tried for attempt in story.attempts] == [Tried.ACTION_DONE]


def test_an_answer_that_the_agent_read_out_counts_as_told_once() -> None:
    said = ("agent.turn", {"text": "so standard delivery takes two to three business days okay"})
    story = told(TURN, SHOWN, said, ("assist.used", {"card": "1"}))
    assert [attempt.tried for attempt in story.attempts] == [Tried.ANSWERED]
    assert told(TURN, SHOWN, ("assist.dismissed", {"card": "1"})).attempts == ()


@pytest.mark.parametrize(
    ("kind", "error", "tried"),
    [
        ("action.failed", "not_found", Tried.ACTION_NOT_FOUND),
        ("action.failed", "rejected", Tried.ACTION_REJECTED),
        ("action.failed", "not_permitted", Tried.ACTION_DENIED),
        ("action.failed", "unavailable", Tried.ACTION_FAILED),
        ("action.unknown", "unknown", Tried.ACTION_UNKNOWN),
    ],
)
def test_an_action_is_told_as_it_came_out(kind: str, error: str, tried: Tried) -> None:
    assert told((kind, {"name": "cancel_order", "error": error})).attempts[0].tried is tried


def test_what_was_not_confirmed_was_not_tried() -> None:
    assert told(("action.failed", {"name": "cancel_order", "error": "not_confirmed"})).attempts == ()


def test_a_call_that_an_agent_took_at_once_has_a_wish_as_soon_as_something_is_asked() -> None:
    assert told(TURN, SHOWN).summary(TEXTS["en"]).wish == TURN[1]["text"]
    wanted = ("assist.shown", {"card": "1", "kind": "action", "utterance": 1, "name": "cancel_order"})
    assert told(TURN, wanted).summary(TEXTS["ko"]).wish == "주문 취소"


def test_secrets_and_unknown_events_leave_no_trace() -> None:
    story = told(("caller.turn", {"turn": 1, "text": "•••••"}), ("stage.latency", {"stage": "x"}), ("later.kind", {}))
    assert story == Story("en")


def test_a_call_without_end_is_remembered_to_a_bound() -> None:
    events = [("caller.turn", {"turn": number, "text": f"turn {number}"}) for number in range(500)]
    assert len(told(*events).turns) == MOST_REMEMBERED


def test_the_summary_follows_the_calls_language() -> None:
    assert told(("language.changed", {"before": "en", "after": "ko"})).language == "ko"
    assert told(HANDOFF).summary(TEXTS["ko"]).text.startswith("고객 요청: ")
