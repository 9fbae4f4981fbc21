"""Whose turn it is: when the caller has finished, when an interruption is meant, when nobody speaks.

A pure machine. It proposes and disposes from evidence: voice activity, partial and final transcripts, the melody of the
voice, what the dialog expects, and time. On overlap the output is paused at once and keeps its buffer; then evidence
resumes or discards it.

Refuses: sound, synthesis, and the meaning of what was said beyond "has it ended" and "does it take the floor".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from dialog.reply import Entry, Expectation
from gateway.session.completeness import Completeness, completeness
from gateway.session.endpointing import wait
from gateway.session.overlap import meant, objects
from gateway.session.profiles import PROFILES, Profile
from gateway.session.utterances import Finals, Utterances
from stt.transcript import Transcript, Word

NO_INPUT = 7.0
"""Seconds that a caller is given before their first word, unless the tenant says otherwise."""

FINAL_WITHIN = 1.5
"""Seconds that a recognizer is given for its final while nobody has measured how long it takes."""

MUMBLED = 1.0
"""Seconds of voice of which no word was understood that are a turn nevertheless: the caller is asked again."""

LONGEST_PAUSE = 4.0
"""Seconds for which our output waits for an interruption to become words; then we go on over it."""

JUST_BEGUN = 1.5
"""Seconds of our reply within which a caller who goes on speaking had not finished: we were too early."""

WORDLESS = 4.0
"""Seconds that a final is awaited which nothing stands in for, however long recognition usually takes."""

STABLE_AFTER = 0.25
"""Seconds for which a partial that sounds finished must not have changed before an answer to it is prepared."""

BETWEEN_KEYS = 2.5
"""Seconds after the last key that end a number typed without a terminator."""

MOST_KEYS = 32
"""Keys that one turn holds; further ones are dropped."""


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began at the (monotonic) time ``at``."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ended at the (monotonic) time ``at``, which lies a little in the past.

    ``final_within``: seconds within which the recognizer gives nearly all of its finals, as measured.
    """

    at: float
    final_within: float = FINAL_WITHIN


@dataclass(frozen=True, slots=True)
class Recognized:
    """The recognizer's partial or final."""

    transcript: Transcript


@dataclass(frozen=True, slots=True)
class MelodyJudged:
    """A model judged from the sound before the silence that began at ``ended``: probably finished, 0..1."""

    ended: float
    finished: float


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A DTMF key."""

    key: str


@dataclass(frozen=True, slots=True)
class BotBegan:
    """We begin to say ``saying``, after which the dialog expects this; ``entry`` is the value that it asks for."""

    expects: Expectation
    interruptible: bool
    saying: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class BotEnded:
    """We have said everything and nothing more is being prepared."""


@dataclass(frozen=True, slots=True)
class OnHold:
    """The far end put us on hold, or took us back: who is not on the line owes no answer."""

    held: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = SpeechStarted | SpeechStopped | Recognized | MelodyJudged | KeyPressed | BotBegan | BotEnded | OnHold | Tick


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Ask the recognizer for the final of what it was fed. The caller may go on all the same."""


@dataclass(frozen=True, slots=True)
class Settle:
    """What the recognizer was fed has been dealt with: what it hears next is something new."""


@dataclass(frozen=True, slots=True)
class Foresee:
    """The turn may end with these words: what can be prepared for an answer to them may be."""

    text: str


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
    nothing for as long as the dialog was willing to wait. ``language`` is the one they spoke, None without words;
    ``continues``: it begins with the words of the turn before, which had been ended too early; ``entry``: what had been
    asked for, digit by digit.
    """

    text: str
    words: tuple[Word, ...]
    confidence: float
    digits: str
    silent: bool
    speech_ended: float
    language: str | None = None
    continues: bool = False
    entry: Entry | None = None


Command = EndUtterance | Settle | Foresee | PauseOutput | ResumeOutput | DiscardOutput | TurnEnded


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
    STABLE = auto()
    KEYS = auto()


_LISTENING_TIMERS = (Timer.TURN_END, Timer.NO_INPUT, Timer.FINAL, Timer.STABLE)


@dataclass(slots=True)
class _Voice:
    """The caller's voice: since when it is on the line (None: it is not), and where and after how long it stopped."""

    since: float | None = None
    ended: float = 0.0
    lasted: float = 0.0
    melody: float | None = None


class TurnTaking:
    """The machine. Times are monotonic seconds handed in as ``now``; come back with ``Tick`` at ``deadline``."""

    def __init__(self, no_input: float = NO_INPUT) -> None:
        """``no_input``: seconds of silence that the tenant takes for no answer."""
        self._no_input = no_input
        self._bot = Bot.THINKING
        self._floor = BotBegan(Expectation.SPEAKING, True)
        """What we say, or said last."""
        self._began = 0.0
        self._voice = _Voice()
        self._overlap = False
        """Our output is paused because the caller spoke over it."""
        self._heard = Utterances()
        self._ended_early: Finals = ()
        """The words of the turn before, for as long as it may turn out to have been ended too early."""
        self._continues = False
        self._foreseen = ""
        self._keys = ""
        self._timers: dict[Timer, float] = {}
        self._held = False

    @property
    def deadline(self) -> float | None:
        """When it wants to be called next; None: never."""
        return min(self._timers.values(), default=None)

    @property
    def secret(self) -> bool:
        """Whether what the caller says or types now may not be written down."""
        return self._floor.entry is not None and self._floor.entry.secret

    @property
    def continuing(self) -> bool:
        """Whether what the caller says now is the rest of the turn before, which had been ended too early."""
        return self._continues

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event; return what to do, in order."""
        match event:
            case SpeechStarted(at):
                return self._speech_started(at, now)
            case SpeechStopped():
                return self._speech_stopped(event, now)
            case Recognized(transcript):
                return self._recognized(transcript, now)
            case MelodyJudged(ended, finished):
                return self._melody_judged(ended, finished, now)
            case KeyPressed(key):
                return self._key(key, now)
            case BotBegan():
                return self._bot_began(event, now)
            case BotEnded():
                return self._bot_ended(now)
            case OnHold(held):
                return self._on_hold(held, now)
            case Tick():
                return self._tick(now)
            case _:
                assert_never(event)

    @property
    def _profile(self) -> Profile:
        return PROFILES[self._floor.expects]

    # --- the caller's voice -------------------------------------------------------------------------------------------
    def _speech_started(self, at: float, now: float) -> list[Command]:
        self._voice.since, self._voice.melody = at, None
        for timer in _LISTENING_TIMERS:
            self._timers.pop(timer, None)
        if self._bot is Bot.SPEAKING and now - self._began >= JUST_BEGUN:
            self._ended_early = ()
        return self._talk_over(now)

    def _talk_over(self, now: float) -> list[Command]:
        """The caller's voice meets ours, or a reply that is on its way."""
        if self._bot is Bot.SILENT or not self._floor.interruptible or self._overlap:
            return []
        self._overlap = True
        self._timers[Timer.OVERLAP] = now + LONGEST_PAUSE
        return [PauseOutput()]

    def _speech_stopped(self, event: SpeechStopped, now: float) -> list[Command]:
        if self._voice.since is not None:
            self._voice.lasted = event.at - self._voice.since
        self._voice.since, self._voice.ended = None, event.at
        self._heard.asked()
        self._timers.pop(Timer.OVERLAP, None)
        self._timers[Timer.FINAL] = now + event.final_within
        return [EndUtterance()]

    def _recognized(self, transcript: Transcript, now: float) -> list[Command]:
        before = self._heard.so_far
        if not self._heard.take(transcript):
            return []
        if not transcript.final:
            if self._overlap and self._meant(self._heard.so_far, now, confidence=None):
                return self._interrupt("words", now)
            if self._bot is Bot.SILENT and self._heard.so_far != before:
                self._timers[Timer.STABLE] = now + STABLE_AFTER
            return []
        if self._voice.since is not None or self._heard.awaited:
            return []
        self._timers.pop(Timer.FINAL, None)
        return self._all_heard(now)

    def _melody_judged(self, ended: float, finished: float, now: float) -> list[Command]:
        if ended != self._voice.ended or self._voice.since is not None:
            return []  # they went on speaking meanwhile
        self._voice.melody = finished
        return self._await_end(now) if Timer.TURN_END in self._timers else []

    def _all_heard(self, now: float) -> list[Command]:
        """The caller is silent and everything said is transcribed: decide what it was."""
        if self._overlap:
            if self._meant(self._heard.text, now, confidence=self._heard.confidence):
                return self._interrupt("words" if self._heard.text else "unintelligible", now)
            self._overlap = False
            self._forget()
            return [Settle(), ResumeOutput(), *self._listen(now)]
        if self._bot is not Bot.SILENT:
            self._voice.lasted = 0.0  # a mumble under our own words need not be answered
            return []  # words under a reply that may not be interrupted: they are answered after it
        if not self._heard.finals and self._voice.lasted < MUMBLED:
            return [Settle(), *self._listen(now)]
        return self._await_end(now)

    def _await_end(self, now: float) -> list[Command]:
        seconds = wait(self._verdict(self._heard.text), self._profile, self._voice.melody)
        self._timers[Timer.TURN_END] = self._voice.ended + seconds
        if self._timers[Timer.TURN_END] <= now:
            return self._tick(now)
        return self._foresee(self._heard.text)

    def _verdict(self, text: str) -> Completeness:
        return completeness(text, self._floor.expects, self._floor.entry)

    def _foresee(self, text: str) -> list[Command]:
        if not text or text == self._foreseen:
            return []
        self._foreseen = text
        return [Foresee(text)]

    # --- interruptions ------------------------------------------------------------------------------------------------
    def _meant(self, text: str, now: float, *, confidence: float | None) -> bool:
        seconds = self._voice.lasted if self._voice.since is None else now - self._voice.since
        # Before we have said anything there is no question that a nod could answer.
        profile = self._profile if self._bot is Bot.SPEAKING else PROFILES[Expectation.SPEAKING]
        return meant(text, seconds=seconds, profile=profile, saying=self._floor.saying, confidence=confidence)

    def _interrupt(self, evidence: str, now: float) -> list[Command]:
        self._overlap = False
        self._bot = Bot.SILENT
        self._timers.pop(Timer.OVERLAP, None)
        if self._ended_early and not objects(self._heard.so_far):
            self._continues = True
            self._heard.continues(self._ended_early)
        self._ended_early = ()
        out: list[Command] = [DiscardOutput(evidence)]
        if self._voice.since is None and not self._heard.awaited:
            out += self._all_heard(now)
        return out

    # --- keys ---------------------------------------------------------------------------------------------------------
    def _key(self, key: str, now: float) -> list[Command]:
        entry = self._floor.entry or Entry()
        if key in entry.terminators:
            # One that ends nothing is the habit of a caller whose number was full already.
            return self._keys_ended(now) if self._keys else []
        out: list[Command] = []
        self._timers.pop(Timer.NO_INPUT, None)
        if self._bot is not Bot.SILENT and self._floor.interruptible:
            self._overlap = False
            self._bot = Bot.SILENT
            self._ended_early = ()
            self._timers.pop(Timer.OVERLAP, None)
            out.append(DiscardOutput("keys"))
        self._voice.ended = now
        if len(self._keys) < MOST_KEYS:
            self._keys += key
        if entry.length is not None and len(self._keys.rsplit("*", 1)[-1]) >= entry.length:
            return [*out, *self._keys_ended(now)]
        self._timers[Timer.KEYS] = now + BETWEEN_KEYS
        return out

    def _keys_ended(self, now: float) -> list[Command]:
        self._timers.pop(Timer.KEYS, None)
        if self._bot is not Bot.SILENT:
            return []  # they are taken up when the reply that may not be interrupted has ended
        return self._end_turn(silent=False)

    def _forget(self) -> None:
        """What was heard is dealt with."""
        self._heard.clear()
        self._voice.lasted = 0.0
        self._foreseen = ""

    # --- our side -----------------------------------------------------------------------------------------------------
    def _bot_began(self, event: BotBegan, now: float) -> list[Command]:
        self._bot, self._floor, self._began = Bot.SPEAKING, event, now
        self._timers.pop(Timer.NO_INPUT, None)
        if event.entry is not None and event.entry.anew:
            self._keys = ""
            self._timers.pop(Timer.KEYS, None)
        return self._talk_over(now) if self._voice.since is not None else []

    def _bot_ended(self, now: float) -> list[Command]:
        self._bot = Bot.SILENT
        self._ended_early = ()
        out: list[Command] = []
        if self._overlap:
            # Nothing is left to resume or discard, but the next reply must not find the output paused.
            self._overlap = False
            self._timers.pop(Timer.OVERLAP, None)
            out.append(ResumeOutput())
        if self._keys and Timer.KEYS not in self._timers:
            out += self._end_turn(silent=False)
        elif self._voice.since is None and not self._heard.awaited:
            out += self._all_heard(now)
        return out

    def _on_hold(self, held: bool, now: float) -> list[Command]:
        """Patience begins anew with whoever comes back."""
        self._held = held
        self._timers.pop(Timer.NO_INPUT, None)
        idle = self._voice.since is None and not self._heard.finals and not self._heard.awaited
        return self._listen(now) if idle and not held else []

    def _listen(self, now: float) -> list[Command]:
        patience = self._profile.no_input
        if self._bot is Bot.SILENT and patience is not None and not self._keys and not self._held:
            self._timers[Timer.NO_INPUT] = now + patience * self._no_input
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
                    out += self._final_missing(now)
                case Timer.OVERLAP:
                    # Somebody speaks on and on without a word for us: a television, another conversation.
                    self._overlap = False
                    out.append(ResumeOutput())
                case Timer.NO_INPUT:
                    self._voice.ended = now
                    out += self._end_turn(silent=True)
                case Timer.STABLE:
                    if self._verdict(self._heard.so_far) is Completeness.COMPLETE:  # or every word would be looked up
                        out += self._foresee(self._heard.so_far)
                case Timer.KEYS:
                    out += self._keys_ended(now)
                case _:
                    assert_never(timer)
        return out

    def _final_missing(self, now: float) -> list[Command]:
        """The recognizer is late: its last partial stands in. Without one only real patience is left."""
        if not self._heard.so_far and now < self._voice.ended + WORDLESS:
            self._timers[Timer.FINAL] = self._voice.ended + WORDLESS
            return []
        self._heard.give_up()
        return self._all_heard(now)

    def _end_turn(self, *, silent: bool) -> list[Command]:
        heard, keys = self._heard, self._keys
        confidence = heard.confidence if heard.finals else (1.0 if keys or silent else 0.0)
        turn = TurnEnded(
            text=heard.text,
            words=heard.words,
            confidence=confidence,
            digits=keys,
            silent=silent,
            speech_ended=self._voice.ended,
            language=heard.language,
            continues=self._continues,
            entry=self._floor.entry,
        )
        # A value or an agreement may have been acted upon already: only what is merely asked can be asked again, and a
        # secret only in one turn, which is known to hold one.
        asking = self._floor.expects in {Expectation.SPEAKING, Expectation.LISTENING} and not keys and not self.secret
        self._ended_early = heard.finals if asking else ()
        self._forget()
        self._continues, self._keys = False, ""
        self._timers.clear()
        self._bot = Bot.THINKING
        return [Settle(), turn]
