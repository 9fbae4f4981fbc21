from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from gateway.commands.transcript import TranscriptView


def shown(*events: tuple[str, dict[str, Any]]) -> tuple[str, set[str]]:
    out = io.StringIO()
    view = TranscriptView(Console(file=out, width=160, color_system=None))
    for kind, payload in events:
        view.event({"kind": kind, "payload": payload})
    return out.getvalue(), view.shown


def test_an_answer_is_shown_with_confidence_source_and_latency_and_as_heard() -> None:
    text, kinds = shown(
        ("caller.turn", {"text": "how long is delivery", "digits": "", "confidence": 0.83}),
        (
            "reply.decided",
            {
                "reply": 2,
                "decision": "answer",
                "confidence": 0.91,
                "citations": [{"title": "Standard delivery", "document": "en/delivery.md"}],
            },
        ),
        (
            "reply.started",
            {"latency": 0.612, "stages": {"endpointing": 0.38, "dialog": 0.2, "synthesis": 0.02, "playback": 0.012}},
        ),
        ("reply.heard", {"reply": 2, "text": "Two to three", "complete": False}),
    )
    assert '"how long is delivery"' in text
    assert "confidence 0.83" in text
    assert '"Two to three"  — cut off' in text
    assert "answer, confidence 0.91" in text
    assert "source: Standard delivery (en/delivery.md)" in text
    assert "612 ms to first audio (endpointing 380 · dialog 200 · synthesis 20 · playback 12)" in text
    assert kinds == {"answer"}


def test_an_action_and_a_hand_over_are_shown_with_what_a_human_needs() -> None:
    text, kinds = shown(
        ("action.proposed", {"action": "a1", "name": "order_status", "arguments": {"order_number": "20261187"}}),
        ("action.succeeded", {"action": "a1", "seconds": 0.034}),
        (
            "handoff.queued",
            {
                "reason": "caller_asked",
                "queue": "orders",
                "skills": ["orders"],
                "summary": {"text": "The caller wants a person.", "known": {"order_number": "20261187"}},
            },
        ),
    )
    assert "order_status(order_number=20261187)" in text
    assert "succeeded in 34 ms" in text
    assert "reason: caller_asked   queue: orders" in text
    assert "The caller wants a person." in text
    assert kinds == {"action", "hand-over"}


def test_what_callers_say_cannot_style_the_terminal() -> None:
    text, _ = shown(("caller.turn", {"text": "[red]boo[/red] [link=x]", "digits": "", "confidence": 1.0}))
    assert "[red]boo[/red] [link=x]" in text


def test_events_for_machines_are_not_shown() -> None:
    assert shown(("media.quality", {"lost": 3})) == ("", set())
