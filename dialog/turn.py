"""What was said in a conversation, as it was heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MASK = "•••"
"""What a record holds in place of what was said in confidence."""


class Speaker(StrEnum):
    """Who speaks."""

    CALLER = "caller"
    BOT = "bot"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of the caller's with the confidence (0..1) that it was this word."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """All that the caller said before we answer.

    ``digits`` holds keys pressed in this turn (then ``text`` may be empty); ``confidence`` in 0..1 is the
    recognizer's for the whole turn, 1.0 for typed text and keys. ``silent`` is a turn in which the caller said
    nothing for as long as we were willing to wait. One that ``continues`` begins with the words of the turn before,
    which was taken for finished too early and whose answer was not heard: it takes its place.
    """

    number: int
    text: str
    language: str
    confidence: float = 1.0
    words: tuple[HeardWord, ...] = ()
    digits: str = ""
    silent: bool = False
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of the history: for the bot, only the words that the caller heard before interrupting."""

    speaker: Speaker
    text: str
    turn: int
