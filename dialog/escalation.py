"""When a human takes over, and what they need to know. Pure.

Some rules hold whatever any score says: the caller wants a person, the topic is one that the tenant wants people to
deal with, two turns got nowhere, an action failed or nobody knows whether it happened. The summary is put together
from what was recorded, by templates in the language of the call; no model writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialog.actions.rules import Identity
from dialog.command import Command, HandOver
from dialog.parsers.language import language
from dialog.parsers.text import plain
from dialog.reply import Escalation, EscalationReason, Summary
from dialog.templates import Templates
from dialog.tenant import DialogPolicy

MOST_TOLD = 6
"""Attempts that a summary names: the last ones. Who takes over reads it while the caller waits."""
LONGEST_QUOTE = 160
"""Characters of the caller's own words that a summary quotes."""


class Tried(StrEnum):
    """What the dialog can have tried."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    NOT_ANSWERED = "not_answered"
    ACTION_DONE = "action_done"
    ACTION_NOT_FOUND = "action_not_found"
    ACTION_REJECTED = "action_rejected"
    ACTION_DENIED = "action_denied"
    ACTION_FAILED = "action_failed"
    ACTION_UNKNOWN = "action_unknown"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that was tried: about what, and how it came out (a source's title, an action's case); with which
    ``flow``, if with one."""

    tried: Tried
    subject: str = ""
    outcome: str = ""
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How the conversation gets on: turns in a row without progress, and in silence."""

    no_match: int = 0
    no_input: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """What is known when a human takes over. ``about`` is the intent, flow or topic that chooses the queue."""

    language: str
    caller: str | None
    wish: str
    about: str | None
    known: Mapping[str, str]
    attempts: Sequence[Attempt]
    identity: Identity = Identity.NONE
    customer: str | None = None
    """Who calls, as far as it was shown."""
    earlier: Sequence[str] = ()
    """Earlier contacts, a line each, where they may be remembered."""


def ruled(
    commands: Sequence[Command], text: str, code: str, progress: Progress, policy: DialogPolicy
) -> tuple[EscalationReason, str | None] | None:
    """The reason that hands over regardless of any score, and what it is about; None when no rule applies."""
    if any(isinstance(command, HandOver) for command in commands):
        return EscalationReason.CALLER_ASKED, None
    topic = sensitive_topic(text, code, policy)
    if topic is not None:
        return EscalationReason.SENSITIVE_TOPIC, topic
    return exhausted(progress, policy)


def exhausted(progress: Progress, policy: DialogPolicy) -> tuple[EscalationReason, str | None] | None:
    """The reason when patience ends, else None."""
    if progress.no_match >= policy.no_match:
        return EscalationReason.NO_PROGRESS, None
    if progress.no_input >= policy.no_input:
        return EscalationReason.NO_INPUT, None
    return None


def sensitive_topic(text: str, code: str, policy: DialogPolicy) -> str | None:
    """The sensitive topic whose words ``text`` has, if any; words are compared in plain form."""
    spaced = language(code).phrases.spaced
    said = plain(text, spaced=spaced).text
    said = f" {said} " if spaced else said
    for topic in policy.sensitive:
        for word in topic.words.get(code, ()):
            wanted = plain(word, spaced=spaced).text
            if wanted and (f" {wanted} " if spaced else wanted) in said:
                return topic.id
    return None


def escalate(reason: EscalationReason, case: Case, policy: DialogPolicy, texts: Templates) -> Escalation:
    """The decision, with its queue and skills and the summary."""
    queue = policy.default_queue
    for about in (case.about, reason.value):
        if about is None:
            continue
        topic_queue = next((topic.queue for topic in policy.sensitive if topic.id == about), None)
        chosen = topic_queue or policy.queue_of.get(about)
        if chosen is not None:
            queue = chosen
            break
    skills = tuple(dict.fromkeys((case.language, *policy.skills_of.get(queue, ()))))
    promised = (texts.render("summary.promised.hand_over"),)
    return Escalation(reason, queue, skills, summarize(case, texts, reason=reason, promised=promised))


def summarize(
    case: Case, texts: Templates, *, reason: EscalationReason | None = None, promised: tuple[str, ...] = ()
) -> Summary:
    """What a human needs to go on, in the language of ``texts``."""
    known = dict(case.known)
    if case.caller:
        known[texts.render("summary.caller")] = case.caller
    if case.identity is not Identity.NONE:
        known[texts.render("summary.identity")] = texts.render(f"summary.identity.{case.identity.name.lower()}")
    if case.customer:
        known[texts.render("summary.customer")] = case.customer
    tried = tuple(told(attempt, texts) for attempt in case.attempts[-MOST_TOLD:])
    return worded(case.wish, known, tried, texts, reason=reason, promised=promised, earlier=tuple(case.earlier))


def worded(
    wish: str,
    known: Mapping[str, str],
    tried: tuple[str, ...],
    texts: Templates,
    *,
    reason: EscalationReason | None = None,
    promised: tuple[str, ...] = (),
    earlier: tuple[str, ...] = (),
) -> Summary:
    """A summary of these parts, with the whole of it in sentences."""
    wish = wish or texts.render("summary.no_wish")
    separator = texts.render("summary.separator")
    lines = [texts.render("summary.wish", wish=wish)]
    if reason is not None:
        lines.append(texts.render("summary.reason", reason=texts.render(f"summary.reason.{reason.value}")))
    if known:
        listed = separator.join(f"{name} {value}" for name, value in known.items())
        lines.append(texts.render("summary.known", known=listed))
    if tried:
        lines.append(texts.render("summary.tried", tried=separator.join(tried)))
    if promised:
        lines.append(texts.render("summary.promised", promised=separator.join(promised)))
    if earlier:
        lines.append(texts.render("summary.earlier", earlier=separator.join(earlier)))
    return Summary(wish, dict(known), tried, promised, " ".join(lines), earlier)


def quoted(text: str) -> str:
    """The caller's own words, cut where a summary would grow too long."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1].rstrip() + "…"


def told(attempt: Attempt, texts: Templates) -> str:
    """An attempt in words."""
    outcome = case_in_words(attempt.flow, attempt.outcome, texts)
    return texts.render(f"summary.try.{attempt.tried.value}", subject=attempt.subject, outcome=outcome)


def case_in_words(flow: str, outcome: str, texts: Templates) -> str:
    """What came of a flow's action, by the words in which the caller is told of that case; an outcome for which the
    tenant has none (a document's title, a case that nobody is told of) as it is."""
    words = texts.bare(f"{flow}.told.{outcome}") if flow and outcome else None
    return outcome if words is None else f"“{words}”"
