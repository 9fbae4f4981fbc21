"""Whether what the caller said so far sounds finished, and how long to wait for more.

Pure. Grammar is one witness: Korean sentence-final endings against connective endings and particles, English trailing
conjunctions and determiners, digits being dictated. How long each verdict makes us wait depends on what the dialog
expects.

Refuses: sound. Silence is measured by voice activity detection; this module only says how much of it is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from dialog.reply import Expectation


class Completeness(Enum):
    """What the words say about their own end."""

    COMPLETE = auto()
    UNCLEAR = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence after which a turn is over, by how finished it sounds, and how long to wait for a first word.

    ``no_input`` None: the dialog expects nothing, silence is fine.
    """

    complete: float
    unclear: float
    open: float
    no_input: float | None

    def after(self, completeness: Completeness) -> float:
        """Seconds of silence that end a turn of that kind."""
        match completeness:
            case Completeness.COMPLETE:
                return self.complete
            case Completeness.UNCLEAR:
                return self.unclear
            case Completeness.OPEN:
                return self.open


PATIENCE: dict[Expectation, Patience] = {
    Expectation.SPEAKING: Patience(complete=0.35, unclear=0.6, open=1.3, no_input=7.0),
    Expectation.YES_NO: Patience(complete=0.3, unclear=0.5, open=1.0, no_input=6.0),
    Expectation.DICTATING: Patience(complete=0.7, unclear=1.3, open=1.8, no_input=10.0),
    Expectation.THINKING: Patience(complete=0.8, unclear=1.5, open=2.5, no_input=20.0),
    Expectation.LISTENING: Patience(complete=0.35, unclear=0.6, open=1.3, no_input=10.0),
    Expectation.NOTHING: Patience(complete=0.35, unclear=0.6, open=1.3, no_input=None),
}

_ENGLISH_OPEN = re.compile(
    r"\b(and|or|but|so|because|if|when|that|which|who|the|a|an|my|your|his|her|our|their|to|of|for|from|with|in|on|at|by"
    r"|is|are|was|were|i'm|it's|um|uh|er|about|i|we|can|could|would|want|need|number is|called|please could)$"
)
_KOREAN_OPEN = re.compile(
    r"(는데|은데|인데|[그이저]게|[그이저]건|고|서|니까|면|려고|지만|거나|다가|러|하고|이랑|랑|그리고|그런데|그래서|근데|저기|음|어|그"
    r"|은|는|이|가|을|를|에|에서|으로|로|의|와|과|한테|에게)$"
)
_KOREAN_COMPLETE = re.compile(r"(요|다|까|죠|네|예|응|라|자|니|냐|줘|래|지)$")
_KOREAN = re.compile(r"[가-힣]")
_DIGIT_WORD = re.compile(
    r"(\d|zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|[공영일이삼사오육륙칠팔구])$"
)


def completeness(text: str, expects: Expectation) -> Completeness:
    """What the words say about their own end. Unknown languages and empty texts are ``UNCLEAR``."""
    words = text.strip().lower().rstrip(".,!?…").strip()
    if not words:
        return Completeness.UNCLEAR
    if expects is Expectation.DICTATING:
        # Between two digits everybody breathes; nothing in the words tells the last one.
        return Completeness.OPEN if _DIGIT_WORD.search(words) else Completeness.UNCLEAR
    if _KOREAN.search(words):
        if _KOREAN_COMPLETE.search(words):
            return Completeness.COMPLETE
        return Completeness.OPEN if _KOREAN_OPEN.search(words) else Completeness.UNCLEAR
    if _ENGLISH_OPEN.search(words):
        return Completeness.OPEN
    if expects is Expectation.YES_NO or len(words.split()) >= 3:
        return Completeness.COMPLETE
    return Completeness.UNCLEAR


_BACKCHANNELS = frozenset(
    """
    네 네네 예 예예 음 음음 아 아아 어 응 응응 그래요 그렇군요 아하
    yeah yes yep uh-huh uhuh huh mhm mm mmm hmm right okay ok sure uh um oh ah i see
    """.split()
)


def backchannel(text: str) -> bool:
    """Whether these words only say "I am listening". The empty text is one: a cough is no interruption."""
    words = re.findall(r"[\w'-]+", text.lower())
    return len(words) <= 4 and all(word in _BACKCHANNELS for word in words)
