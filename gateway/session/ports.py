"""What a session needs from the rooms around it, as small Protocols.

Refuses: implementations. The composition root chooses them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dialog.actions.action import Journal
from dialog.conversation import PHONE
from dialog.errand import Disposition, Errand
from dialog.identification import Acquaintance
from dialog.memory.memory import Preferences
from dialog.reply import Escalation, EscalationReason, Reply, Summary
from dialog.turn import CallerTurn, Utterance
from gateway.session.destination import Destination
from gateway.session.ledger import CallLog
from gateway.session.tenant import Tenant
from gateway.session.waiting import Waiting
from gateway.telephony.trunk import Trunk
from infra.audio import AudioFrame
from stt.final_lag import FinalLag
from stt.recognizer import Recognizer
from stt.vad import Segmenter, VoiceActivity
from tts.synthesizer import Synthesizer

C = TypeVar("C")


class Dialogue(Protocol[C]):
    """The dialogue manager, as the session drives it. ``C`` is its own state of one conversation."""

    def begin(self, *, call_id: str, language: str, caller: str | None, journal: Journal, channel: str = PHONE) -> C:
        """A new conversation."""

    async def recall(self, conversation: C) -> Preferences | None:
        """How a caller who is known by their number likes to be served. Bounded in time."""

    async def greet(self, conversation: C, *, recording_notice: bool = False) -> Reply:
        """The disclosure and the greeting."""

    def respond(self, conversation: C, turn: CallerTurn) -> AsyncGenerator[Reply, None]:
        """What is said back to a turn, in order."""

    async def foresee(self, conversation: C, turn: CallerTurn) -> None:
        """Prepare what may be prepared for a turn that may end so: nothing that could not be thrown away."""

    def heard(self, conversation: C, utterance: Utterance) -> None:
        """What the caller really heard of a reply."""

    def interrupted(self, conversation: C) -> None:
        """What is still being worded will not be heard any more."""

    async def escalate(self, conversation: C, reason: EscalationReason) -> Reply:
        """Hand over for a reason that only the session can see."""

    def summary(self, conversation: C) -> Summary:
        """What a human would have to know now."""

    def acquaintance(self, conversation: C) -> Acquaintance:
        """Who calls, as far as it was shown: the conversation's own, so that what a person finds out counts in it."""

    def take_up(self, conversation: C, instruction: str) -> AsyncGenerator[Reply, None]:
        """The conversation was given back by a human: what is said first, doing as they instruct."""

    async def finish(self, conversation: C) -> None:
        """Bring to its end what is still on its way: an action, the notes of the record. Bounded in time."""


class CallDialogue(Dialogue[C], Protocol[C]):
    """The same on the telephone, where it may be us who have called."""

    async def reach_out(
        self, conversation: C, errand: Errand, *, recording_notice: bool = False
    ) -> tuple[Reply, Reply]:
        """The disclosure and why we call, and the first question about it."""

    def disposition(self, conversation: C) -> Disposition:
        """What has come so far of a call of ours."""


class AgentDesk(Protocol):
    """Where people take over."""

    async def queue(self, log: CallLog, escalation: Escalation, language: str) -> str:
        """Put a call into its queue; the hand-off's id. Durable when it returns. Raises the ledger's errors."""

    async def send_elsewhere(self, log: CallLog, escalation: Escalation) -> str:
        """The call goes to a target outside, and nobody of ours is asked; the hand-off's id. As durable as above."""

    async def taken_elsewhere(self, log: CallLog, handoff: str, by: str) -> None:
        """Somebody outside has it from now on. Asked twice, it is written down once."""

    async def done_elsewhere(self, log: CallLog, handoff: str, by: str, why: str) -> None:
        """They are done with it, as far as we know: we are out of the call, or they are."""

    async def take_back(self, log: CallLog, handoff: str) -> None:
        """Nobody outside could be reached: the call waits for our own people, in the queue that it was for."""

    async def waiting(self, log: CallLog, handoff: str) -> Waiting | None:
        """How the caller stands in the queue; None where nobody knows."""

    async def call_back(self, log: CallLog, handoff: str, number: str | None) -> None:
        """The caller is promised a call back, in their place; ``number`` is what they called from, if that is known."""

    async def leave(self, log: CallLog, handoff: str) -> None:
        """The call is over, whether somebody came or not."""


@dataclass(frozen=True, slots=True)
class TollDenied:
    """A target may not be called, and why."""

    why: str


class TollPermit(Protocol):
    """One call to a target may be made, and may last so many ``seconds``."""

    @property
    def seconds(self) -> float:
        """How long it may last."""

    async def used(self, seconds: float) -> None:
        """It is over, and has lasted so long (0: nobody answered). To be told of each permit. Raises the database's
        errors."""


class Toll(Protocol):
    """What calls of ours to targets may cost."""

    def allows(self, destination: Destination) -> TollDenied | None:
        """Whether calls may be sent there at all; none when they may."""

    async def begin(self, call: str, destination: Destination) -> TollPermit | TollDenied:
        """Ask for one call to it, for the caller of ``call``; durable when it is permitted. Raises the database's
        errors."""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A finished recording: where it lies, how long it is in seconds, and how many frames could not be written."""

    path: Path
    seconds: float
    lost_frames: int


class TurnModel(Protocol):
    """A model's vote on whether somebody sounds as if they had finished."""

    async def finished(self, pcm: bytes, rate: int) -> float | None:
        """The probability, from the end of that linear PCM; None when there is no answer in time."""


class CallRecorder(Protocol):
    """Two channels of one call: the caller, and what the caller heard."""

    def caller(self, frame: AudioFrame) -> None:
        """Take the caller's sound; never blocks."""

    def bot(self, frame: AudioFrame) -> None:
        """Take what was played to the caller; never blocks."""

    def silence(self, start: float, end: float, *, ours: bool = False) -> None:
        """Let the caller's channel, or ours, be silent between two media times, however long ago; never blocks."""

    async def finish(self) -> StoredRecording:
        """Write the rest and close the file. Raises ``RecordingError``."""


@dataclass(frozen=True, slots=True)
class Services:
    """All that a session of one tenant is given.

    ``record`` opens a recorder for a call id, the day the call began, and a sample rate. ``melody`` is None where no
    turn model is installed.
    """

    tenant: Tenant
    dialogue: CallDialogue[Any]
    recognizer: Recognizer
    final_lag: FinalLag
    synthesizer: Synthesizer
    activity: VoiceActivity
    segmenter: Callable[[], Segmenter]
    desk: AgentDesk
    record: Callable[[str, date, int], CallRecorder]
    now: Callable[[], datetime]
    melody: TurnModel | None = None
    hotwords: Callable[[str], Sequence[str]] = lambda language: ()
    """The tenant's own words in a language, as a hint for the recognizer."""
    trunk: Callable[[], Trunk | None] = lambda: None
    """How a target is called; none: nobody is, and calls are moved by their own network or not at all."""
    toll: Toll | None = None
    """What such calls may cost; none: nothing is allowed."""
