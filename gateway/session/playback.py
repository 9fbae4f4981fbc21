"""What the caller hears of us: paced frames, carrier marks, pause, resume, cut, and the text that was really heard.

A pure machine. Sound goes in as it is synthesized; every 20 ms it says which frame to send. It sends a little ahead
of the far end's clock (``LEAD``), so that network jitter is not heard, and not more, so that an interruption has little
to take back. Where the far end stands is known from two sources: carrier marks (a mark comes back when the audio before
it was played) are the truth, and the clock interpolates between them.

What of it is somebody's business alone is told apart by the times of its words, for whoever keeps what was heard.

Refuses: synthesis, sockets, and any opinion on whether an interruption was meant: that is turn-taking's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise
from math import inf
from typing import TypeAlias, assert_never

from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH
from tts.speech import SpeechMark

LEAD = 0.12
"""Seconds of sound that may be on the way to the far end."""

MARK_EVERY = 0.5
"""Seconds of sound between two carrier marks."""

REPORT_EVERY = 0.1
"""Seconds of heard sound that are reported at once: whoever writes it down need not be called for every frame."""

DRAIN_PATIENCE = 2.0
"""Seconds to wait for the last carrier mark beyond the moment at which the clock says it is due."""

MARKS_REMEMBERED = 8
"""Marks whose delays count: fewer would take jitter for delay, more would not notice that the way has changed."""

NEAR_END_OF_WORD = 0.06
"""A word that lacks at most these seconds of its sound was heard."""

PRIVATE_MARGIN, ESTIMATED_MARGIN = 0.1, 0.5
"""Seconds around private words that go with them; more where nobody knows exactly when a word sounds."""

Letters: TypeAlias = tuple[int, int]
"""A stretch of a text: its first letter, and the one after its last."""


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """A reply is to be spoken after all that waits already. Its sentences are announced with their text, in order;
    ``epoch`` is that of the call's control under which it was decided. What plays in the ``background`` gives way to
    whatever there is to say. ``private`` is what in the text of each sentence nobody else may hear afterwards."""

    reply: int
    sentences: tuple[str, ...]
    interruptible: bool = True
    epoch: int = 1
    background: bool = False
    private: tuple[tuple[Letters, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechReady:
    """Sound of one sentence of a reply, at the leg's rate; ``marks`` count from the sentence's first sample."""

    reply: int
    sentence: int
    pcm: bytes
    marks: tuple[SpeechMark, ...]


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """All sound of that sentence has been handed over."""

    reply: int
    sentence: int


@dataclass(frozen=True, slots=True)
class CarrierMark:
    """The far end played everything before the mark with this name (or dropped it after a clear)."""

    name: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Fall silent now, but keep what was not heard."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from the word that was interrupted."""


@dataclass(frozen=True, slots=True)
class Discard:
    """Fall silent and forget everything that was not heard."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The far end put us on hold, or took us back: whoever is on hold hears nothing, so nothing is sent meanwhile."""

    held: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = ReplyBegun | SpeechReady | SentenceReady | CarrierMark | Pause | Resume | Discard | Hold | Tick


# --- commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SendFrame:
    """Send this sound, which was decided in that epoch, to the far end."""

    pcm: bytes
    epoch: int = 1


@dataclass(frozen=True, slots=True)
class SendMark:
    """Send a mark after what was sent."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearFarEnd:
    """Let the far end drop what it has not played."""


@dataclass(frozen=True, slots=True)
class Heard:
    """This sound was played to the caller, beginning at the (monotonic) time ``at``. What is ``private`` is for nobody
    else."""

    pcm: bytes
    at: float
    private: bool = False


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The first sound of a reply goes out."""

    reply: int


@dataclass(frozen=True, slots=True)
class ReplyOver:
    """A reply has ended: ``heard`` is the text the caller heard, ``whole`` whether that is all of it.

    ``drained`` is false when the far end never confirmed the end and the clock had to decide.
    """

    reply: int
    heard: str
    whole: bool
    drained: bool


Command = SendFrame | SendMark | ClearFarEnd | Heard | ReplyStarted | ReplyOver


@dataclass(slots=True)
class _Sentence:
    text: str
    private: tuple[Letters, ...] = ()
    pcm: bytearray = field(default_factory=bytearray)
    marks: list[SpeechMark] = field(default_factory=list)
    ready: bool = False

    def withheld(self, bytes_per_second: int) -> Iterator[tuple[int, int]]:
        """Bytes of its sound that say what is private, as far as is known yet: all, where no word's time is."""
        for first, behind in self.private:
            margin = ESTIMATED_MARGIN if any(mark.estimated for mark in self.marks) else PRIVATE_MARGIN
            begins = min((mark.at for mark in self.marks if mark.end > first), default=self._unknown) - margin
            ends = min((mark.at for mark in self.marks if mark.start >= behind), default=inf) + margin
            low, high = (min(max(at, 0.0) * bytes_per_second, len(self.pcm)) for at in (begins, ends))
            yield _whole_samples(low), _whole_samples(high)

    @property
    def _unknown(self) -> float:
        """When a word sounds whose time nobody has told: from the last that was told on, or later than all so far."""
        told = self.marks[-1].at if self.marks else 0.0
        return told if self.ready or not self.marks else inf


@dataclass(slots=True)
class _Reply:
    number: int
    sentences: list[_Sentence]
    interruptible: bool
    epoch: int
    background: bool
    sent: int = 0
    """Bytes sent to the far end since the reply's beginning."""
    started: bool = False
    available: int = 0
    """Bytes that are ready from the beginning without a gap."""
    ready: bool = False
    """Whether that is all of it."""

    def __post_init__(self) -> None:
        self.measure()

    def measure(self) -> None:
        """Sound was added. Kept, not counted each time: it is asked for with every frame."""
        self.available = 0
        for sentence in self.sentences:
            self.available += len(sentence.pcm)
            if not sentence.ready:
                break
        self.ready = all(sentence.ready for sentence in self.sentences)

    def pieces(self, start: int, end: int, bytes_per_second: int) -> Iterator[tuple[int, int, bool]]:
        """Bytes ``start:end`` cut where private sound begins and ends: from, to, and whether it is that."""
        withheld, base = [], 0
        for sentence in self.sentences:
            withheld += [(base + low, base + high) for low, high in sentence.withheld(bytes_per_second)]
            base += len(sentence.pcm)
        cuts = {edge for stretch in withheld for edge in stretch if start < edge < end}
        for low, high in pairwise(sorted({start, end} | cuts)):
            yield low, high, any(first <= low < behind for first, behind in withheld)

    def slice(self, start: int, end: int) -> bytes:
        """Bytes ``start:end`` of the sentences laid end to end."""
        pieces, base = [], 0
        for sentence in self.sentences:
            low, high = max(start - base, 0), min(end - base, len(sentence.pcm))
            if low < high:
                pieces.append(bytes(sentence.pcm[low:high]))
            base += len(sentence.pcm)
        return b"".join(pieces)


class Mode(Enum):
    """Whether sound flows."""

    IDLE = auto()
    SPEAKING = auto()
    PAUSED = auto()


class Silence(Enum):
    """Why we are silent in the middle of something."""

    CALLER = auto()
    """The caller speaks."""
    HOLD = auto()
    """The far end has us on hold."""


@dataclass(frozen=True, slots=True)
class _Wire:
    """How sound goes to the far end: bytes of a second and of a frame, and how many seconds are on the way."""

    bytes_per_second: int
    frame: int
    lead: float


class Playback:
    """The machine. ``rate`` is the leg's sample rate in Hz, ``lead`` the seconds of sound that its wire wants to be on
    the way (at least ``LEAD``); all times are monotonic seconds handed in as ``now``."""

    def __init__(self, rate: int, lead: float = LEAD) -> None:
        self._wire = _Wire(rate * SAMPLE_WIDTH, round(rate * FRAME_SECONDS) * SAMPLE_WIDTH, max(lead, LEAD))
        self._replies: list[_Reply] = []
        self._paced = 0
        """The byte of the current reply that is due at ``_paced_at`` by our own clock, which all others follow."""
        self._paced_at = 0.0
        self._played_to = 0
        """Bytes of the current reply that the far end is known to have played."""
        self._delays: deque[float] = deque(maxlen=MARKS_REMEMBERED)
        """By how many seconds the far end was behind our clock, by the last marks."""
        self._reported = 0
        """Bytes of the current reply that were reported as heard."""
        self._next_mark = 0
        self._last_mark: str | None = None
        self._epoch = 0
        """Counts clears: marks of an earlier epoch come back because they were dropped, not played."""
        self.mode = Mode.IDLE
        self._silenced: set[Silence] = set()
        self.deadline: float | None = None

    @property
    def speaking(self) -> bool:
        """Whether there is something to say, paused or not."""
        return any(not reply.background for reply in self._replies)

    @property
    def quiet(self) -> bool:
        """Whether nothing sounds, not even in the background."""
        return not self._replies

    @property
    def interruptible(self) -> bool:
        """Whether the reply that sounds now may be interrupted."""
        return not self._replies or self._replies[0].interruptible

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event; return what to do, in order. Then ``deadline`` says when to come back with ``Tick``."""
        out: list[Command] = []
        match event:
            case ReplyBegun(reply, sentences, interruptible, epoch, background, private):
                if not background and self._replies and self._replies[0].background:
                    self._discard(now, out)
                told = zip(sentences, private or ((),) * len(sentences), strict=True)
                texts = [_Sentence(text, letters) for text, letters in told]
                self._replies.append(_Reply(reply, texts, interruptible, epoch, background))
                if self.mode is Mode.IDLE:
                    self._begin(now)
            case SpeechReady(reply, sentence, pcm, marks):
                self._add(reply, sentence, pcm, marks)
            case SentenceReady(reply, sentence):
                self._add(reply, sentence, b"", (), whole=True)
            case CarrierMark(name):
                self._acknowledge(name, now)
            case Pause():
                self._silenced.add(Silence.CALLER)
                self._pause(now, out)
            case Resume():
                self._go_on(Silence.CALLER, now)
            case Hold(True):
                self._silenced.add(Silence.HOLD)
                self._pause(now, out)
            case Hold():
                self._go_on(Silence.HOLD, now)
            case Discard():
                self._discard(now, out)
            case Tick():
                pass
            case _:
                assert_never(event)
        self._advance(now, out)
        return out

    # --- the far end's position ---------------------------------------------------------------------------------------
    def _played(self, now: float) -> int:
        """Bytes of the current reply that the far end has played by ``now``."""
        if not self._replies or self.mode is Mode.PAUSED:
            return self._played_to
        elapsed = now - self._delay - self._paced_at
        position = self._paced + round(max(elapsed, 0.0) * self._wire.bytes_per_second)
        return min(max(position - position % SAMPLE_WIDTH, self._played_to), self._replies[0].sent)

    @property
    def _delay(self) -> float:
        return min(self._delays, default=0.0)

    def _time_of(self, position: int) -> float:
        """When that byte of the current reply is due by our clock."""
        return self._paced_at + (position - self._paced) / self._wire.bytes_per_second

    def _acknowledge(self, name: str, now: float) -> None:
        epoch, reply, position = _parse_mark(name)
        if epoch != self._epoch or not self._replies or self._replies[0].number != reply or self.mode is Mode.PAUSED:
            return
        position = min(position, self._replies[0].sent)
        self._delays.append(max(now - self._time_of(position), 0.0))
        self._played_to = max(position, self._played_to)
        if name == self._last_mark:
            self._last_mark = None

    # --- flow ---------------------------------------------------------------------------------------------------------
    def _begin(self, now: float) -> None:
        self.mode = Mode.SPEAKING
        self._paced = self._played_to = self._reported = 0
        self._paced_at = now
        self._next_mark = self._mark_step
        self._last_mark = None

    @property
    def _report_step(self) -> int:
        return int(REPORT_EVERY / FRAME_SECONDS) * self._wire.frame

    @property
    def _mark_step(self) -> int:
        return int(MARK_EVERY / FRAME_SECONDS) * self._wire.frame

    def _advance(self, now: float, out: list[Command]) -> None:
        """Send what is due, report what was heard, end what is over, and set the next deadline."""
        while self.mode is Mode.SPEAKING:
            reply = self._replies[0]
            self._send_due(reply, now, out)
            if (played := self._played(now)) - self._reported >= self._report_step:
                self._report(played, out)
            if not (reply.ready and reply.sent >= reply.available):
                break
            ends = self._time_of(reply.sent)
            confirmed = self._last_mark is None
            if now < ends and not (confirmed and self._played_to >= reply.sent):
                break
            if not confirmed and now < ends + DRAIN_PATIENCE:
                break
            self._report(reply.sent, out)
            out.append(ReplyOver(reply.number, self._text_until(reply, reply.sent), True, confirmed))
            self._replies.pop(0)
            if self._replies:
                self._begin(now)
            else:
                self.mode = Mode.IDLE
                self._played_to = self._reported = 0
        self.deadline = self._next_deadline(now)

    def _send_due(self, reply: _Reply, now: float, out: list[Command]) -> None:
        while reply.sent < reply.available:
            due = self._time_of(reply.sent)
            if now < due - self._wire.lead:
                return
            if now > due:
                # The far end ran dry (or nothing was sent yet): what goes out now plays now.
                self._paced, self._paced_at = reply.sent, now
            whole = reply.available - reply.sent >= self._wire.frame
            if not whole and not reply.ready:
                return
            end = min(reply.sent + self._wire.frame, reply.available)
            pcm = reply.slice(reply.sent, end)
            if not reply.started:
                reply.started = True
                out.append(ReplyStarted(reply.number))
            # The last frame is filled up with silence: carriers want whole packets.
            out.append(SendFrame(pcm.ljust(self._wire.frame, b"\0"), reply.epoch))
            reply.sent = end
            last = reply.ready and end >= reply.available
            if last or end >= self._next_mark:
                name = f"{self._epoch}.{reply.number}.{end}"
                out.append(SendMark(name))
                self._next_mark = end + self._mark_step
                self._last_mark = name if last else self._last_mark

    def _report(self, played: int, out: list[Command]) -> None:
        if played > self._reported:
            reply = self._replies[0]
            for start, end, private in reply.pieces(self._reported, played, self._wire.bytes_per_second):
                out.append(Heard(reply.slice(start, end), self._time_of(start) + self._delay, private))
            self._reported = played

    def _next_deadline(self, now: float) -> float | None:
        if self.mode is not Mode.SPEAKING:
            return None
        reply = self._replies[0]
        if reply.sent < reply.available:
            return max(self._time_of(reply.sent) - self._wire.lead, now)
        if not reply.ready:
            return None
        ends = self._time_of(reply.sent)
        return ends if now < ends else ends + DRAIN_PATIENCE

    # --- interruption -------------------------------------------------------------------------------------------------
    def _pause(self, now: float, out: list[Command]) -> None:
        """Also with nothing to say: a reply that comes while the caller speaks must wait."""
        if self.mode is Mode.SPEAKING:
            self._send_nothing_more(now, out)
        self.mode = Mode.PAUSED

    def _send_nothing_more(self, now: float, out: list[Command]) -> None:
        reply = self._replies[0]
        played = self._played(now)
        self._report(played, out)
        if reply.sent > played:
            out.append(ClearFarEnd())
        self._played_to = reply.sent = played
        self._epoch += 1
        self._last_mark = None

    def _go_on(self, silence: Silence, now: float) -> None:
        """That speaks against our speaking no more; something else may."""
        self._silenced.discard(silence)
        if self.mode is Mode.PAUSED and not self._silenced:
            self._resume(now)

    def _resume(self, now: float) -> None:
        if not self._replies:
            self.mode = Mode.IDLE
            return
        reply = self._replies[0]
        position = self._word_start(reply, self._played_to)
        self._paced = self._played_to = self._reported = reply.sent = position
        self._paced_at = now
        self._next_mark = position + self._mark_step
        self.mode = Mode.SPEAKING

    def _discard(self, now: float, out: list[Command]) -> None:
        if self.mode is Mode.SPEAKING:
            self._send_nothing_more(now, out)
        if self._replies:
            current, *rest = self._replies
            out.append(ReplyOver(current.number, self._text_until(current, self._played_to), False, True))
            out += [ReplyOver(reply.number, "", False, True) for reply in rest]
            self._replies.clear()
        self._played_to = self._reported = 0
        self._silenced.discard(Silence.CALLER)
        self.mode = Mode.PAUSED if self._silenced else Mode.IDLE

    # --- text ---------------------------------------------------------------------------------------------------------
    def _add(
        self, number: int, sentence: int, pcm: bytes, marks: tuple[SpeechMark, ...], *, whole: bool = False
    ) -> None:
        """Sound for a sentence, unless its reply was discarded while it was being synthesized."""
        for reply in self._replies:
            if reply.number == number and 0 <= sentence < len(reply.sentences):
                target = reply.sentences[sentence]
                target.pcm += pcm
                target.marks += marks
                target.ready = target.ready or whole
                reply.measure()

    def _text_until(self, reply: _Reply, position: int) -> str:
        """The text whose sound lies before ``position``, cut at a word."""
        texts, base = [], 0
        for sentence in reply.sentences:
            inside = position - base
            if not sentence.pcm:
                continue  # nobody could speak it: what makes no sound is not heard
            if inside >= len(sentence.pcm) and sentence.ready:
                texts.append(sentence.text)
            elif inside > 0:
                texts.append(self._words_until(sentence, inside / self._wire.bytes_per_second))
            base += len(sentence.pcm)
        return " ".join(text for text in texts if text)

    def _words_until(self, sentence: _Sentence, seconds: float) -> str:
        end = 0
        length = len(sentence.pcm) / self._wire.bytes_per_second
        for index, mark in enumerate(sentence.marks):
            ends = sentence.marks[index + 1].at if index + 1 < len(sentence.marks) else length
            if ends - NEAR_END_OF_WORD > seconds:
                break
            end = mark.end
        return sentence.text[:end]

    def _word_start(self, reply: _Reply, position: int) -> int:
        """The beginning of the word that sounds at ``position``, in bytes of the reply."""
        base = 0
        for sentence in reply.sentences:
            if position < base + len(sentence.pcm) or not sentence.ready:
                inside = (position - base) / self._wire.bytes_per_second
                starts = [mark.at for mark in sentence.marks if mark.at <= inside]
                return base + _whole_samples((starts[-1] if starts else 0.0) * self._wire.bytes_per_second)
            base += len(sentence.pcm)
        return position


def _whole_samples(position: float) -> int:
    return round(position) // SAMPLE_WIDTH * SAMPLE_WIDTH


def _parse_mark(name: str) -> tuple[int, int, int]:
    """Epoch, reply and byte of a mark of ours; a foreign name is nobody's."""
    parts = name.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return -1, -1, -1
    return int(parts[0]), int(parts[1]), int(parts[2])
