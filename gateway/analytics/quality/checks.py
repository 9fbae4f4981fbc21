"""What each check looks at in a contact, and finds: met, missed with the events that show it, or not applicable.

Pure and deterministic: the same events are judged the same today and in a year. A check applies only where the contact
has what it is about; a contact without an answer is not praised for its sources.

Refuses: opinions. Whoever sees it otherwise overrides it, and says why (``standing.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import singledispatch
from itertools import pairwise

from dialog.assist.compliance import said
from dialog.parsers.language import LANGUAGES, language
from dialog.parsers.text import plain
from dialog.parsers.wishes import wants_person
from gateway.analytics.quality import rubric as rubrics
from gateway.analytics.quality.contact import Contact, Spoken, turn_of
from gateway.session.records import ContactEvent, EventKind

MOST_EVIDENCE = 20
"""Events that are named for one criterion; more would not make it clearer."""

_CONSENT = (EventKind.CONSENT_GIVEN, EventKind.CONSENT_ASSUMED)


class Verdict(StrEnum):
    """What became of a criterion."""

    MET = "met"
    MISSED = "missed"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """A criterion's verdict, and the events that show it: those that miss it, else those that meet it."""

    verdict: Verdict
    evidence: tuple[ContactEvent, ...] = ()
    note: str = ""
    """A figure or a word that says how far it was missed; empty where there is nothing to add."""


_NOTHING = Finding(Verdict.NOT_APPLICABLE)


@singledispatch
def check(criterion: object, _contact: Contact) -> Finding:
    """Judge a contact by one criterion."""
    raise TypeError(f"{type(criterion).__name__} is no criterion")


def _judged(judged: Iterable[ContactEvent], missed: Iterable[ContactEvent], note: str = "") -> Finding:
    """Missed where any of what was judged is; not applicable where nothing was."""
    wrong, seen = tuple(missed), tuple(judged)
    if wrong:
        return Finding(Verdict.MISSED, wrong[:MOST_EVIDENCE], note)
    return Finding(Verdict.MET, seen[:MOST_EVIDENCE]) if seen else _NOTHING


# --- what the law wants -----------------------------------------------------------------------------------------------
@check.register
def _disclosed(_criterion: rubrics.Disclosed, contact: Contact) -> Finding:
    answers = contact.of(EventKind.REPLY_DECIDED, where=lambda told: bool(told.get("turn")))
    if not answers:
        return _NOTHING
    heard = contact.of(EventKind.DISCLOSURE_HEARD)
    in_time = [one for one in heard if one.seq < answers[0].seq]
    return _judged(in_time, () if in_time else answers[:1])


@check.register
def _consented(criterion: rubrics.Consented, contact: Contact) -> Finding:
    needs = EventKind.RECORDING_STARTED if criterion.purpose == "recording" else EventKind.TRANSCRIPT_FINAL
    done = contact.of(needs)
    agreed = contact.of(*_CONSENT, where=lambda told: told.get("purpose") == criterion.purpose)
    if criterion.purpose == "recording":  # a message that the caller leaves is agreed to as such
        agreed += contact.of(*_CONSENT, where=lambda told: told.get("purpose") == "message")
    without = [one for one in done if not any(consent.seq < one.seq for consent in agreed)]
    return _judged(agreed if done else (), without)


@check.register
def _identified(criterion: rubrics.Identified, contact: Contact) -> Finding:
    begun = contact.of(EventKind.ACTION_STARTED, where=lambda told: told.get("name") in criterion.actions)
    shown = (EventKind.CALLER_IDENTIFIED, EventKind.CALLER_VERIFIED)
    unknown = [one for one in begun if not contact.before(one, *shown)]
    return _judged(begun, unknown)


@check.register
def _confirmed(_criterion: rubrics.Confirmed, contact: Contact) -> Finding:
    proposed = contact.of(EventKind.ACTION_PROPOSED)
    changes = {one.payload.get("action") for one in proposed if one.payload.get("risk") != "read_only"}
    begun = contact.of(EventKind.ACTION_STARTED, where=lambda told: told.get("action") in changes)
    unasked = [
        one
        for one in begun
        if not any(
            yes.payload.get("action") == one.payload.get("action")
            for yes in contact.before(one, EventKind.ACTION_CONFIRMED)
        )
    ]
    return _judged(begun, unasked)


# --- the machine's answers --------------------------------------------------------------------------------------------
@check.register
def _cited(_criterion: rubrics.Cited, contact: Contact) -> Finding:
    answers = contact.of(EventKind.REPLY_DECIDED, where=lambda told: told.get("decision") == "answer")
    return _judged(answers, [one for one in answers if not one.payload.get("citations")])


@check.register
def _understood(criterion: rubrics.UnderstoodWithin, contact: Contact) -> Finding:
    answers = contact.of(EventKind.REPLY_DECIDED, where=lambda told: bool(told.get("turn")))
    asked_back = [one for one in answers if one.payload.get("decision") == "clarify"]
    too_often = len(asked_back) > criterion.asked_back_at_most
    return _judged(answers, asked_back if too_often else (), str(len(asked_back)))


@check.register
def _closed(_criterion: rubrics.Closed, contact: Contact) -> Finding:
    ours = contact.record.end_reason in {"completed", "no_input"}
    if contact.with_person or contact.of(EventKind.HANDOFF_QUEUED) or not ours:
        return _NOTHING
    replies = contact.of(EventKind.REPLY_DECIDED)
    goodbyes = [one for one in replies if one.payload.get("expects") == "nothing"]
    whole = {
        one.payload.get("reply")
        for one in contact.of(EventKind.REPLY_HEARD, where=lambda told: bool(told.get("complete")))
    }
    heard = [one for one in goodbyes if one.payload.get("reply") in whole]
    return _judged(heard, () if heard else replies[-1:])


# --- waiting ----------------------------------------------------------------------------------------------------------
@check.register
def _no_dead_air(criterion: rubrics.NoDeadAir, contact: Contact) -> Finding:
    replies = contact.of(EventKind.REPLY_STARTED, where=lambda told: isinstance(told.get("latency"), int | float))
    late = [(float(one.payload["latency"]), one) for one in replies if one.payload["latency"] > criterion.seconds]
    talk = [one.event for one in contact.spoken() if one.by in {"caller", "person"}]
    waits = _waits(contact, [one for one in talk if contact.before(one, EventKind.AGENT_TURN)])
    late += [(seconds, event) for seconds, event in waits if seconds > criterion.seconds]
    longest = max((seconds for seconds, _ in late), default=0.0)
    ordered = sorted((event for _, event in late), key=lambda event: event.seq)
    return _judged([*replies, *(event for _, event in waits)], ordered, f"{longest:.1f} s" if late else "")


def _waits(contact: Contact, talk: list[ContactEvent]) -> list[tuple[float, ContactEvent]]:
    """How long a caller who had spoken waited for a person's next words, beside holding and queueing."""
    occupied = contact.occupied()
    found = []
    for before, after in pairwise(talk):
        if before.kind == EventKind.CALLER_TURN and after.kind == EventKind.AGENT_TURN:
            spoke = float(after.payload.get("seconds") or 0.0)  # it is written down when they have ended
            waited = (after.at - before.at).total_seconds() - spoke - _within(occupied, before.at, after.at)
            found.append((waited, after))
    return found


def _within(stretches: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> float:
    """Seconds of ``start..end`` that lie in the stretches."""
    return sum(max(0.0, (min(until, end) - max(since, start)).total_seconds()) for since, until in stretches)


@check.register
def _person_on_request(criterion: rubrics.PersonOnRequest, contact: Contact) -> Finding:
    offers = contact.of(EventKind.ESCALATION_DECIDED, EventKind.HANDOFF_QUEUED, EventKind.HANDOFF_ACCEPTED)
    turns = [one for one in contact.spoken() if one.by == "caller"]
    asked = [place for place, one in enumerate(turns) if one.language in LANGUAGES and _wants(one)]
    met: list[ContactEvent] = []
    missed: list[ContactEvent] = []
    for place in asked:
        begun = turns[place].event
        # Who waits already, or has somebody, asks for what they have got.
        until = turns[place + criterion.turns].event.seq if place + criterion.turns < len(turns) else None
        offered = any(until is None or one.seq < until for one in offers)
        (met if offered else missed).append(begun)
    return _judged(met, missed)


def _wants(turn: Spoken) -> bool:
    return bool(turn.text) and wants_person(turn.text, turn.language)


@check.register
def _person_within(criterion: rubrics.PersonWithin, contact: Contact) -> Finding:
    came = contact.of(EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_ABANDONED)
    waited = [(float(one.payload.get("waited") or 0.0), one) for one in came]
    late = [(seconds, one) for seconds, one in waited if seconds > criterion.seconds]
    # Who leaves before the time is over has not been made to wait too long.
    in_time = [one for seconds, one in waited if seconds <= criterion.seconds and "agent" in one.payload]
    longest = max((seconds for seconds, _ in late), default=0.0)
    return _judged(in_time, [one for _, one in late], f"{longest:.0f} s" if late else "")


# --- words ------------------------------------------------------------------------------------------------------------
@check.register
def _said(criterion: rubrics.Said, contact: Contact) -> Finding:
    spoken = [one for one in contact.spoken() if one.by == criterion.by and criterion.any_of.get(one.language)]
    match criterion.where:
        case rubrics.Where.BEGINNING:
            spoken = spoken[: criterion.turns]
        case rubrics.Where.END:
            spoken = spoken[-criterion.turns :]
        case rubrics.Where.ANYWHERE:
            pass
    if not spoken:
        return _NOTHING
    found = [
        one.event
        for one in spoken
        if any(said(one.text, wording, one.language) for wording in criterion.any_of[one.language])
    ]
    return _judged(found, () if found else [one.event for one in spoken])


@check.register
def _not_said(criterion: rubrics.NotSaid, contact: Contact) -> Finding:
    spoken = [one for one in contact.spoken() if one.by == criterion.by and criterion.none_of.get(one.language)]
    wrong = [one for one in spoken if _has_any(one, criterion.none_of[one.language])]
    return _judged([one.event for one in spoken[-1:]], [one.event for one in wrong])


def _has_any(spoken: Spoken, words: Iterable[str]) -> bool:
    """Whether one of ``words`` stands in what was said: whole words where the language has spaces."""
    spaced = language(spoken.language).phrases.spaced
    text = plain(spoken.text, spaced=spaced).text
    wanted = [plain(word, spaced=spaced).text for word in words]
    return any(word and (f" {word} " in f" {text} " if spaced else word in text) for word in wanted)


# --- the desk's work --------------------------------------------------------------------------------------------------
@check.register
def _wrapped_up(criterion: rubrics.WrappedUp, contact: Contact) -> Finding:
    taken = contact.of(EventKind.HANDOFF_ACCEPTED)
    filed = contact.of(EventKind.WRAP_UP_DONE)
    if not taken:
        return _NOTHING
    missing = [one for one in taken if not any(_by(one) == _by(case) for case in filed)]
    late = [
        one
        for one in filed
        if not one.payload.get("disposition") or float(one.payload.get("seconds") or 0.0) > criterion.seconds
    ]
    return _judged(filed, [*missing, *late])


def _by(event: ContactEvent) -> str:
    return str(event.payload.get("agent", ""))


def turns_of(finding: Finding) -> list[int]:
    """The caller's turns that a finding's events belong to, in order, each once."""
    return list(dict.fromkeys(turn for turn in map(turn_of, finding.evidence) if turn is not None))
