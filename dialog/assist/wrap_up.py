"""The wrap-up of a call: filled in beforehand, edited by the agent, the difference kept. Pure.

What an agent changes is the best measure there is of what was filled in, so that nothing of it is lost: which fields
were touched, how much of the text stayed (0..1), and the passages that were taken out and put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from dialog.assist.disposition import Disposition, likely
from dialog.assist.live_summary import Story
from dialog.templates import Templates

LONGEST_SUMMARY = 4_000
LONGEST_NOTE = 4_000
"""Characters."""
MOST_CHANGES = 40
"""Changed passages that are kept; the rest is only counted in how much stayed."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What is kept of a case in words: its ``summary``, how it ended (none: nobody said yet), and a free ``note``."""

    summary: str
    disposition: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Words that were taken out and those that took their place; either may be empty."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What an agent made of what was filled in. ``kept`` is the share of the words of both that are the same."""

    kept: float
    changes: tuple[Change, ...]
    disposition: Change | None

    @property
    def unedited(self) -> bool:
        """Whether summary and disposition were taken as they were."""
        return not self.changes and self.disposition is None


def prefilled(story: Story, texts: Templates, dispositions: Sequence[Disposition]) -> WrapUp:
    """What is known of a case before anybody wrote anything."""
    chosen = likely(dispositions, story.attempts, story.about)
    return WrapUp(story.summary(texts).text[:LONGEST_SUMMARY], chosen)


def difference(before: WrapUp, after: WrapUp) -> Difference:
    """What was changed from what was filled in to what was filed, word by word."""
    old, new = before.summary.split(), after.summary.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    changes = tuple(
        Change(" ".join(old[first:last]), " ".join(new[start:end]))
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    )
    moved = before.disposition != after.disposition
    filed = Change(before.disposition or "", after.disposition or "") if moved else None
    return Difference(round(matcher.ratio(), 4), changes[:MOST_CHANGES], filed)
