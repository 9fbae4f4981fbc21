"""Carries out what a flow decides: asks, reads back, acts, tells.

The reducer's next state is committed before anything of it is spoken, and an action that was started is carried to
its end and recorded even if nobody listens any more; its outcome is then told on the next turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import assert_never

from dialog import flow as flows
from dialog.action import (
    Failed,
    FailureKind,
    Outcome,
    Succeeded,
    Unknown,
    propose,
)
from dialog.action_runner import ActionRunner
from dialog.clock import Clock
from dialog.conversation import SECRET, AnythingElse, Conversation, Running
from dialog.escalation import Attempt, Tried
from dialog.phrasing import say, told
from dialog.policy import Standing, may_act
from dialog.release import Release
from dialog.reply import Confidence, Decision, Entry, Expectation, Reply
from dialog.settings import DialogSettings
from dialog.turn import Speaker
from dialog.verifier import check_result

Said = Reply | flows.GiveUp
"""What comes out of a flow's move: something to say, or that a human must go on."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Moves flows for all conversations of one release. Keeps no state of its own."""

    release: Release
    runner: ActionRunner
    settings: DialogSettings
    clock: Clock

    def begin(self, conversation: Conversation, flow_id: str) -> None:
        """Put a flow under way; whatever was under way before is dropped."""
        flow = self.release.flows[flow_id]
        texts = self.release.texts(conversation.language)
        conversation.flow = flows.begin(flow)
        conversation.dossier.wish = texts.render(f"{flow.id}.wish")
        conversation.dossier.about = flow.id

    async def advance(
        self, conversation: Conversation, event: flows.Event, confidence: Confidence, outcome: Outcome | None = None
    ) -> AsyncGenerator[Said, None]:
        """Let ``event`` move the flow under way, and carry out what follows. ``outcome`` is the action's, if it
        moved it."""
        state = conversation.flow
        assert state is not None, "only called while a flow is under way"
        flow = self.release.flows[state.flow]
        after, effects = flows.step(flow, state, event)
        conversation.flow = None if after.step is flows.Step.ENDED else after
        self._commit(conversation, flow, state, after, event)
        for effect in effects:
            match effect:
                case flows.Act():
                    async with aclosing(self._act(conversation, flow, effect, confidence)) as replies:
                        async for reply in replies:
                            yield reply
                case flows.GiveUp():
                    yield effect
                case flows.Tell():
                    yield self._tell(conversation, flow, effect, after, confidence, outcome)
                case _:
                    yield self._ask(conversation, flow, effect, confidence)

    async def finish(self, conversation: Conversation) -> AsyncGenerator[Said, None]:
        """Wait for an action that is still on its way, and tell its outcome. Nothing when there is none."""
        running = conversation.running
        if running is None:
            return
        await asyncio.wait({running.task})
        async with aclosing(self._conclude(conversation, running)) as replies:
            async for reply in replies:
                yield reply

    def repeat(self, conversation: Conversation, confidence: Confidence) -> Reply:
        """What the flow under way waits for, asked once more."""
        state = conversation.flow
        assert state is not None, "only called while a flow is under way"
        flow = self.release.flows[state.flow]
        if state.step is flows.Step.CONFIRMING:
            return self._ask(conversation, flow, flows.ReadBack(state.slot, state.heard), confidence)
        if state.heard:
            return self._ask(conversation, flow, flows.AskRest(state.slot, state.heard), confidence)
        return self._ask(conversation, flow, flows.Ask(state.slot), confidence)

    def _commit(
        self,
        conversation: Conversation,
        flow: flows.Flow,
        before: flows.FlowState,
        after: flows.FlowState,
        event: flows.Event,
    ) -> None:
        """What follows from a move for the conversation as a whole; written down as it is."""
        texts = self.release.texts(conversation.language)
        for name, value in after.values.items():
            known = SECRET if flow.slot(name).secret else value
            conversation.dossier.known[texts.render(f"{flow.id}.{name}.name")] = known
        if after.failures > before.failures:
            conversation.got_nowhere()
        elif after != before:
            conversation.progressed()
        tried = _tried(event)
        if tried is not None:
            outcome = event.case if isinstance(event, flows.ActionSucceeded) else ""
            conversation.dossier.tried(Attempt(tried, texts.render(f"{flow.id}.wish"), outcome))
        conversation.question = AnythingElse() if isinstance(event, flows.ActionSucceeded) else None
        conversation.scribe.note(
            "flow.moved",
            {
                "turn": conversation.turn,
                "flow": flow.id,
                "event": type(event).__name__,
                "from": before.step.value,
                "to": after.step.value,
                "values": dict(after.values),
                "failures": after.failures,
            },
        )

    async def _act(
        self, conversation: Conversation, flow: flows.Flow, effect: flows.Act, confidence: Confidence
    ) -> AsyncGenerator[Said, None]:
        action = self.release.actions[effect.action]
        standing = Standing(handed_over=conversation.handed is Speaker.AGENT)
        permission = may_act(action, standing)
        if not permission.granted:
            refused = Failed(FailureKind.NOT_PERMITTED, permission.why, attempts=0)
            async with aclosing(self._told_outcome(conversation, refused, confidence)) as replies:
                async for reply in replies:
                    yield reply
            return
        proposal = propose(action, effect.arguments, call_id=conversation.call_id, turn=conversation.turn)
        task = asyncio.create_task(self.runner.run(proposal, conversation.scribe.journal))
        running = Running(proposal, task, confidence, self.clock.monotonic())
        conversation.running = running
        done, _ = await asyncio.wait({task}, timeout=self.settings.filler_after)
        if not done:
            texts = self.release.texts(conversation.language)
            yield say(texts, f"{flow.id}.wait", expects=Expectation.LISTENING)
            await asyncio.wait({task})
        if conversation.running is running:
            async with aclosing(self._conclude(conversation, running)) as replies:
                async for reply in replies:
                    yield reply

    async def _conclude(self, conversation: Conversation, running: Running) -> AsyncGenerator[Said, None]:
        conversation.running = None
        outcome = running.task.result()
        seconds = self.clock.monotonic() - running.began
        async with aclosing(self._told_outcome(conversation, outcome, running.confidence)) as replies:
            async for reply in replies:
                timed = {**reply.timings, "act": seconds} if isinstance(reply, Reply) else {}
                yield replace(reply, timings=timed) if isinstance(reply, Reply) else reply

    async def _told_outcome(
        self, conversation: Conversation, outcome: Outcome, confidence: Confidence
    ) -> AsyncGenerator[Said, None]:
        state = conversation.flow
        assert state is not None, "an action belongs to the flow that is acting"
        event = self._event(self.release.flows[state.flow], state, outcome, conversation.language)
        async with aclosing(self.advance(conversation, event, confidence, outcome)) as replies:
            async for reply in replies:
                yield reply

    def _event(self, flow: flows.Flow, state: flows.FlowState, outcome: Outcome, code: str) -> flows.Event:
        """What an outcome means to the flow. A result that cannot be told truthfully counts as failed."""
        match outcome:
            case Succeeded():
                case = str(outcome.result[flow.told_by])
                texts = self.release.texts(code)
                text = texts.render(f"{flow.id}.told.{case}", **_values(state.values, outcome.result))
                approved = " ".join(texts.texts[f"{flow.id}.told.{case}"])
                flaws = check_result(text, outcome.result, texts.language, also=(*state.values.values(), approved))
                return flows.ActionFailed() if flaws else flows.ActionSucceeded(case)
            case Failed(kind=FailureKind.NOT_FOUND):
                return flows.ActionNotFound()
            case Failed():
                return flows.ActionFailed()
            case Unknown():
                return flows.ActionUnknown()
            case _:
                assert_never(outcome)

    def _tell(
        self,
        conversation: Conversation,
        flow: flows.Flow,
        effect: flows.Tell,
        state: flows.FlowState,
        confidence: Confidence,
        outcome: Outcome | None,
    ) -> Reply:
        assert isinstance(outcome, Succeeded), "a result is told only of an action that succeeded"
        texts = self.release.texts(conversation.language)
        values = _values(state.values, outcome.result)
        return told(texts, f"{flow.id}.told.{effect.case}", flow.action, confidence, values)

    def _ask(
        self,
        conversation: Conversation,
        flow: flows.Flow,
        effect: flows.Ask | flows.AskRest | flows.ReadBack | flows.TellNotFound | flows.TellCancelled,
        confidence: Confidence,
    ) -> Reply:
        texts = self.release.texts(conversation.language)
        match effect:
            case flows.Ask():
                moment = "ask_again" if effect.again else "ask"
                asking = _asking(say(texts, f"{flow.id}.{effect.slot}.{moment}"), flow.slot(effect.slot))
                return _act_reply(asking, Expectation.DICTATING, confidence)
            case flows.AskRest():
                rest = say(texts, f"{flow.id}.{effect.slot}.rest", values={effect.slot: effect.so_far})
                rest = _asking(rest, flow.slot(effect.slot), so_far=len(effect.so_far))
                return _act_reply(rest, Expectation.DICTATING, confidence)
            case flows.ReadBack():
                back = say(texts, f"{flow.id}.{effect.slot}.read_back", values={effect.slot: effect.value})
                return _act_reply(back, Expectation.YES_NO, confidence)
            case flows.TellNotFound():
                missing = say(texts, f"{flow.id}.{effect.slot}.not_found", values={effect.slot: effect.value})
                return _act_reply(_asking(missing, flow.slot(effect.slot)), Expectation.DICTATING, confidence)
            case flows.TellCancelled():
                conversation.question = AnythingElse()
                return replace(say(texts, f"{flow.id}.cancelled"), confidence=confidence)
            case _:
                assert_never(effect)


def _asking(reply: Reply, slot: flows.Slot, *, so_far: int = 0) -> Reply:
    """A reply that asks for a slot's digits, of which ``so_far`` are known."""
    return replace(reply, entry=Entry(length=slot.length - so_far, secret=slot.secret))


def _act_reply(reply: Reply, expects: Expectation, confidence: Confidence) -> Reply:
    return replace(reply, decision=Decision.ACT, expects=expects, confidence=confidence)


def _values(slots: Mapping[str, str], result: Mapping[str, object]) -> dict[str, object]:
    return {**slots, **result}


def _tried(event: flows.Event) -> Tried | None:
    match event:
        case flows.ActionSucceeded():
            return Tried.ACTION_DONE
        case flows.ActionNotFound():
            return Tried.ACTION_NOT_FOUND
        case flows.ActionFailed():
            return Tried.ACTION_FAILED
        case flows.ActionUnknown():
            return Tried.ACTION_UNKNOWN
        case flows.NotUnderstood():
            return Tried.NOT_UNDERSTOOD
        case _:
            return None
