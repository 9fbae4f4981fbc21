"""What a flow says: its approved texts, filled with the values that stand. Pure.

A proposal is read back from the very arguments that would be carried out; nothing here words anything by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from dialog.flows import event as ev
from dialog.flows.flow import FlowState
from dialog.flows.plan import Do, Flow
from dialog.flows.slot import DICTATED, Slot, SlotKind, longest
from dialog.flows.values import option_names
from dialog.phrasing import say, told
from dialog.reply import Confidence, Decision, Entry, Expectation, Reply
from dialog.templates import Templates, places, spoken

_KEYS = {SlotKind.COUNT: None, SlotKind.MONEY: None, SlotKind.DATE: 4, SlotKind.TIME: 4, SlotKind.DATE_TIME: 8}
"""How many keys give a value of a kind that is not made of digits."""


@dataclass(frozen=True, slots=True)
class FlowSpeech:
    """The words of one flow where it stands."""

    texts: Templates
    flow: Flow
    state: FlowState

    @property
    def known(self) -> dict[str, object]:
        """All values that texts may name."""
        return values(self.flow, self.state, self.texts.language)

    def asking(
        self,
        effect: ev.Ask | ev.AskRest | ev.ReadBack | ev.TellNotFound | ev.TellInvalid,
        confidence: Confidence,
    ) -> Reply:
        """A question for a value, or whether it is right."""
        slot = self.flow.slot(effect.slot)
        match effect:
            case ev.Ask(again=again):
                return self._question(effect.slot, "ask_again" if again else "ask", confidence)
            case ev.AskRest(so_far=so_far):
                part = slot.kind is SlotKind.DATE_TIME
                key = ("rest_time" if not so_far.startswith("T") else "rest_day") if part else "rest"
                return self._question(effect.slot, key, confidence, value=so_far, so_far=0 if part else len(so_far))
            case ev.ReadBack(value=value):
                reply = self._question(effect.slot, "read_back", confidence, value=value)
                return replace(reply, expects=Expectation.YES_NO, entry=None)
            case ev.TellNotFound(value=value):
                return self._question(effect.slot, "not_found", confidence, value=value)
            case ev.TellInvalid(value=value):
                return self._question(effect.slot, "invalid", confidence, value=value)
            case _:
                assert_never(effect)

    def wish(self, confidence: Confidence) -> Reply:
        """Whether this is what the caller wants."""
        wish = self.texts.render(f"{self.flow.id}.wish")
        reply = say(self.texts, "flow.meant", values={"wish": wish}, decision=Decision.CLARIFY, confidence=confidence)
        return replace(reply, expects=Expectation.YES_NO)

    def proposal(self, do: Do, arguments: Mapping[str, object], confidence: Confidence) -> Reply:
        """What would be done, read back from its very arguments, with the question whether it shall be."""
        known = self.known
        exact = {
            name: known[source] if source in self.state.values else arguments[name]
            for name, source in do.arguments.items()
            if name in arguments
        }
        key = f"{self.flow.id}.{do.action}.confirm"
        reply = say(self.texts, key, values={**known, **exact}, decision=Decision.ACT, confidence=confidence)
        return replace(reply, expects=Expectation.YES_NO)

    def tell(self, text: str, confidence: Confidence) -> Reply:
        """What came of it, with the action whose result it tells."""
        action = next(reversed(tuple(self.state.results)), self.flow.id)
        reply = told(self.texts, f"{self.flow.id}.{text}", action, confidence, self.known)
        return replace(reply, sentences=reply.sentences[:1])

    def more(self, confidence: Confidence) -> Reply:
        """Whether there is anything else."""
        return say(self.texts, "more", decision=Decision.ACT, confidence=confidence)

    def cancelled(self, confidence: Confidence) -> Reply:
        """That it was dropped."""
        return say(self.texts, f"{self.flow.id}.cancelled", confidence=confidence)

    def back(self, confidence: Confidence) -> Reply:
        """That we go on with this flow now."""
        wish = self.texts.render(f"{self.flow.id}.wish")
        return say(self.texts, "flow.resume", values={"wish": wish}, confidence=confidence)

    def wait(self) -> Reply:
        """That it takes a moment."""
        return say(self.texts, f"{self.flow.id}.wait", expects=Expectation.LISTENING)

    def spoken_in(self, key: str) -> tuple[str, ...]:
        """The values that the text under ``key`` names, as it says them."""
        known, code = self.known, self.texts.language
        named = [place for variant in self.texts.texts[key] for place in places(variant) if place[0] in known]
        return tuple(spoken(known[name], form, code) for name, form in named if known[name] not in (None, ""))

    def _question(self, name: str, moment: str, confidence: Confidence, *, value: str = "", so_far: int = 0) -> Reply:
        slot = self.flow.slot(name)
        said = value and not slot.secret
        known = {**self.known, name: _as_said(self.flow, name, value, self.texts.language)} if said else self.known
        reply = say(self.texts, f"{self.flow.id}.{name}.{moment}", values=known, decision=Decision.ACT)
        entry = None
        if slot.kind in DICTATED:
            length = None if slot.kind is SlotKind.PHONE else longest(slot) - so_far
            entry = Entry(length, secret=_secret(self.flow, slot), open_length=_open_length(self.flow, slot))
        elif slot.kind in _KEYS:
            entry = Entry(_KEYS[slot.kind], secret=_secret(self.flow, slot))
        expects = Expectation.DICTATING if slot.kind in DICTATED else Expectation.SPEAKING
        if slot.kind is SlotKind.YES_NO:
            expects = Expectation.YES_NO
        return replace(reply, expects=expects, entry=entry, confidence=confidence)


def values(flow: Flow, state: FlowState, code: str) -> dict[str, object]:
    """The values that texts may name: slots by name, results by field (the latest wins) and as ``action.field``."""
    found: dict[str, object] = {}
    for action, result in state.results.items():
        for name, value in result.items():
            found[name] = value
            found[f"{action}.{name}"] = value
    open_to_all = {name: value for name, value in state.values.items() if not flow.slot(name).secret}
    return {**found, **{name: _as_said(flow, name, value, code) for name, value in open_to_all.items()}}


def _secret(flow: Flow, slot: Slot) -> bool:
    """Whether an answer is masked: who answers one question about themselves may answer the next one along with it."""
    return slot.secret or (flow.identifies is not None and any(other.secret for other in flow.slots))


def _open_length(flow: Flow, slot: Slot) -> int | None:
    """How many digits tell a value, which is no secret, from the secrets of its flow; None where they do not."""
    lengths = {other.length for other in flow.slots if other.secret}
    return slot.length if slot.length and not slot.secret and slot.length not in lengths else None


def _as_said(flow: Flow, name: str, value: str, code: str) -> object:
    """A value as texts take it: an option by its name, everything else as it stands."""
    slot = flow.slot(name)
    if slot.kind is not SlotKind.CHOICE:
        return value
    names = dict(zip((option.id for option in slot.options), option_names(slot, code), strict=True))
    return names.get(value, value)


def joined(first: Reply | None, then: Reply) -> Reply:
    """Two replies as one: what is said is said in order, what is expected is what the second expects."""
    if first is None:
        return then
    decision = Decision.ACT if Decision.ACT in {first.decision, then.decision} else then.decision
    return replace(then, sentences=(*first.sentences, *then.sentences), decision=decision)
