"""What is remembered of a contact, made of what was recorded of it; and earlier contacts in words. Pure.

No model writes it. Of an attempt only what is typed is kept: questions are the caller's own words and stay behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dialog.escalation import Attempt, Tried, case_in_words
from dialog.memory.memory import Deed, EarlierContact, Promise
from dialog.reply import EscalationReason
from dialog.templates import Templates

MOST_DEEDS = 6
"""Things told or done that are kept of one contact: the last ones."""

_SETTLED = frozenset({Tried.ANSWERED, Tried.ACTION_DONE})
_SAID_OF = frozenset({Tried.ANSWERED, Tried.ACTION_DONE})
"""Attempts whose outcome is typed: a document's title, an action's case."""


def contact_of(
    *,
    contact: str,
    at: datetime,
    channel: str,
    language: str,
    about: str | None,
    attempts: Sequence[Attempt],
    reason: EscalationReason | None,
    under_way: bool,
) -> EarlierContact | None:
    """What to remember of a contact; None of one in which nothing was wanted. ``under_way`` is whether something was
    still being done when it ended."""
    if about is None and not attempts and reason is None:
        return None
    done = tuple(_deed(attempt) for attempt in attempts[-MOST_DEEDS:])
    return EarlierContact(
        contact,
        at,
        channel,
        language,
        about or "",
        done,
        (Promise.HAND_OVER,) if reason is not None else (),
        reason,
        under_way or reason is not None or bool(attempts and attempts[-1].tried not in _SETTLED),
    )


def went_well(attempts: Sequence[Attempt], *, handed_over: bool) -> bool:
    """Whether a contact got its caller what they wanted, with nothing gone wrong on the way."""
    return bool(attempts) and not handed_over and all(attempt.tried in _SETTLED for attempt in attempts)


def topic(contact: EarlierContact, texts: Templates) -> str:
    """What a contact was about, in words that everybody may hear; empty where there are none."""
    wish = f"{contact.about}.wish"
    if texts.has(wish):
        return texts.render(wish)
    told = [deed.outcome for deed in contact.done if deed.tried is Tried.ANSWERED and deed.outcome]
    return told[-1] if told else ""


def day(contact: EarlierContact, zone: str) -> date:
    """The day of a contact in a time zone (an IANA name)."""
    return contact.at.astimezone(ZoneInfo(zone)).date()


def lines(contacts: Sequence[EarlierContact], texts: Templates, zone: str) -> tuple[str, ...]:
    """Earlier contacts for whoever takes over, one line each; days are those of the time zone."""
    separator = texts.render("summary.separator")
    return tuple(
        texts.render(
            "memory.contact",
            at=day(contact, zone),
            topic=topic(contact, texts) or contact.about,
            done=separator.join(_told(deed, texts) for deed in contact.done),
            reason=None if contact.reason is None else texts.render(f"summary.reason.{contact.reason.value}"),
        )
        for contact in contacts
    )


def _deed(attempt: Attempt) -> Deed:
    return Deed(attempt.tried, attempt.flow, attempt.outcome if attempt.tried in _SAID_OF else "")


def _told(deed: Deed, texts: Templates) -> str:
    wish = f"{deed.flow}.wish"
    subject = texts.render(wish) if texts.has(wish) else deed.flow
    outcome = case_in_words(deed.flow, deed.outcome, texts)
    return texts.render(f"summary.try.{deed.tried.value}", subject=subject, outcome=outcome)
