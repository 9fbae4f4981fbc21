"""The process that finds topics: ``python -m gateway.analytics.topics.process``, a child of whoever asks.

Korean morphemes are half a gigabyte, and grouping is computing: neither belongs beside calls. The child is told turns
of one tenant (``hear``, in parts), masks them before it looks at them, and answers once with their topics (``group``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from gateway.access.masking import masked_text
from gateway.analytics.topics.clustering import SaidTurn, Topic, topics_of
from gateway.analytics.topics.words import terms_of
from infra.config import load
from knowledge.child import Message, serve
from knowledge.embedder import Matrix, model_place
from knowledge.encoding import TextEncoder
from knowledge.errors import KnowledgeError
from knowledge.settings import KnowledgeSettings

LATEST: Final = 50
"""Contacts of a topic that are named."""


class Listener:
    """Hears turns, and groups what it has heard."""

    def __init__(self) -> None:
        self._heard: list[tuple[str, str, str]] = []

    def answer(self, message: Message) -> Message:
        """``{do: hear, turns: [[contact, day, text], …]}`` with nothing; ``{do: group, language, since, data}`` with
        the topics of what was heard, or with an ``error``."""
        if message["do"] == "hear":
            self._heard += message["turns"]
            return {}
        try:
            return self._topics(message["language"], date.fromisoformat(message["since"]), Path(message["data"]))
        except KnowledgeError as error:
            return {"error": str(error)}

    def _topics(self, language: str, since: date, data: Path) -> Message:
        terms = lru_cache(maxsize=None)(lambda text: terms_of(text, language))
        turns = []
        for contact, day, text in self._heard:
            masked = masked_text(text)
            turns.append(SaidTurn(contact, date.fromisoformat(day), masked, terms(masked)))
        found = topics_of(turns, since, lambda texts: vectors_of(texts, language, data))
        return {
            "topics": [_told(topic) for topic in found.topics],
            "contacts": found.contacts,
            "turns": found.turns,
            "alone": found.alone,
            "before": {"contacts": found.contacts_before},
        }


def vectors_of(texts: Sequence[str], language: str, data: Path) -> Matrix | None:
    """What the configured model makes of texts; none where it does not read the language, or was not made ready yet."""
    settings = load(KnowledgeSettings)
    place = model_place(settings, data)
    if language not in settings.model_languages or not place.ready or not texts:
        return None
    encoded = TextEncoder(settings, place).encode(texts, language)
    return np.stack([one.vector for one in encoded if one.vector is not None])


def _told(topic: Topic) -> dict[str, Any]:
    return {
        "label": list(topic.label),
        "example": topic.example,
        "contacts": len(topic.contacts),
        "latest": list(topic.contacts[:LATEST]),
        "turns": topic.turns,
        "by_day": {day.isoformat(): count for day, count in topic.by_day.items()},
        "share": topic.change.now,
        "share_before": topic.change.before,
        "trend": topic.trend.value,
    }


if __name__ == "__main__":
    serve(Listener().answer)
