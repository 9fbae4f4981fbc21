"""What is asked of the knowledge, and on whose behalf.

One value goes unchanged from the dialog through the worker to the index, so that whom an answer is for cannot be lost
on the way: a search without a day is about today, one without an audience or channel finds only what is for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.document import Document


@dataclass(frozen=True, slots=True)
class Query:
    """A question in a ``language`` to a ``tenant``'s documents.

    ``limit`` is how many passages are wanted at most; ``on`` the day whose documents count (none: today). ``context``
    are the caller's earlier turns that this one leans on, as they were heard, oldest first. ``audience`` and
    ``channel`` are who asks and how; documents may be for some of them only.
    """

    tenant: str
    language: str
    text: str
    limit: int = 5
    on: date | None = None
    context: tuple[str, ...] = ()
    audience: str | None = None
    channel: str | None = None

    def permits(self, document: Document) -> bool:
        """Whether it may be told to whoever asks."""
        return document.told(self.on or date.today(), self.audience, self.channel)
