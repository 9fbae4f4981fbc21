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
from dialog.memory.memory import Preferences
from dialog.reply import Escalation, EscalationReason, Reply
from dialog.turn import CallerTurn, Utterance
from gateway.session.ledger import CallLog
from gateway.session.tenant import Tenant
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

    async def queue(self, log: CallLog, escalation: Escalation) -> str:
        """Put a call into its queue; the hand-off's id. Durable when it returns. Raises the ledger's errors."""

    async def abandon(self, log: CallLog, handoff: str) -> None:
        """The caller left before anybody came."""


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
