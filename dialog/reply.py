"""What the dialog decides to say, and why it may say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Decision(StrEnum):
    """What a reply is."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ACT = "act"
    ESCALATE = "escalate"
    CONVERSE = "converse"
    """Greeting, small talk, repeat, goodbye: nothing that needs a source."""


class Expectation(StrEnum):
    """What the caller is likely to do next; patience and interruptibility follow from it."""

    SPEAKING = "speaking"
    YES_NO = "yes_no"
    DICTATING = "dictating"
    THINKING = "thinking"
    LISTENING = "listening"
    NOTHING = "nothing"
    """The conversation is over: hang up once this was heard."""


class Manner(StrEnum):
    """How the caller asked to be spoken to; from this reply on it stays so."""

    SLOWER = "slower"
    LOUDER = "louder"


class EscalationReason(StrEnum):
    """Why a human takes over."""

    CALLER_ASKED = "caller_asked"
    LOW_CONFIDENCE = "low_confidence"
    NO_ANSWER = "no_answer"
    NO_PROGRESS = "no_progress"
    NO_INPUT = "no_input"
    ACTION_FAILED = "action_failed"
    ACTION_UNKNOWN = "action_unknown"
    POLICY_DENIED = "policy_denied"
    """Our own rules forbade twice what the caller wants."""
    SENSITIVE_TOPIC = "sensitive_topic"
    LANGUAGE_NOT_HEARD = "language_not_heard"
    """No recognizer for the caller's language is installed."""
    DIALOG_FAILED = "dialog_failed"
    PROCESSING_DECLINED = "processing_declined"
    """The caller does not want a machine to understand and answer them."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence comes from: ids of the document and passage, the document's title, and the words relied upon."""

    document: str
    title: str
    passage: str
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence to speak. A factual one carries its ``citation``, or the id of the ``action`` whose result it
    tells."""

    text: str
    citation: Citation | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A value that the caller is asked for digit by digit, spoken or on the keys.

    ``length`` is how many digits it has where that is known, ``terminators`` are the keys that end it, and a
    ``secret`` one is masked wherever it would be written down; ``open_length`` is how many digits the value has where
    not that, but what may be said along with it is the secret. Keys that were pressed before it was asked for count,
    unless it is wanted ``anew``.
    """

    length: int | None = None
    terminators: str = "#"
    secret: bool = False
    open_length: int | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability in 0..1 that this reply is right, and the ``signals`` it was made from, by name."""

    value: float
    signals: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a human needs to go on: one line each of wish, what is known, what was tried, what was promised."""

    wish: str
    known: dict[str, str]
    tried: tuple[str, ...]
    promised: tuple[str, ...]
    text: str
    """The whole, in sentences, in the language of the call."""
    earlier: tuple[str, ...] = ()
    """Earlier contacts, the latest first, of a caller who may be remembered."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """The dialog's decision that a human takes over; performing it is the desk's affair."""

    reason: EscalationReason
    queue: str
    skills: tuple[str, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing said back. A turn may have several in a row (a filler, then the answer)."""

    decision: Decision
    language: str
    sentences: tuple[Sentence, ...]
    confidence: Confidence
    expects: Expectation = Expectation.SPEAKING
    entry: Entry | None = None
    """The value that it asks for, if it asks for one."""
    manner: Manner | None = None
    escalation: Escalation | None = None
    release: str = ""
    """The release that decided it."""
    model: str = ""
    """The language model that worded it, if one did."""
    disclosure: str = ""
    """That sentence of it by which the caller learns that a machine speaks, if there is one: it has to be heard."""
    disclosures: Mapping[str, str] = field(default_factory=dict)
    """The same as it is said in each language, by language: whoever changes the language hears it in that one, too."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage of making it took: ``understand``, ``retrieve``, ``act`` …"""

    @property
    def text(self) -> str:
        """All sentences as one line."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of its sentences, in order, each once."""
        return tuple(dict.fromkeys(s.citation for s in self.sentences if s.citation is not None))


def whole(parts: Sequence[Reply]) -> Reply:
    """The last of a turn's replies; where it is an answer, with all that was said of that answer before it."""
    last = parts[-1]
    answers = [part for part in parts if part.decision is Decision.ANSWER]
    if last.decision is not Decision.ANSWER or len(answers) == 1:
        return last
    return replace(
        last,
        sentences=tuple(sentence for part in answers for sentence in part.sentences),
        confidence=min((part.confidence for part in answers), key=lambda confidence: confidence.value),
        model=next((part.model for part in answers if part.model), ""),
        timings={**last.timings, **answers[0].timings},
    )
