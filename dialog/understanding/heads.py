"""The embedded understander: parsers for what must be exact, a small trained head for what the caller wants.

It needs no download and no model server. It reads every turn in both ways and leaves it to the arbiter what stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dialog.command import (
    Affirm,
    AskKnowledge,
    Cancel,
    Choose,
    Command,
    Deny,
    Evidence,
    Goodbye,
    HandOver,
    NoInput,
    NotKnown,
    Repeat,
    SetSlot,
    SmallTalk,
    Source,
    StartFlow,
)
from dialog.errors import LanguageNotSpoken
from dialog.flows.plan import Flow
from dialog.flows.slot import DICTATED, is_whole
from dialog.flows.slot_reading import span, values_along, values_for_flow
from dialog.flows.values import keyed
from dialog.parsers.choice import read_choice
from dialog.parsers.tables import Wish
from dialog.parsers.text import tokens
from dialog.parsers.wishes import Spotted, spot
from dialog.parsers.yes_no import read_agreement
from dialog.reply import Manner
from dialog.turn import CallerTurn
from dialog.understanding.classifier import Classifier, Judgement
from dialog.understanding.features import Encoder, Seen
from dialog.understanding.intent import Does, Intent
from dialog.understanding.understander import Listening, Understanding
from infra.telemetry.metrics import metrics
from knowledge.errors import KnowledgeError

log = logging.getLogger(__name__)

_TAUGHT_WITHIN = 120.0
"""Seconds that a head may take to be taught; until then, and if it takes longer, it goes by wording."""
_ENCODED_WITHIN = 0.25
"""Seconds that a judgement waits for the encoder: the caller waits as well."""
_SPOTTED = 0.97
"""How sure a set phrase is."""
_SUBSTANCE = frozenset({Does.ASK_KNOWLEDGE, Does.START_FLOW})
"""Intents that are about something, as opposed to how the conversation goes."""
_LEADING = 0.4
"""From this probability on, values go to the flow that the head believes in."""
_YES_KEY, _NO_KEY = "1", "2"
_UNTAUGHT = metrics.counter(
    "aicc_heads_untaught", "Times that a head could not be taught what is seen of texts", ("language",)
)


@dataclass(frozen=True, slots=True)
class Head:
    """The intents of one language and the classifier trained on their examples."""

    intents: Mapping[str, Intent]
    classifier: Classifier
    seeing: Classifier | None = None
    """One that goes by what an encoder sees of texts as well."""

    @classmethod
    def train(cls, intents: Sequence[Intent]) -> Head:
        """Train a head. At least two intents must not be off topic."""
        wanted = {intent.id: intent for intent in intents if intent.does is not Does.OFF_TOPIC}
        return cls(wanted, _classifier(intents, {text: Seen(text) for text in _examples(intents)}))

    async def taught(self, intents: Sequence[Intent], encoder: Encoder, language: str) -> Head:
        """The same head, which sees with ``encoder`` too; as it is while that cannot encode the language, and if it
        sees already: what is seen of a text stays the same."""
        if self.seeing is not None:
            return self
        texts = _examples(intents)
        try:
            async with asyncio.timeout(_TAUGHT_WITHIN):
                encoded = await encoder.encode(texts, language)
                seen = {text: Seen(text, found.terms, found.vector) for text, found in zip(texts, encoded, strict=True)}
                return replace(self, seeing=await asyncio.to_thread(_classifier, intents, seen))
        except (KnowledgeError, TimeoutError) as error:
            _UNTAUGHT.labels(language).inc()
            log.info("heads in %r go by wording alone: %r", language, error)
            return self

    async def judge(self, text: str, encoder: Encoder | None, language: str) -> Judgement:
        """What is wanted, by wording alone where there is no encoder, or none that answers in time."""
        if self.seeing is None or encoder is None:
            return self.classifier.judge(Seen(text))
        try:
            async with asyncio.timeout(_ENCODED_WITHIN):
                (found,) = await encoder.encode([text], language)
        except (KnowledgeError, TimeoutError):
            return self.classifier.judge(Seen(text))
        return self.seeing.judge(Seen(text, found.terms, found.vector))


class EmbeddedUnderstander:
    """Parsers and heads for all languages of a tenant. ``hand_over_key`` is the key that asks for a human, if any;
    ``encoder`` is what heads see with, beside their own reading."""

    def __init__(
        self,
        heads: Mapping[str, Head],
        flows: Sequence[Flow],
        hand_over_key: str | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self._heads = dict(heads)
        self._flows = tuple(flows)
        self._hand_over_key = hand_over_key
        self._encoder = encoder

    async def taught(self, intents: Mapping[str, Mapping[str, Intent]], encoder: Encoder) -> EmbeddedUnderstander:
        """The same understander with heads that see with ``encoder`` too (see ``Head.taught``)."""
        heads = {
            code: await head.taught(tuple(intents[code].values()), encoder, code) for code, head in self._heads.items()
        }
        return EmbeddedUnderstander(heads, self._flows, self._hand_over_key, encoder)

    async def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        """All commands that the turn may mean. Raises ``LanguageNotSpoken``."""
        if turn.language not in self._heads:
            known = ", ".join(sorted(self._heads))
            raise LanguageNotSpoken(f"this tenant has no intents for {turn.language!r}; it has {known}")
        if turn.silent:
            return Understanding((NoInput(confidence=1.0, evidence=_nothing(), source=Source.SESSION),))
        keyed = self._keys(turn.digits, listening) if turn.digits else ()
        if not tokens(turn.text):
            return Understanding(keyed)
        head = self._heads[turn.language]
        judgement = await head.judge(self._wish(turn, listening), self._encoder, turn.language)
        said = (
            *_wishes(turn),
            *_agreement(turn, listening),
            *self._values(turn, listening, head, judgement),
            *_choice(turn, listening),
            *_wanted(turn, head, judgement),
        )
        return Understanding((*keyed, *said), judgement)

    def _keys(self, digits: str, listening: Listening) -> tuple[Command, ...]:
        """What pressed keys mean: a value, a choice, a yes or no, or the wish for a human. ``*`` starts anew."""
        pressed = digits.rsplit("*", 1)[-1].replace("#", "")
        if not pressed:
            return ()
        evidence = Evidence(pressed, 0, len(pressed))
        if listening.choices and len(pressed) == 1 and 1 <= int(pressed) <= len(listening.choices):
            return (Choose(index=int(pressed) - 1, confidence=1.0, evidence=evidence, source=Source.KEYS),)
        if listening.yes_no and pressed in {_YES_KEY, _NO_KEY}:
            answer = Affirm if pressed == _YES_KEY else Deny
            return (answer(confidence=1.0, evidence=evidence, source=Source.KEYS),)
        if listening.slot is not None:
            value = keyed(listening.slot, pressed, listening.today)
            name = listening.slot.name
            if value is not None:
                return (SetSlot(slot=name, value=value, confidence=1.0, evidence=evidence, source=Source.KEYS),)
        if pressed == self._hand_over_key:
            return (HandOver(confidence=1.0, evidence=evidence, source=Source.KEYS),)
        for flow in self._flows:
            slot = flow.slots[0] if flow.starts_by_value else None
            if slot is not None and slot.kind in DICTATED and is_whole(slot, pressed):
                given = SetSlot(slot=slot.name, value=pressed, confidence=1.0, evidence=evidence, source=Source.KEYS)
                return self._unasked(flow, given)
        return ()

    def _values(self, turn: CallerTurn, listening: Listening, head: Head, judgement: Judgement) -> tuple[Command, ...]:
        """The values that the turn gives: to the flow under way, to the one that it wants, or by themselves."""
        if listening.flow is not None:
            return values_for_flow(turn, listening)
        intent = head.intents[judgement.intent]
        wanted = next((flow for flow in self._flows if flow.id == intent.flow), None)
        given = () if wanted is None else values_along(turn, wanted.slots, listening)
        if given and wanted is not None and judgement.probability >= _LEADING:
            told = next((value for value in given if wanted.slot(value.slot).kind in DICTATED), None)
            return given if told is None else (*self._unasked(wanted, told), *(v for v in given if v is not told))
        for flow in self._flows:
            for alone in values_along(turn, flow.slots[:1] if flow.starts_by_value else (), listening):
                return self._unasked(flow, alone)
        return ()

    def _wish(self, turn: CallerTurn, listening: Listening) -> str:
        """The turn without a number that it dictates: the digits' words say nothing of what is wanted."""
        first = {(slot.kind, slot.length): slot for flow in self._flows for slot in flow.slots[:1]}
        dictated = [slot for slot in first.values() if slot.kind in DICTATED]
        for given in values_along(turn, dictated, listening) if listening.flow is None else ():
            rest = f"{turn.text[: given.evidence.start]} {turn.text[given.evidence.end :]}"
            if tokens(rest):
                return rest
        return turn.text

    def _unasked(self, flow: Flow, given: SetSlot) -> tuple[Command, ...]:
        """A number that nobody asked for starts the flow that is meant, or that may be begun so."""
        start = StartFlow(flow=flow.id, confidence=given.confidence, evidence=given.evidence, source=given.source)
        return start, given


def _examples(intents: Sequence[Intent]) -> list[str]:
    return [text for intent in intents for text in intent.examples]


def _classifier(intents: Sequence[Intent], seen: Mapping[str, Seen]) -> Classifier:
    wanted = {
        intent.id: [seen[text] for text in intent.examples] for intent in intents if intent.does is not Does.OFF_TOPIC
    }
    off_topic = [seen[text] for intent in intents if intent.does is Does.OFF_TOPIC for text in intent.examples]
    return Classifier.train(wanted, off_topic)


def _nothing() -> Evidence:
    return Evidence("", 0, 0)


def _whole(turn: CallerTurn) -> Evidence:
    return Evidence(turn.text, 0, len(turn.text))


def _wishes(turn: CallerTurn) -> tuple[Command, ...]:
    return tuple(_wish(turn, spotted) for spotted in spot(turn.text, turn.language))


def _wish(turn: CallerTurn, spotted: Spotted) -> Command:
    evidence = span(turn, spotted.start, spotted.end)
    command: type[HandOver | Goodbye | Cancel | NotKnown]
    match spotted.wish:
        case Wish.HUMAN:
            command = HandOver
        case Wish.SLOWER | Wish.LOUDER | Wish.REPEAT:
            manner = {Wish.SLOWER: Manner.SLOWER, Wish.LOUDER: Manner.LOUDER}.get(spotted.wish)
            return Repeat(manner=manner, confidence=_SPOTTED, evidence=evidence, source=Source.PARSER)
        case Wish.GOODBYE:
            command = Goodbye
        case Wish.CANCEL:
            command = Cancel
        case Wish.UNKNOWN_VALUE:
            command = NotKnown
    return command(confidence=_SPOTTED, evidence=evidence, source=Source.PARSER)


def _agreement(turn: CallerTurn, listening: Listening) -> tuple[Command, ...]:
    if not (listening.yes_no or listening.more):
        return ()
    agreed = read_agreement(turn.text, turn.language)
    if agreed is None:
        return ()
    answer = Affirm if agreed.yes else Deny
    evidence = span(turn, agreed.start, agreed.end)
    return (answer(confidence=agreed.confidence, evidence=evidence, source=Source.PARSER),)


def _choice(turn: CallerTurn, listening: Listening) -> tuple[Command, ...]:
    if not listening.choices:
        return ()
    chosen = read_choice(turn.text, turn.language, listening.choices)
    if chosen is None:
        return ()
    evidence = span(turn, chosen.start, chosen.end)
    return (Choose(index=chosen.index, confidence=chosen.confidence, evidence=evidence, source=Source.PARSER),)


def _wanted(turn: CallerTurn, head: Head, judgement: Judgement) -> tuple[Command, ...]:
    """What the head believes, and always the question as such: documents may answer what no intent foresaw."""
    substance = sum(share for name, share in judgement.ranked if head.intents[name].does in _SUBSTANCE)
    question = AskKnowledge(
        query=turn.text, confidence=substance * judgement.in_scope, evidence=_whole(turn), source=Source.HEAD
    )
    intent = head.intents[judgement.intent]
    sure = judgement.probability * judgement.in_scope
    command: Command | None
    match intent.does:
        case Does.START_FLOW:
            assert intent.flow is not None, "the release checks that an intent that starts a flow names it"
            command = StartFlow(flow=intent.flow, confidence=sure, evidence=_whole(turn), source=Source.HEAD)
        case Does.SMALL_TALK:
            command = SmallTalk(kind=intent.id, confidence=sure, evidence=_whole(turn), source=Source.HEAD)
        case Does.HAND_OVER:
            command = HandOver(confidence=sure, evidence=_whole(turn), source=Source.HEAD)
        case Does.REPEAT:
            command = Repeat(confidence=sure, evidence=_whole(turn), source=Source.HEAD)
        case Does.GOODBYE:
            command = Goodbye(confidence=sure, evidence=_whole(turn), source=Source.HEAD)
        case Does.ASK_KNOWLEDGE | Does.OFF_TOPIC:
            command = None
    return (question,) if command is None else (command, question)
