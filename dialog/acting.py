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
    Action,
    Confirmation,
    Failed,
    FailureKind,
    Outcome,
    Proposal,
    Succeeded,
    Unknown,
    propose,
)
from dialog.actions.rules import Identity
from dialog.actions.runner import ActionRunner
from dialog.answers.verifier import check_result
from dialog.clock import Clock
from dialog.conversation import AnythingElse, Conversation, Running, Unsettled
from dialog.escalation import Attempt, Tried
from dialog.explaining import note_refusal
from dialog.flows import event as ev
from dialog.flows import flow as flows
from dialog.flows.plan import CALLER, Do, Flow
from dialog.flows.speech import FlowSpeech, joined, values
from dialog.memory.remembering import Remembering
from dialog.phrasing import CERTAIN
from dialog.policy import Permission, Standing
from dialog.releases.release import Release
from dialog.reply import Confidence, Decision, Expectation, Reply, Sentence
from dialog.settings import DialogSettings
from dialog.turn import MASK, Speaker

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
    remembering: Remembering

    def begin(self, conversation: Conversation, flow_id: str, confidence: float = 1.0) -> None:
        """Put a flow under way; the one that was under way waits for its end. ``confidence`` (0..1) is how sure it is
        that it is wanted."""
        flow = self.release.flows[flow_id]
        if conversation.flow is not None:
            kept = [state for state in (*conversation.paused, conversation.flow) if state.flow != flow_id]
            conversation.paused = tuple(kept)[-DEEPEST:]
        conversation.flow = flows.begin(flow, confidence)
        if flow.identifies is None:  # else what is wanted stays what it is
            self._want(conversation, flow)

    def _want(self, conversation: Conversation, flow: Flow) -> None:
        conversation.dossier.wish = self.release.texts(conversation.language).render(f"{flow.id}.wish")
        conversation.dossier.about = flow.id

    async def advance(
        self, conversation: Conversation, event: ev.Event, confidence: Confidence, words: str = ""
    ) -> AsyncGenerator[Said, None]:
        """Let ``event`` move the flow under way, and carry out what follows. ``words`` (or keys) are what the caller
        said for it."""
        state = conversation.flow
        assert state is not None, "only called while a flow is under way"
        state = replace(state, caller=_caller(conversation))
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
                    identifying = self._identifying(conversation, effect)
                    if identifying is None:
                        carried = self._carry_out(conversation, flow, effect, confidence, words)
                    else:
                        carried = self._identify(conversation, identifying, after, confidence)
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
            async with aclosing(self._resumed(conversation, flow, spoken, confidence)) as replies:
                async for reply in replies:
                    yield reply

    def _identifying(self, conversation: Conversation, effect: ev.Act | ev.Propose) -> Flow | None:
        """The flow that shows who calls, where an action needs to know that better than we do, and one can show it."""
        needed = self.release.actions[effect.action].rules.identity
        if needed <= conversation.acquaintance.identity or (isinstance(effect, ev.Act) and effect.confirmed):
            return None
        under_way = {state.flow for state in (*conversation.paused, conversation.flow) if state is not None}
        able = [
            flow
            for flow in self.release.flows.values()
            if flow.identifies is not None and flow.identifies.level >= needed and flow.id not in under_way
        ]
        return min(able, key=lambda flow: flow.identifies.level if flow.identifies else needed, default=None)

    def _identify(
        self, conversation: Conversation, identifying: Flow, waiting: flows.FlowState, confidence: Confidence
    ) -> AsyncGenerator[Said, None]:
        """Put off what needs to know who calls, and begin with what of its values serves to show that."""
        conversation.flow = flows.put_off(waiting)
        self.begin(conversation, identifying.id)
        named = {slot.name for slot in identifying.slots}
        given = tuple(
            ev.ValueHeard(name, value, 1.0, keyed=True) for name, value in waiting.values.items() if name in named
        )
        return self.advance(conversation, ev.Started(given), confidence)

    async def finish(self, conversation: Conversation) -> AsyncGenerator[Said, None]:
        """Wait for an action that is still on its way, and tell its outcome; and tell what was found out of one that
        nobody knew about. Nothing when there is none."""
        for unsettled in conversation.unsettled:
            outcome = await self.runner.learned(unsettled.proposal, conversation.scribe.journal)
            if outcome is not None:
                yield self._settled(conversation, unsettled, outcome)
        running = conversation.running
        if running is None:
            return
        await asyncio.wait({running.task})
        async with aclosing(self._conclude(conversation, running)) as replies:
            async for reply in replies:
                yield reply

    def _settled(self, conversation: Conversation, unsettled: Unsettled, outcome: Outcome) -> Reply:
        """That it is known now what became of a change."""
        conversation.unsettled = tuple(other for other in conversation.unsettled if other is not unsettled)
        done = isinstance(outcome, Succeeded)
        conversation.dossier.tried(Attempt(Tried.ACTION_DONE if done else Tried.ACTION_FAILED, unsettled.wish))
        texts = self.release.texts(conversation.language)
        key = "settled.done" if done else "settled.not_done"
        sentence = Sentence(texts.render(key, wish=unsettled.wish), action=unsettled.proposal.action.id)
        return Reply(Decision.ACT, texts.language, (sentence,), CERTAIN, expects=Expectation.LISTENING)

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

    async def _resumed(
        self, conversation: Conversation, ended: Flow, spoken: Reply, confidence: Confidence
    ) -> AsyncGenerator[Said, None]:
        """``spoken``, and where a flow has ended, what comes next in the one that waited for it."""
        if conversation.flow is None and ended.identifies is not None:
            self._drop_unidentified(conversation, ended.identifies.level)
        if conversation.flow is not None or not conversation.paused:
            yield spoken
            return
        conversation.flow, conversation.paused = conversation.paused[-1], conversation.paused[:-1]
        flow = self.release.flows[conversation.flow.flow]
        texts = self.release.texts(conversation.language)
        if flow.identifies is None:
            self._want(conversation, flow)
        conversation.question = None
        before: Reply | None = _without_more(spoken, texts.render("more"))
        if ended.identifies is None:
            back = FlowSpeech(texts, flow, conversation.flow).back(confidence)
            before = joined(before, back)
        async with aclosing(self.advance(conversation, ev.Resumed(), confidence)) as replies:
            async for said in replies:
                match said:
                    case Reply():
                        yield joined(before, said)
                    case ev.GiveUp():
                        if before is not None:
                            yield replace(before, expects=Expectation.LISTENING)
                        yield said
                before = None

    def _drop_unidentified(self, conversation: Conversation, level: Identity) -> None:
        """Who does not show who they are gets nothing of what needed it."""
        waiting = list(conversation.paused)
        shown = conversation.acquaintance.identity >= level
        while waiting and not shown:
            dropped = self.release.flows[waiting.pop().flow]
            shown = dropped.identifies is None
        conversation.paused = tuple(waiting)

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
        for name in (name for name in after.values if spoken.get(name)):
            conversation.dossier.known[texts.render(f"{flow.id}.{name}.name")] = str(spoken[name])
        if (after.failures, after.misses) > (before.failures, before.misses):
            conversation.got_nowhere()
        elif after != before and not isinstance(event, ev.Resumed):
            conversation.progressed()
        tried = _tried(event)
        if tried is not None:
            outcome = _case(flow, before, event) if isinstance(event, ev.ActionSucceeded) else ""
            conversation.dossier.tried(Attempt(tried, texts.render(f"{flow.id}.wish"), outcome, flow.id))
        if after.step is flows.Step.ENDED and conversation.errand is not None:
            conversation.errand.flow_ended(flow.id)
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
                "values": {name: MASK if flow.slot(name).secret else held for name, held in after.values.items()},
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
            event = _refused(conversation, proposal.action, permission)
            async with aclosing(self.advance(conversation, event, confidence)) as replies:
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
            standing=_standing(conversation),
            release=conversation.release,
            now=self._instant(),
            digests=self.runner.digests,
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
        run = self.runner.run(proposal, conversation.scribe.journal, confirmation, standing=_standing(conversation))
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
        if isinstance(outcome, Unknown):
            conversation.unsettled += (Unsettled(running.proposal, conversation.dossier.wish),)
        if conversation.flow is None:
            return  # it was dropped while it was on its way; its record stands all the same
        event = self._told(conversation, self._event(conversation, running.proposal, outcome))
        await self.remembering.after(conversation, running.proposal.action, outcome)
        async with aclosing(self.advance(conversation, event, running.confidence)) as replies:
            async for reply in replies:
                timed = {**reply.timings, "act": seconds} if isinstance(reply, Reply) else {}
                yield replace(reply, timings=timed) if isinstance(reply, Reply) else reply

    def _told(self, conversation: Conversation, event: ev.Event) -> ev.Event:
        """``event``, with what it says about who calls taken note of. Too many wrong answers are a denial."""
        state = conversation.flow
        assert state is not None, "an action belongs to the flow that is acting"
        flow = self.release.flows[state.flow]
        identifies, do = flow.identifies, flow.does(state.at)
        if identifies is None or identifies.by != do.action:
            return event
        known = conversation.acquaintance
        match event:
            case ev.ActionSucceeded(result):
                action, _, name = identifies.customer.partition(".")
                source = state.caller if action == CALLER else result if action == do.action else {}
                customer = source.get(name, "") or state.results.get(action, {}).get(name, "")
                known.shown(identifies.level, str(customer))
            case ev.ActionNotFound():
                known.answered_wrongly()
                if known.wrong_answers >= identifies.tries:
                    event = ev.ActionDenied(again=True)
            case _:
                return event
        conversation.scribe.note(
            "caller.identified" if isinstance(event, ev.ActionSucceeded) else "caller.not_identified",
            {
                "turn": conversation.turn,
                "flow": flow.id,
                "identity": known.identity.name.lower(),
                "customer": known.customer,
                "wrong_answers": known.wrong_answers,
            },
        )
        return event

    def _event(self, conversation: Conversation, proposal: Proposal, outcome: Outcome) -> ev.Event:
        """What an outcome means to the flow. A result that cannot be told truthfully counts as failed."""
        match outcome:
            case Succeeded():
                return self._succeeded(conversation, proposal, outcome)
            case Failed(kind=FailureKind.NOT_FOUND):
                return ev.ActionNotFound()
            case Failed(kind=FailureKind.REJECTED):
                return ev.ActionRejected()
            case Failed(kind=FailureKind.NOT_PERMITTED, refusal=refusal):
                return _refused(conversation, proposal.action, Permission(False, refusal=refusal))
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
            case ev.AskWish():
                return speech.wish(confidence)
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


def _standing(conversation: Conversation) -> Standing:
    return conversation.acquaintance.standing(handed_over=conversation.handed is Speaker.AGENT)


def _caller(conversation: Conversation) -> dict[str, str]:
    """What flows may know of who calls."""
    known = conversation.acquaintance
    named = {} if known.customer is None else {"customer": known.customer}
    return {
        **named,
        "identity": known.identity.name.lower(),
        "language": conversation.language,
        "contact": conversation.call_id,
        **conversation.recollection.as_caller(),
    }


def _confirms(effects: tuple[ev.Effect, ...]) -> bool:
    return any(isinstance(effect, ev.Act) and effect.confirmed for effect in effects)


def _refused(conversation: Conversation, action: Action, permission: Permission) -> ev.Event:
    """What a refusal means: our rules said no (the second time ends it), or it could not even be proposed."""
    if permission.refusal is None and permission.why:
        return ev.ActionFailed()
    note_refusal(conversation, action.id, permission.refusal)
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
