"""Carries out what a flow decides: asks, reads back, proposes, acts, tells.

The reducer's next state is committed before anything of it is spoken, and an action that was started is carried to
its end and recorded even if nobody listens any more; its outcome is then told on the next turn.

What changes something is done only in answer to a yes on the turn right after its read-back. The proposal that was
read back is kept frozen, is used once, and is withdrawn by whatever comes between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from dialog.actions.action import (
    Confirmation,
    Failed,
    FailureKind,
    Outcome,
    Proposal,
    Succeeded,
    Unknown,
    propose,
)
from dialog.actions.runner import ActionRunner
from dialog.answers.verifier import check_result
from dialog.clock import Clock
from dialog.conversation import SECRET, AnythingElse, Conversation, Running
from dialog.escalation import Attempt, Tried
from dialog.flows import event as ev
from dialog.flows import flow as flows
from dialog.flows.plan import Do, Flow
from dialog.flows.speech import FlowSpeech, joined, values
from dialog.policy import Permission, Standing
from dialog.releases.release import Release
from dialog.reply import Confidence, Expectation, Reply
from dialog.settings import DialogSettings
from dialog.turn import Speaker

Said = Reply | ev.GiveUp
"""What comes out of a flow's move: something to say, or that a human must go on."""

DEEPEST = 3
"""Flows that may wait for another one at once; the oldest is dropped."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Moves flows for all conversations of one release. Keeps no state of its own."""

    release: Release
    runner: ActionRunner
    settings: DialogSettings
    clock: Clock

    def begin(self, conversation: Conversation, flow_id: str) -> None:
        """Put a flow under way; the one that was under way waits for its end."""
        flow = self.release.flows[flow_id]
        if conversation.flow is not None:
            kept = [state for state in (*conversation.paused, conversation.flow) if state.flow != flow_id]
            conversation.paused = tuple(kept)[-DEEPEST:]
        conversation.flow = flows.begin(flow)
        conversation.dossier.wish = self.release.texts(conversation.language).render(f"{flow.id}.wish")
        conversation.dossier.about = flow.id

    async def advance(
        self, conversation: Conversation, event: ev.Event, confidence: Confidence, words: str = ""
    ) -> AsyncGenerator[Said, None]:
        """Let ``event`` move the flow under way, and carry out what follows. ``words`` (or keys) are what the caller
        said for it."""
        state = conversation.flow
        assert state is not None, "only called while a flow is under way"
        if isinstance(event, ev.Agreed) and state.step is flows.Step.PROPOSED and not self._stands(conversation):
            event = ev.Resumed()
        flow = self.release.flows[state.flow]
        after, effects = flows.step(flow, state, event, self._now())
        conversation.flow = None if after.step is flows.Step.ENDED else after
        self._commit(conversation, flow, state, after, event)
        if not _confirms(effects):
            await self.interrupt(conversation, words or type(event).__name__)
        speech = FlowSpeech(self.release.texts(conversation.language), flow, after)
        spoken: Reply | None = None
        for effect in effects:
            match effect:
                case ev.Act() | ev.Propose():
                    # Begun before anything more is said: whoever stops listening in between must not stop it.
                    carried = self._carry_out(conversation, flow, effect, confidence, words)
                    async with aclosing(carried) as replies:
                        async for reply in replies:
                            if isinstance(reply, ev.GiveUp):
                                if spoken is not None:
                                    yield replace(spoken, expects=Expectation.LISTENING)
                                yield reply
                                return
                            yield joined(spoken, reply)
                            spoken = None
                case ev.GiveUp():
                    if spoken is not None:
                        yield replace(spoken, expects=Expectation.LISTENING)
                    yield effect
                    return
                case _:
                    said = self._say(conversation, speech, effect, confidence)
                    spoken = joined(spoken, said)
        if spoken is not None:
            yield await self._resumed(conversation, spoken, confidence)

    async def finish(self, conversation: Conversation) -> AsyncGenerator[Said, None]:
        """Wait for an action that is still on its way, and tell its outcome. Nothing when there is none."""
        running = conversation.running
        if running is None:
            return
        await asyncio.wait({running.task})
        async with aclosing(self._conclude(conversation, running)) as replies:
            async for reply in replies:
                yield reply

    async def again(self, conversation: Conversation, confidence: Confidence) -> Said:
        """What the flow under way waits for, asked once more after something came between."""
        replies = [said async for said in self.advance(conversation, ev.Resumed(), confidence)]
        assert replies, "a flow that waits has something to ask"
        return replies[-1]

    def _now(self) -> datetime:
        """The tenant's local time, without a zone."""
        return self.clock.now(self.release.tenant.time_zone).replace(tzinfo=None)

    def _stands(self, conversation: Conversation) -> bool:
        """Whether a yes of this turn can only mean what was read back right before it."""
        pending = conversation.pending
        return pending is not None and conversation.turn == pending.turn + 1

    async def interrupt(self, conversation: Conversation, words: str) -> None:
        """Something else comes first: what was read back can no longer be confirmed. ``words`` are the caller's."""
        pending, conversation.pending = conversation.pending, None
        if pending is not None:
            await self.runner.withdraw(pending, conversation.scribe.journal, words)

    async def _resumed(self, conversation: Conversation, spoken: Reply, confidence: Confidence) -> Reply:
        """``spoken``, and where a flow has ended, the question of the one that waited for it."""
        if conversation.flow is not None or not conversation.paused:
            return spoken
        conversation.flow, conversation.paused = conversation.paused[-1], conversation.paused[:-1]
        flow = self.release.flows[conversation.flow.flow]
        texts = self.release.texts(conversation.language)
        conversation.dossier.wish = texts.render(f"{flow.id}.wish")
        conversation.dossier.about = flow.id
        conversation.question = None
        asked = await self.again(conversation, confidence)
        if isinstance(asked, ev.GiveUp):
            return spoken
        back = FlowSpeech(texts, flow, conversation.flow or flows.begin(flow)).back(confidence)
        return joined(joined(_without_more(spoken, texts.render("more")), back), asked)

    def _commit(
        self,
        conversation: Conversation,
        flow: Flow,
        before: flows.FlowState,
        after: flows.FlowState,
        event: ev.Event,
    ) -> None:
        """What follows from a move for the conversation as a whole; written down as it is."""
        texts = self.release.texts(conversation.language)
        spoken = values(flow, after, texts.language)
        for name in after.values:
            known = SECRET if flow.slot(name).secret else str(spoken[name])
            conversation.dossier.known[texts.render(f"{flow.id}.{name}.name")] = known
        if (after.failures, after.misses) > (before.failures, before.misses):
            conversation.got_nowhere()
        elif after != before and not isinstance(event, ev.Resumed):
            conversation.progressed()
        tried = _tried(event)
        if tried is not None:
            outcome = _case(flow, before, event) if isinstance(event, ev.ActionSucceeded) else ""
            conversation.dossier.tried(Attempt(tried, texts.render(f"{flow.id}.wish"), outcome))
        conversation.question = AnythingElse() if after.step is flows.Step.ENDED else None
        if isinstance(event, ev.Resumed):
            return  # nothing was said for the flow; a proposal that is made anew has a record of its own
        conversation.scribe.note(
            "flow.moved",
            {
                "turn": conversation.turn,
                "flow": flow.id,
                "event": type(event).__name__,
                "from": before.step.value,
                "to": after.step.value,
                "values": {name: SECRET if flow.slot(name).secret else held for name, held in after.values.items()},
                "failures": after.failures,
            },
        )

    def _carry_out(
        self,
        conversation: Conversation,
        flow: Flow,
        effect: ev.Act | ev.Propose,
        confidence: Confidence,
        words: str,
    ) -> AsyncGenerator[Said, None]:
        if isinstance(effect, ev.Propose):
            return self._propose(conversation, flow, effect, confidence)
        pending, conversation.pending = (conversation.pending, None) if effect.confirmed else (None, None)
        if not effect.confirmed:
            return self._run(conversation, flow, self._proposal(conversation, effect), None, confidence)
        assert pending is not None, "a yes stands only for what is pending"
        confirmation = Confirmation(pending.id, conversation.turn, words, self._instant())
        return self._run(conversation, flow, pending, confirmation, confidence)

    async def _propose(
        self, conversation: Conversation, flow: Flow, effect: ev.Propose, confidence: Confidence
    ) -> AsyncGenerator[Said, None]:
        proposal = self._proposal(conversation, effect)
        permission = await self.runner.offer(proposal, conversation.scribe.journal)
        if not permission.granted:
            async with aclosing(self.advance(conversation, _refused(conversation, permission), confidence)) as replies:
                async for reply in replies:
                    yield reply
            return
        conversation.pending = proposal
        state = conversation.flow
        assert state is not None, "a proposal belongs to the flow that made it"
        do = flow.plan[state.at].does
        assert isinstance(do, Do), "only an action is proposed"
        speech = FlowSpeech(self.release.texts(conversation.language), flow, state)
        yield speech.proposal(do, proposal.arguments, confidence)

    def _proposal(self, conversation: Conversation, effect: ev.Act | ev.Propose) -> Proposal:
        return propose(
            self.release.actions[effect.action],
            effect.arguments,
            call_id=conversation.call_id,
            turn=conversation.turn,
            standing=Standing(handed_over=conversation.handed is Speaker.AGENT),
            release=conversation.release,
            now=self._instant(),
        )

    def _instant(self) -> datetime:
        return self.clock.now("UTC")

    async def _run(
        self,
        conversation: Conversation,
        flow: Flow,
        proposal: Proposal,
        confirmation: Confirmation | None,
        confidence: Confidence,
    ) -> AsyncGenerator[Said, None]:
        standing = Standing(handed_over=conversation.handed is Speaker.AGENT)
        run = self.runner.run(proposal, conversation.scribe.journal, confirmation, standing=standing)
        task = asyncio.create_task(run)
        running = Running(proposal, task, confidence, self.clock.monotonic())
        conversation.running = running
        done, _ = await asyncio.wait({task}, timeout=self.settings.filler_after)
        if not done:
            state = conversation.flow or flows.begin(flow)
            yield FlowSpeech(self.release.texts(conversation.language), flow, state).wait()
            await asyncio.wait({task})
        if conversation.running is running:
            async with aclosing(self._conclude(conversation, running)) as replies:
                async for reply in replies:
                    yield reply

    async def _conclude(self, conversation: Conversation, running: Running) -> AsyncGenerator[Said, None]:
        conversation.running = None
        outcome = running.task.result()
        seconds = self.clock.monotonic() - running.began
        if conversation.flow is None:
            return  # it was dropped while it was on its way; its record stands all the same
        event = self._event(conversation, running.proposal, outcome)
        async with aclosing(self.advance(conversation, event, running.confidence)) as replies:
            async for reply in replies:
                timed = {**reply.timings, "act": seconds} if isinstance(reply, Reply) else {}
                yield replace(reply, timings=timed) if isinstance(reply, Reply) else reply

    def _event(self, conversation: Conversation, proposal: Proposal, outcome: Outcome) -> ev.Event:
        """What an outcome means to the flow. A result that cannot be told truthfully counts as failed."""
        match outcome:
            case Succeeded():
                return self._succeeded(conversation, proposal, outcome)
            case Failed(kind=FailureKind.NOT_FOUND):
                return ev.ActionNotFound()
            case Failed(kind=FailureKind.REJECTED):
                return ev.ActionRejected()
            case Failed(kind=FailureKind.NOT_PERMITTED):
                return _refused(conversation, Permission(False))
            case Failed(kind=FailureKind.NOT_CONFIRMED):
                return ev.ActionNotConfirmed()
            case Failed():
                return ev.ActionFailed()
            case Unknown():
                return ev.ActionUnknown()
            case _:
                assert_never(outcome)

    def _succeeded(self, conversation: Conversation, proposal: Proposal, outcome: Succeeded) -> ev.Event:
        """A success, if the words for it say nothing that the result does not."""
        state = conversation.flow
        assert state is not None, "an action belongs to the flow that is acting"
        flow = self.release.flows[state.flow]
        event = ev.ActionSucceeded(outcome.result)
        after, effects = flows.step(flow, state, event, self._now())
        texts = self.release.texts(conversation.language)
        speech = FlowSpeech(texts, flow, after)
        for effect in effects:
            if isinstance(effect, ev.Tell):
                key = f"{flow.id}.{effect.text}"
                told = texts.render(key, **speech.known)
                also = (*speech.spoken_in(key), *map(str, speech.known.values()), " ".join(texts.texts[key]))
                if check_result(told, outcome.result, texts.language, also=also):
                    return ev.ActionUnknown() if proposal.action.risk.value != "read_only" else ev.ActionFailed()
        return event

    def _say(self, conversation: Conversation, speech: FlowSpeech, effect: ev.Effect, confidence: Confidence) -> Reply:
        match effect:
            case ev.Ask() | ev.AskRest() | ev.ReadBack() | ev.TellNotFound() | ev.TellInvalid():
                return speech.asking(effect, confidence)
            case ev.Tell(text):
                return speech.tell(text, confidence)
            case ev.TellCancelled():
                return speech.cancelled(confidence)
            case ev.Finished():
                return speech.more(confidence)
            case ev.Act() | ev.Propose() | ev.GiveUp():
                raise AssertionError("carried out elsewhere")
            case _:
                assert_never(effect)


def _confirms(effects: tuple[ev.Effect, ...]) -> bool:
    return any(isinstance(effect, ev.Act) and effect.confirmed for effect in effects)


def _refused(conversation: Conversation, permission: Permission) -> ev.Event:
    """What a refusal means: our rules said no (the second time ends it), or it could not even be proposed."""
    if permission.refusal is None and permission.why:
        return ev.ActionFailed()
    conversation.denials += 1
    return ev.ActionDenied(again=conversation.denials > 1)


def _without_more(reply: Reply, more: str) -> Reply:
    """A reply without its last question whether there is anything else: there is."""
    kept = tuple(sentence for sentence in reply.sentences if sentence.text != more)
    return replace(reply, sentences=kept)


def _case(flow: Flow, before: flows.FlowState, event: ev.ActionSucceeded) -> str:
    do = flow.plan[before.at].does
    return str(event.result[do.told_by]) if isinstance(do, Do) and do.told_by else ""


def _tried(event: ev.Event) -> Tried | None:
    match event:
        case ev.ActionSucceeded():
            return Tried.ACTION_DONE
        case ev.ActionNotFound():
            return Tried.ACTION_NOT_FOUND
        case ev.ActionRejected():
            return Tried.ACTION_REJECTED
        case ev.ActionDenied():
            return Tried.ACTION_DENIED
        case ev.ActionFailed():
            return Tried.ACTION_FAILED
        case ev.ActionUnknown():
            return Tried.ACTION_UNKNOWN
        case ev.NotUnderstood():
            return Tried.NOT_UNDERSTOOD
        case _:
            return None
