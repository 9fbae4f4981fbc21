"""The state of one conversation: what was heard, where its flow stands, what is being waited for.

Only the dialogue manager changes it, and always before it speaks: what a barge-in cuts off is speech, never state.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dialog.actions.action import Outcome, Proposal
from dialog.actions.rules import Refusal
from dialog.advising import Adviser
from dialog.answers.answering import Candidate
from dialog.answers.composer import Composed
from dialog.discretion import secrets
from dialog.errand import ErrandUnderWay
from dialog.escalation import Attempt, Progress
from dialog.flows.flow import FlowState, Step
from dialog.flows.plan import Flow
from dialog.flows.slot import SlotKind
from dialog.identification import Acquaintance
from dialog.interruptible import Interruptible
from dialog.journal import Scribe
from dialog.memory.recollection import Recollection
from dialog.privacy.confided import Confided
from dialog.reply import Confidence, Escalation, EscalationReason, Reply, whole
from dialog.turn import MASK, CallerTurn, Speaker, Utterance
from dialog.understanding.understander import Listening, Understander
from knowledge.document import Hit


@dataclass(frozen=True, slots=True)
class TopicQuestion:
    """We asked which topic is meant; each ``topics`` name has its answer ready. With one topic it is a yes or no."""

    query: str
    topics: tuple[str, ...]
    answers: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class AnythingElse:
    """We are done with something; a no means that the caller is done, too."""


@dataclass(frozen=True, slots=True)
class MemoryQuestion:
    """We asked whether we may remember the caller; then it is goodbye."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A change of which nobody knew what became of it when the caller was told; ``wish`` is what it was for."""

    proposal: Proposal
    wish: str


@dataclass(frozen=True, slots=True)
class PersonOffered:
    """We said why something was refused, and asked whether a person shall look at it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What our own rules refused last: which action, by which rule, in which turn."""

    action: str
    refusal: Refusal
    turn: int


OpenQuestion = TopicQuestion | AnythingElse | MemoryQuestion | PersonOffered


@dataclass(slots=True)
class Dossier:
    """What a human would have to be told: the ``wish``, what it is ``about``, values that stand, what was tried."""

    wish: str = ""
    about: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    handed_over: EscalationReason | None = None
    """Why a human was called, whoever speaks since."""

    def tried(self, attempt: Attempt) -> None:
        """Note an attempt; only the latest few dozen are kept."""
        self.attempts.append(attempt)
        del self.attempts[:-50]


@dataclass(frozen=True, slots=True)
class Running:
    """An action on its way. It is carried to its end whoever stops listening; its outcome is told when it is there.

    ``confidence`` is that of the arguments, ``began`` monotonic seconds.
    """

    proposal: Proposal
    task: asyncio.Task[Outcome]
    confidence: Confidence
    began: float


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a search found for a question before the caller had finished asking it."""

    words: str
    language: str
    hits: tuple[Hit, ...]


PHONE = "phone"
CHAT = "chat"
"""Channels by which a caller reaches us; documents may be for some of them only."""


@dataclass(slots=True)
class Conversation:
    """One conversation, from its beginning to its end. ``history`` holds what was heard, by both sides."""

    call_id: str
    language: str
    caller: str | None
    release: str
    scribe: Scribe
    history: deque[Utterance]
    channel: str = PHONE
    understander: Understander | None = None
    """Who understands it from its beginning to its end; none: whoever the release has."""
    adviser: Adviser | None = None
    """Its share of the language model, where there is one."""
    turn: int = 0
    confided: bool = False
    """Whether secrets are in it: it is written down nowhere, and no model hears of it."""
    asked_at: float = 0.0
    """When the turn came in, in monotonic seconds."""
    query: str = ""
    """The last question, which a follow-up leans on."""
    asked: tuple[str, ...] = ()
    """What was asked about it so far, as it was heard."""
    personal: Confided = field(init=False)
    """What the caller told of themselves: nothing of it is searched for."""
    flow: FlowState | None = None
    paused: tuple[FlowState, ...] = ()
    """Flows that wait for the one under way to end, the latest last."""
    pending: Proposal | None = None
    """What was read back and waits for a yes on the next turn; single use."""
    unsettled: tuple[Unsettled, ...] = ()
    """Changes whose outcome the caller still has to be told, should it be found out."""
    denials: int = 0
    """How often our own rules forbade what the caller wanted."""
    refused: Refused | None = None
    """What they forbade last."""
    question: OpenQuestion | None = None
    last: Reply | None = None
    last_turn: int = 0
    """The turn that it answered."""
    foreseen: Foreseen | None = None
    progress: Progress = field(default_factory=Progress)
    acquaintance: Acquaintance = field(default_factory=Acquaintance)
    """Who calls, as far as it was shown."""
    dossier: Dossier = field(default_factory=Dossier)
    recollection: Recollection = field(default_factory=Recollection)
    """What is known of earlier contacts, and what is to be remembered of this one."""
    running: Running | None = None
    composing: Interruptible[Composed] | None = None
    """The answer that is being worded."""
    errand: ErrandUnderWay | None = None
    """What we called about; none when somebody called us."""
    handed: Escalation | Speaker | None = None
    """The hand-over that was decided, then ``Speaker.AGENT`` once a human has spoken."""

    def __post_init__(self) -> None:
        self.personal = Confided(self.language)

    @property
    def counsel(self) -> Adviser | None:
        """The language model's share for this turn: none of what was given in confidence."""
        return None if self.confided else self.adviser

    @property
    def silenced(self) -> bool:
        """Whether a human has spoken: from then on nothing more is said here."""
        return self.handed is Speaker.AGENT

    def take(self, turn: CallerTurn) -> None:
        """Put the caller's turn into the history: keys as keys, a secret as dots, silence not at all."""
        if turn.continues:
            beginning = (Speaker.CALLER, self.turn)
            kept = [line for line in self.history if (line.speaker, line.turn) != beginning]
            self.history = deque(kept, maxlen=self.history.maxlen)
        self.turn = turn.number
        self.personal.language = self.language
        self.personal.take(turn.text)
        asked = None if self.last is None else self.last.entry
        self.confided = bool(secrets(asked, turn.text, turn.digits, self.language))
        said = " ".join(part for part in (turn.text, f"[{turn.digits}]" if turn.digits else "") if part)
        if said and not turn.silent:
            self.history.append(Utterance(Speaker.CALLER, MASK if self.confided else said, turn.number))

    def heard(self, utterance: Utterance) -> None:
        """Put into the history what was really heard. The caller's own turns are there already."""
        if utterance.speaker is Speaker.CALLER and utterance.turn == self.turn:
            return
        if utterance.speaker is Speaker.AGENT:
            self.handed = Speaker.AGENT
            self.interrupt()
        if utterance.text:
            self.history.append(utterance)
            if utterance.speaker is not Speaker.CALLER:
                self.personal.ask(utterance.text)

    def interrupt(self) -> None:
        """Word no answer any further: nobody listens."""
        if self.composing is not None:
            self.composing.stop()

    def remember(self, reply: Reply) -> None:
        """What "say that again" repeats: the last reply, together with what was said of the same answer before it."""
        before = (self.last,) if self.last is not None and self.last_turn == self.turn else ()
        self.last, self.last_turn = replace(whole((*before, reply)), timings={}), self.turn

    def listening(self, flows: Sequence[Flow], today: date) -> Listening:
        """What is being waited for now."""
        choices: tuple[str, ...] = ()
        yes_no = more = False
        match self.question:
            case TopicQuestion(topics=topics):
                choices, yes_no = (topics, False) if len(topics) > 1 else ((), True)
            case AnythingElse():
                more = True
            case MemoryQuestion() | PersonOffered():
                yes_no = True
            case None:
                pass
        if self.flow is None:
            every = tuple(slot for flow in flows for slot in flow.slots)
            return Listening(yes_no=yes_no, choices=choices, more=more, slots=every, today=today)
        flow = next(flow for flow in flows if flow.id == self.flow.flow)
        asked = self.flow.slot and self.flow.step not in {Step.WISHED, Step.PROPOSED}
        slot = flow.slot(self.flow.slot) if asked else None
        standing = dict(self.flow.values)
        if slot is not None and self.flow.heard:
            standing[slot.name] = self.flow.heard
        asks = slot is not None and slot.kind is SlotKind.YES_NO and self.flow.step is Step.ASKING
        return Listening(
            flow=flow.id,
            slot=slot,
            yes_no=asks or self.flow.step in {Step.WISHED, Step.CONFIRMING, Step.PROPOSED},
            choices=choices,
            slots=flow.slots,
            standing=standing,
            proposed=self.flow.step is Step.PROPOSED,
            calls_off=flow.calls_off,
            today=today,
        )

    def drop(self) -> None:
        """Nothing of what was under way is wanted any more, and nothing of it can be confirmed."""
        self.flow, self.paused, self.pending, self.question = None, (), None, None

    def progressed(self) -> None:
        """Something was achieved: patience begins anew."""
        self.progress = Progress()

    def got_nowhere(self) -> None:
        """A turn brought nothing."""
        self.progress = replace(self.progress, no_match=self.progress.no_match + 1, no_input=0)

    def was_silent(self) -> None:
        """The caller said nothing."""
        self.progress = replace(self.progress, no_input=self.progress.no_input + 1)
