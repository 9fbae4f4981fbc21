"""Whose turn it is: when the caller has finished, when an interruption is meant, when nobody speaks.

A pure machine. It proposes and disposes from evidence: voice activity, partial and final transcripts, what the dialog
expects, and time. On overlap the output is paused at once and keeps its buffer; then evidence resumes or discards it.

Refuses: sound, synthesis, and the meaning of what was said beyond "is this only a backchannel".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from dialog.reply import Expectation
from gateway.session.endpointing import PATIENCE, backchannel, completeness
from stt.transcript import Transcript, Word

FINAL_PATIENCE = 1.5
"""Seconds to wait for a recognizer's final before going on with its last partial."""

MEANT_INTERRUPTION = 1.5
"""Seconds of speech over ours that are an interruption whatever the words (the recognizer may be late)."""

BETWEEN_KEYS = 2.5
"""Seconds after the last key that end a number typed without a terminator."""

MOST_KEYS = 32
"""Keys that one turn holds; further ones are dropped."""

TERMINATORS = frozenset("#")


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began at the (monotonic) time ``at``."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ended at the (monotonic) time ``at``, which lies a little in the past."""

    at: float


@dataclass(frozen=True, slots=True)
class Recognized:
    """The recognizer's partial or final."""

    transcript: Transcript


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A DTMF key."""

    key: str


@dataclass(frozen=True, slots=True)
class BotBegan:
    """We begin to say something after which the dialog expects this."""

    expects: Expectation
    interruptible: bool


@dataclass(frozen=True, slots=True)
class BotEnded:
    """We have said everything and nothing more is being prepared."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = SpeechStarted | SpeechStopped | Recognized | KeyPressed | BotBegan | BotEnded | Tick


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Ask the recognizer for the final of what it was fed."""


@dataclass(frozen=True, slots=True)
class PauseOutput:
    """Fall silent, keep the rest."""


@dataclass(frozen=True, slots=True)
class ResumeOutput:
    """It was no interruption: go on."""


@dataclass(frozen=True, slots=True)
class DiscardOutput:
    """It was an interruption: forget the rest. ``evidence`` says what decided."""

    evidence: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The caller has finished.

    ``speech_ended`` is the monotonic time at which their voice stopped (the last key's for keys). ``silent``: they said
    nothing for as long as the dialog was willing to wait.
    """

    text: str
    words: tuple[Word, ...]
    confidence: float
    digits: str
    silent: bool
    speech_ended: float


Command = EndUtterance | PauseOutput | ResumeOutput | DiscardOutput | TurnEnded


class Bot(Enum):
    """What our side is doing."""

    SILENT = auto()
    THINKING = auto()
    SPEAKING = auto()


class Timer(Enum):
    """What the machine may be waiting for."""

    TURN_END = auto()
    FINAL = auto()
    OVERLAP = auto()
    NO_INPUT = auto()
    KEYS = auto()


class TurnTaking:
    """The machine. Times are monotonic seconds handed in as ``now``; come back with ``Tick`` at ``deadline``."""

    def __init__(self) -> None:
        self._bot = Bot.THINKING
        self._expects = Expectation.SPEAKING
        self._interruptible = True
        self._speaking = False
        """The caller's voice is on the line."""
        self._overlap = False
        """Our output is paused because the caller spoke over it."""
        self._finals: list[Transcript] = []
        self._partial: Transcript | None = None
        self._awaited = 0
        """Finals that were asked for and have not come."""
        self._ended_at = 0.0
        self._keys = ""
        self._timers: dict[Timer, float] = {}

    @property
    def deadline(self) -> float | None:
        """When it wants to be called next; None: never."""
        return min(self._timers.values(), default=None)

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event; return what to do, in order."""
        match event:
            case SpeechStarted():
                return self._speech_started(now)
            case SpeechStopped(at):
                return self._speech_stopped(at, now)
            case Recognized(transcript):
                return self._recognized(transcript, now)
            case KeyPressed(key):
                return self._key(key, now)
            case BotBegan(expects, interruptible):
                self._bot, self._expects, self._interruptible = Bot.SPEAKING, expects, interruptible
                self._timers.pop(Timer.NO_INPUT, None)
                return []
            case BotEnded():
                return self._bot_ended(now)
            case Tick():
                return self._tick(now)
            case _:
                assert_never(event)

    # --- the caller's voice -------------------------------------------------------------------------------------------
    def _speech_started(self, now: float) -> list[Command]:
        self._speaking = True
        for timer in (Timer.TURN_END, Timer.NO_INPUT, Timer.FINAL):
            self._timers.pop(timer, None)
        if self._bot is Bot.SILENT or not self._interruptible or self._overlap:
            return []
        self._overlap = True
        self._timers[Timer.OVERLAP] = now + MEANT_INTERRUPTION
        return [PauseOutput()]

    def _speech_stopped(self, at: float, now: float) -> list[Command]:
        self._speaking = False
        self._ended_at = at
        self._awaited += 1
        self._timers.pop(Timer.OVERLAP, None)
        self._timers[Timer.FINAL] = now + FINAL_PATIENCE
        return [EndUtterance()]

    def _recognized(self, transcript: Transcript, now: float) -> list[Command]:
        if not transcript.final:
            self._partial = transcript
            if self._overlap and self._meant(transcript.text):
                return self._interrupt("words", now)
            return []
        self._partial = None
        self._awaited = max(self._awaited - 1, 0)
        if transcript.text:
            self._finals.append(transcript)
        if self._speaking or self._awaited:
            return []
        self._timers.pop(Timer.FINAL, None)
        return self._all_heard(now)

    def _all_heard(self, now: float) -> list[Command]:
        """The caller is silent and everything said is transcribed: decide what it was."""
        if self._overlap:
            if not self._meant(self._text):
                self._overlap = False
                self._finals.clear()
                return [ResumeOutput(), *self._listen(now)]
            return self._interrupt("words", now)
        if self._bot is not Bot.SILENT:
            return []  # words under a reply that may not be interrupted: they are answered after it
        if not self._finals:
            return self._listen(now)
        wait = PATIENCE[self._expects].after(completeness(self._text, self._expects))
        self._timers[Timer.TURN_END] = self._ended_at + wait
        return self._tick(now)

    def _meant(self, text: str) -> bool:
        """Whether words over our speech are meant to stop it."""
        if not text.strip():
            return False
        # To an open yes-or-no question "네" is the answer, not a nod.
        return self._expects is Expectation.YES_NO or not backchannel(text)

    def _interrupt(self, evidence: str, now: float) -> list[Command]:
        self._overlap = False
        self._bot = Bot.SILENT
        self._timers.pop(Timer.OVERLAP, None)
        out: list[Command] = [DiscardOutput(evidence)]
        if not self._speaking and not self._awaited:
            out += self._all_heard(now)
        return out

    # --- keys ---------------------------------------------------------------------------------------------------------
    def _key(self, key: str, now: float) -> list[Command]:
        out: list[Command] = []
        self._timers.pop(Timer.NO_INPUT, None)
        if self._bot is not Bot.SILENT and self._interruptible:
            self._overlap = False
            self._bot = Bot.SILENT
            self._timers.pop(Timer.OVERLAP, None)
            out.append(DiscardOutput("keys"))
        self._ended_at = now
        if key in TERMINATORS and self._keys:
            return [*out, *self._keys_ended(now)]
        if len(self._keys) < MOST_KEYS:
            self._keys += key
        self._timers[Timer.KEYS] = now + BETWEEN_KEYS
        return out

    def _keys_ended(self, now: float) -> list[Command]:
        self._timers.pop(Timer.KEYS, None)
        if self._bot is not Bot.SILENT:
            return []  # they are taken up when the reply that may not be interrupted has ended
        return self._end_turn(silent=False)

    # --- our side -----------------------------------------------------------------------------------------------------
    def _bot_ended(self, now: float) -> list[Command]:
        self._bot = Bot.SILENT
        self._interruptible = True
        out: list[Command] = []
        if self._overlap:
            # Nothing is left to resume or discard, but the next reply must not find the output paused.
            self._overlap = False
            self._timers.pop(Timer.OVERLAP, None)
            out.append(ResumeOutput())
        if self._keys and Timer.KEYS not in self._timers:
            out += self._end_turn(silent=False)
        elif not self._speaking and not self._awaited:
            out += self._all_heard(now)
        return out

    def _listen(self, now: float) -> list[Command]:
        patience = PATIENCE[self._expects].no_input
        if self._bot is Bot.SILENT and patience is not None and not self._keys:
            self._timers[Timer.NO_INPUT] = now + patience
        return []

    # --- time ---------------------------------------------------------------------------------------------------------
    def _tick(self, now: float) -> list[Command]:
        out: list[Command] = []
        for timer in [timer for timer, due in self._timers.items() if due <= now]:
            if self._timers.pop(timer, None) is None:
                continue
            match timer:
                case Timer.TURN_END:
                    out += self._end_turn(silent=False)
                case Timer.FINAL:
                    self._awaited = 0
                    if self._partial is not None and self._partial.text:
                        self._finals.append(self._partial)
                    self._partial = None
                    out += self._all_heard(now)
                case Timer.OVERLAP:
                    out += self._interrupt("duration", now)
                case Timer.NO_INPUT:
                    self._ended_at = now
                    out += self._end_turn(silent=True)
                case Timer.KEYS:
                    out += self._keys_ended(now)
                case _:
                    assert_never(timer)
        return out

    @property
    def _text(self) -> str:
        return " ".join(transcript.text for transcript in self._finals)

    def _end_turn(self, *, silent: bool) -> list[Command]:
        finals, keys = self._finals, self._keys
        words = tuple(word for transcript in finals for word in transcript.words)
        confidence = min((transcript.confidence for transcript in finals), default=1.0 if keys or silent else 0.0)
        turn = TurnEnded(self._text, words, confidence, keys, silent, self._ended_at)
        self._finals, self._keys, self._partial = [], "", None
        self._timers.clear()
        self._bot = Bot.THINKING
        return [turn]
