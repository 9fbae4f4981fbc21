"""Remembers callers across contacts: looks up who calls, asks whether we may, keeps what a contact came to.

It stands beside the conversation: whatever takes time is bounded and counted, and a memory that cannot be asked is as
if there were none. What a caller may hear of it depends on how surely they are known; until then it decides about
nothing but language and voice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from dialog.actions.action import Action, Outcome, Succeeded, Unknown
from dialog.clock import Clock
from dialog.command import Command, Evidence, HandOver, Source, StartFlow
from dialog.conversation import Conversation, MemoryQuestion
from dialog.escalation import Attempt
from dialog.flows import flow as flows
from dialog.memory.deadline import within
from dialog.memory.flows import EARLIER, FORGET, Found
from dialog.memory.memory import Agreement, EarlierContact, Preferences, Remembered
from dialog.memory.phrases import Wish, spot
from dialog.memory.policy import Consent
from dialog.memory.summary import contact_of, went_well
from dialog.memory.tenant import TenantMemory, kind_of
from dialog.parsers.yes_no import is_plain_yes
from dialog.phrasing import hearing, say
from dialog.releases.release import Release
from dialog.reply import Expectation, Reply
from dialog.turn import CallerTurn
from infra.errors import AiccError
from infra.telemetry.metrics import metrics

KEPT_WITHIN = 2.0
"""Seconds that the end of a contact waits for its memory; nobody is on the line any more."""

_RECALLED = metrics.counter(
    "aicc_memory_recalls", "Times that a caller was looked up, by what came of it", ("outcome",)
)
_NOT_KEPT = metrics.counter("aicc_memory_not_kept", "Contacts whose memory could not be written")

_FLOWS = {Wish.FORGET: FORGET, Wish.EARLIER: EARLIER}
_OURS = frozenset({FORGET, EARLIER})


@dataclass(frozen=True, slots=True)
class Remembering:
    """For all conversations of one release. Keeps no state of its own; without ``memory`` nobody is remembered."""

    release: Release
    clock: Clock
    memory: TenantMemory | None

    @classmethod
    def of(cls, release: Release, clock: Clock, memory: TenantMemory | None) -> Remembering:
        """With a tenant's memory, unless it remembers nobody."""
        off = memory is None or memory.policy.consent is Consent.OFF
        return cls(release, clock, None if off else memory)

    async def recall(self, conversation: Conversation) -> Preferences | None:
        """How whoever calls from this number likes to be served, if they are known by it; the conversation goes on in
        their language. None otherwise, and when that takes too long."""
        mine = conversation.recollection
        if self.memory is None:
            return None
        mine.number = self.memory.subjects.number(conversation.caller)
        if mine.number is None:
            return None
        mine.former_number = self.memory.subjects.former(conversation.caller)
        mine.by_number = await self._looked_up(conversation, mine.number, mine.former_number)
        if mine.by_number is None or not mine.by_number.agreed or mine.by_number.preferences is None:
            return None
        liked = mine.by_number.preferences
        if liked.language in self.release.templates:
            conversation.language = liked.language
        return liked

    async def after(self, conversation: Conversation, action: Action, outcome: Outcome) -> None:
        """What an action means for what is remembered: who calls may be known now, or wants to be forgotten."""
        mine = conversation.recollection
        if self.memory is None or mine.forgotten:
            return
        if action.id == FORGET and isinstance(outcome, Succeeded | Unknown):
            mine.forget()
            conversation.scribe.note("memory.forgotten", {"turn": conversation.turn})
            return
        if action.id == EARLIER and isinstance(outcome, Succeeded):
            self._go_on(conversation, outcome.result)
        who = conversation.acquaintance
        if who.customer is None or who.identity < self.memory.policy.identity:
            return
        subject = self.memory.subjects.customer(who.customer)
        if subject != mine.customer:
            mine.several = mine.several or mine.customer is not None
            mine.customer = subject
            mine.by_customer = await self._looked_up(conversation, subject)

    def meant(self, conversation: Conversation, turn: CallerTurn, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        """The commands of a turn; where it is about our memory, that. Whoever asks for a person gets one."""
        if self.memory is None or turn.silent or any(isinstance(command, HandOver) for command in commands):
            return commands
        wish = spot(turn.text, turn.language)
        if wish is None:
            return commands
        words = Evidence(turn.text, 0, len(turn.text))
        return (StartFlow(flow=_FLOWS[wish], confidence=1.0, evidence=words, source=Source.PARSER),)

    def parting(self, conversation: Conversation) -> Reply | None:
        """Before goodbye: the question whether we may remember, where it is to be asked; else None."""
        mine = conversation.recollection
        standing = mine.standing
        if self.memory is None or self.memory.policy.consent is not Consent.ASK or mine.asked or mine.forgotten:
            return None
        if standing is None or standing.answered or conversation.errand is not None:
            return None  # nor is anybody asked whom we have called ourselves
        if not went_well(self._attempts(conversation), handed_over=conversation.handed is not None):
            return None
        texts = self.release.texts(conversation.language)
        reply = say(texts, "memory.ask", expects=Expectation.YES_NO)
        mine.asked = wording(reply)
        conversation.question = MemoryQuestion()
        conversation.scribe.note("consent.asked", {"purpose": "memory", "wording": mine.asked})
        return reply

    def answered(self, conversation: Conversation, turn: CallerTurn, *, yes: bool) -> Reply:
        """Take the answer, and say goodbye. Whatever is not a plain yes that was well heard is a no."""
        heard = turn.digits or turn.confidence >= self.release.policy.thresholds.recognition
        agreed = bool(yes and heard and (turn.digits or is_plain_yes(turn.text, conversation.language)))
        mine = conversation.recollection
        mine.agreement = Agreement(agreed, self._now(), mine.asked, conversation.call_id)
        kind = "consent.given" if agreed else "consent.declined"
        conversation.scribe.note(kind, {"purpose": "memory", "wording": mine.asked, "words": turn.text or turn.digits})
        key = "memory.agreed" if agreed else "memory.declined"
        texts = self.release.texts(conversation.language)
        return say(texts, key, "goodbye", expects=Expectation.NOTHING, confidence=hearing(turn))

    async def keep(self, conversation: Conversation) -> None:
        """Write down what is to be remembered of a contact that is over, under whatever its caller is known by."""
        mine = conversation.recollection
        if self.memory is None or mine.forgotten or not mine.subjects:
            return
        if mine.asked and mine.agreement is None:  # they were asked, and left it at that
            mine.agreement = Agreement(False, self._now(), mine.asked, conversation.call_id)
        try:
            kept = await within(KEPT_WITHIN, self._kept_as(conversation, mine.subjects))
        except (AiccError, TimeoutError):
            _NOT_KEPT.inc()
            return  # as if it had never been; that it was not kept shows in the figures
        if kept:
            conversation.scribe.note("memory.kept", {"as": kept})

    async def _kept_as(self, conversation: Conversation, subjects: Sequence[str]) -> list[str]:
        """As what the caller is remembered, of these."""
        return [kind_of(subject) for subject in subjects if await self._kept(conversation, subject)]

    async def _kept(self, conversation: Conversation, subject: str) -> bool:
        assert self.memory is not None, "asked by the caller"
        mine, store = conversation.recollection, self.memory.store
        if mine.agreement is not None:
            await store.agree(subject, mine.agreement)
        known = mine.by_customer if subject == mine.customer else mine.by_number
        preferences = None if known is None else self._preferences(conversation, known)  # else it would be lost
        whose = None if mine.several else mine.subjects[0]
        contact = self._contact(conversation) if subject == whose else None
        return await store.keep(subject, self._now(), preferences, contact)

    def _preferences(self, conversation: Conversation, known: Remembered) -> Preferences:
        liked = known.preferences or Preferences()
        for manner in conversation.recollection.manners:
            liked = liked.wished(manner)
        return replace(liked, language=conversation.language, channel=conversation.channel)

    def _contact(self, conversation: Conversation) -> EarlierContact | None:
        about = conversation.dossier.about
        return contact_of(
            contact=conversation.call_id,
            at=self._now(),
            channel=conversation.channel,
            language=conversation.language,
            about=None if about in _OURS else about,
            attempts=self._attempts(conversation),
            reason=conversation.dossier.handed_over,
            under_way=conversation.flow is not None and conversation.flow.flow not in _OURS,
        )

    def _attempts(self, conversation: Conversation) -> list[Attempt]:
        """What was tried for the caller's sake: neither to find out who they are, nor about our memory."""
        aside = {flow.id for flow in self.release.flows.values() if flow.identifies is not None} | _OURS
        return [attempt for attempt in conversation.dossier.attempts if attempt.flow not in aside]

    def _go_on(self, conversation: Conversation, last: Mapping[str, object]) -> None:
        """Make what the last contact was about what this one is about: its flow comes next where there is something
        left to do or to look up; else questions lean on it."""
        about, flow = str(last.get("about", "")), self.release.flows.get(str(last.get("about", "")))
        waiting = {state.flow for state in conversation.paused}
        left = last["found"] in {Found.UNFINISHED.value, Found.HANDED_OVER.value}
        if flow is not None and (left or not any(do.changes for do in flow.actions)):
            begun = () if flow.id in waiting else (flows.begin(flow),)
            conversation.paused = (*conversation.paused, *begun)
        elif "topic" in last:
            conversation.dossier.about, conversation.query = about, str(last["topic"])

    async def _looked_up(
        self, conversation: Conversation, subject: str, former: str | None = None
    ) -> Remembered | None:
        """What is remembered of a subject, and was under its ``former`` name; None when that is not to be had in
        time."""
        assert self.memory is not None, "asked by the caller"
        began = monotonic()
        try:
            found = await within(self.memory.within, self._recalled(subject, former))
        except (AiccError, TimeoutError) as error:
            _RECALLED.labels("missed").inc()
            conversation.scribe.note("memory.missed", {"why": type(error).__name__})
            return None
        _RECALLED.labels("known" if found.agreed else "unknown").inc()
        if found.agreed:
            recalled = {"as": kind_of(subject), "contacts": len(found.contacts)}
            conversation.scribe.note("memory.recalled", {**recalled, "seconds": round(monotonic() - began, 4)})
        return found

    async def _recalled(self, subject: str, former: str | None) -> Remembered:
        assert self.memory is not None, "asked by the caller"
        if former is not None:
            await self.memory.store.rename(former, subject)
        return await self.memory.store.recall(subject, self._now() - self.memory.policy.keep)

    def _now(self) -> datetime:
        return self.clock.now("UTC")


def wording(question: Reply) -> str:
    """The version of a question: its language, and a digest of its very words."""
    return f"{question.language}:{hashlib.sha256(question.text.encode()).hexdigest()[:12]}"
