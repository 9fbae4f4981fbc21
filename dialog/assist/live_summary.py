"""What a call has come to so far, made of its record event by event, whoever speaks. Pure.

A hand-over brings the bot's own summary along; from there on it grows with what the agent found, did and promised. No
model writes it: the words are the tenant's templates, and what people said is quoted. Replaying the record gives the
same summary, so that it is there after a restart, and when the case is wrapped up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dialog.actions.action import FailureKind
from dialog.assist.compliance import said
from dialog.assist.promises import promised
from dialog.errors import LanguageNotSpoken
from dialog.escalation import MOST_TOLD, Attempt, Tried, quoted, told, worded
from dialog.reply import EscalationReason, Summary
from dialog.templates import Templates
from dialog.turn import MASK

MOST_REMEMBERED = 24
"""Turns, cards and promises of one call that are kept: the latest."""

_FAILED = {
    FailureKind.NOT_FOUND.value: Tried.ACTION_NOT_FOUND,
    FailureKind.REJECTED.value: Tried.ACTION_REJECTED,
    FailureKind.NOT_PERMITTED.value: Tried.ACTION_DENIED,
}


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer that an agent was shown: to what, with which words, from which source."""

    asked: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Story:
    """A call so far. ``handed`` is the summary that came along with the hand-over, ``attempts`` what was tried since;
    ``turns`` are the caller's latest, by number, ``shown`` the answers on cards, by card."""

    language: str
    wish: str = ""
    about: str | None = None
    handed: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    helped: bool = False
    """Whether a person came."""
    attempts: tuple[Attempt, ...] = ()
    promised: tuple[str, ...] = ()
    turns: Mapping[int, str] = field(default_factory=dict)
    shown: Mapping[str, ShownAnswer] = field(default_factory=dict)

    def after(self, kind: str, payload: Mapping[str, Any]) -> Story:
        """After an event of the call's record; those that say nothing of what it comes to change nothing."""
        match kind:
            case "language.changed":
                return replace(self, language=str(payload.get("after", self.language)))
            case "caller.turn":
                return self._turn(payload)
            case "turn.understood":
                return self._understood(payload)
            case "reply.decided" if payload.get("decision") == "answer":
                titles = [str(one.get("title", "")) for one in payload.get("citations", ())]
                return self._tried(Tried.ANSWERED, self.turns.get(payload.get("turn", 0), ""), *titles[:1])
            case "escalation.decided" | "handoff.queued":
                return self._handed_over(payload)
            case "agent.joined" | "handoff.accepted":
                return replace(self, helped=True)
            case "agent.turn":
                return self._agent_said(str(payload.get("text", "")))
            case "assist.shown" | "assist.used" | "assist.edited":
                return self._assisted(kind, payload)
            case "action.succeeded" | "action.failed" | "action.unknown":
                return self._acted(kind, payload)
            case _:
                return self

    def summary(self, texts: Templates) -> Summary:
        """The whole so far, in the language of ``texts``."""
        before = tuple(map(str, self.handed.get("tried", ())))
        since = tuple(told(_named(attempt, texts), texts) for attempt in self.attempts)
        handing_over = texts.render("summary.promised.hand_over")
        kept = [one for one in map(str, self.handed.get("promised", ())) if not (self.helped and one == handing_over)]
        reason = None if self.reason is None else EscalationReason(self.reason)
        return worded(
            _wish(self.wish, texts),
            {str(name): str(value) for name, value in self.handed.get("known", {}).items()},
            (*before, *since)[-MOST_TOLD:],
            texts,
            reason=reason,
            promised=(*kept, *self.promised),
            earlier=tuple(map(str, self.handed.get("earlier", ()))),
        )

    def _turn(self, payload: Mapping[str, Any]) -> Story:
        text, number = str(payload.get("text", "")), payload.get("turn")
        if not text or MASK in text or not isinstance(number, int):
            return self
        kept = dict([*self.turns.items(), (number, quoted(text))][-MOST_REMEMBERED:])
        return replace(self, turns=kept)

    def _understood(self, payload: Mapping[str, Any]) -> Story:
        """What the bot took the caller's wish for."""
        for command in payload.get("commands", ()):
            match command:
                case {"command": "StartFlow", "flow": str(flow)}:
                    return replace(self, wish=flow, about=flow)
                case {"command": "AskKnowledge", "query": str(query)} if query != MASK:
                    return replace(self, wish=quoted(query), about=payload.get("intent") or self.about)
                case _:
                    pass
        return self

    def _handed_over(self, payload: Mapping[str, Any]) -> Story:
        """From here on the summary that came along tells what was before."""
        handed = payload.get("summary")
        if not isinstance(handed, Mapping):
            return self
        reason = payload.get("reason")
        known = reason if reason in set(EscalationReason) else None
        wish = str(handed.get("wish", "")) or self.wish
        since = self.attempts if handed == self.handed else ()
        return replace(self, handed=handed, wish=wish, reason=known, attempts=since, helped=False)

    def _assisted(self, kind: str, payload: Mapping[str, Any]) -> Story:
        card = str(payload.get("card", ""))
        if kind != "assist.shown":
            return self._told_from(card)
        asked = self.turns.get(payload.get("utterance", 0), "")
        name = str(payload.get("name", ""))
        story = self if self.wish else replace(self, wish=name or asked, about=name or self.about)
        if payload.get("kind") != "answer":
            return story
        title = next((str(one.get("title", "")) for one in payload.get("sources", ())), "")
        answer = ShownAnswer(asked, str(payload.get("text", "")), title)
        return replace(story, shown=dict([*self.shown.items(), (card, answer)][-MOST_REMEMBERED:]))

    def _agent_said(self, text: str) -> Story:
        """What the agent told from a card, and promised."""
        story = self
        for card, answer in self.shown.items():
            if said(text, answer.text, self.language):
                story = story._told_from(card)
        try:
            more = promised(text, self.language)
        except LanguageNotSpoken:
            return story
        return replace(story, promised=tuple(dict.fromkeys((*story.promised, *more)))[-MOST_REMEMBERED:])

    def _told_from(self, card: str) -> Story:
        answer = self.shown.get(card)
        if answer is None:
            return self
        left = {other: one for other, one in self.shown.items() if other != card}
        return replace(self, shown=left)._tried(Tried.ANSWERED, answer.asked, answer.title)

    def _acted(self, kind: str, payload: Mapping[str, Any]) -> Story:
        error = str(payload.get("error", ""))
        if error == FailureKind.NOT_CONFIRMED.value:
            return self
        name = str(payload.get("name", ""))
        tried = {"action.succeeded": Tried.ACTION_DONE, "action.unknown": Tried.ACTION_UNKNOWN}.get(kind)
        return replace(self._tried(tried or _FAILED.get(error, Tried.ACTION_FAILED), name), about=name or self.about)

    def _tried(self, tried: Tried, subject: str, outcome: str = "") -> Story:
        attempt = Attempt(tried, subject, outcome)
        return replace(self, attempts=(*self.attempts, attempt)[-MOST_REMEMBERED:])


_ANSWERS = frozenset({Tried.ANSWERED, Tried.NOT_ANSWERED})


def _wish(wish: str, texts: Templates) -> str:
    """A flow's name in the tenant's words, anything else as it is."""
    return texts.render(f"{wish}.wish") if texts.has(f"{wish}.wish") else wish


def _named(attempt: Attempt, texts: Templates) -> Attempt:
    """An attempt with the tenant's words for what was done."""
    if attempt.tried in _ANSWERS:
        return attempt
    wish = f"{attempt.subject}.wish"
    return replace(attempt, subject=texts.render(wish) if texts.has(wish) else attempt.subject.replace("_", " "))
