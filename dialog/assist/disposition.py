"""How a case ended, as the agent files it; and which of the tenant's ways is likely. Pure.

A suggestion is only filled in: the agent chooses, and the difference is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialog.escalation import Attempt, Tried


@dataclass(frozen=True, slots=True)
class Disposition:
    """One way. It is likely ``after`` the last attempt of a call came out in one of these ways (empty: none is known to
    lead here), where the call was ``about`` one of these intents or flows (empty: whatever it was about)."""

    id: str
    name: Mapping[str, str]
    after: frozenset[Tried] = frozenset()
    about: frozenset[str] = frozenset()

    def suits(self, attempt: Tried, about: str | None) -> bool:
        """Whether it is likely after that attempt."""
        return attempt in self.after and (not self.about or about in self.about)


EVERYWHERE = (
    Disposition("resolved", {"ko": "해결됨", "en": "Resolved"}, frozenset({Tried.ANSWERED, Tried.ACTION_DONE})),
    Disposition(
        "follow_up",
        {"ko": "후속 조치 필요", "en": "Follow-up needed"},
        frozenset({Tried.NOT_ANSWERED, Tried.ACTION_UNKNOWN, Tried.ACTION_FAILED}),
    ),
    Disposition(
        "not_possible",
        {"ko": "처리 불가", "en": "Not possible"},
        frozenset({Tried.ACTION_DENIED, Tried.ACTION_REJECTED, Tried.ACTION_NOT_FOUND}),
    ),
    Disposition("other", {"ko": "기타", "en": "Other"}),
)
"""The ways that every tenant starts with."""


def likely(dispositions: Sequence[Disposition], attempts: Sequence[Attempt], about: str | None) -> str | None:
    """The id of the likeliest one after these attempts; one that names what the call was about before one that does
    not. None where nothing speaks for any."""
    if not attempts:
        return None
    last = attempts[-1].tried
    suiting = [one for one in dispositions if one.suits(last, about)]
    return min(suiting, key=lambda one: not one.about).id if suiting else None
