"""Intents: what callers of a tenant want, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialog.reply import Expectation


class Does(StrEnum):
    """What an intent leads to."""

    ASK_KNOWLEDGE = "ask_knowledge"
    START_FLOW = "start_flow"
    SMALL_TALK = "small_talk"
    HAND_OVER = "hand_over"
    REPEAT = "repeat"
    GOODBYE = "goodbye"
    OFF_TOPIC = "off_topic"
    """Nothing of ours: its examples teach the head what is out of scope."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that callers want, with utterances that say it.

    ``flow`` is set when it starts one. ``expects`` is what the caller does after small talk was answered
    ("one moment": ``thinking``).
    """

    id: str
    does: Does
    examples: tuple[str, ...]
    flow: str | None = None
    expects: Expectation = Expectation.SPEAKING
