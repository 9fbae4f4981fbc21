"""The process that finds topics: ``python -m gateway.analytics.topics.process``, a child of whoever asks.

Korean morphemes are half a gigabyte, and grouping is computing: neither belongs beside calls. The child sees masked
turns of one tenant and ends when it is let go.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.analytics.topics.clustering import SaidTurn, topics_of
from gateway.analytics.topics.words import terms_of
from knowledge.child import Message, serve
from knowledge.errors import KnowledgeError


def answer(message: Message) -> Message:
    """``{language, turns: [[contact, day, text], …]}`` as topics, or as an ``error``."""
    try:
        turns = [
            SaidTurn(contact, date.fromisoformat(day), text, terms_of(text, message["language"]))
            for contact, day, text in message["turns"]
        ]
    except KnowledgeError as error:
        return {"error": str(error)}
    found = topics_of(turns)
    topics: list[dict[str, Any]] = [
        {
            "label": list(topic.label),
            "example": topic.example,
            "contacts": list(topic.contacts),
            "turns": topic.turns,
            "by_day": {day.isoformat(): count for day, count in topic.by_day.items()},
            "trend": topic.trend.value,
        }
        for topic in found.topics
    ]
    return {"topics": topics, "contacts": found.contacts, "turns": found.turns, "alone": found.alone}


if __name__ == "__main__":
    serve(answer)
