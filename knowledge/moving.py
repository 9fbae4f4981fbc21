"""Passages move to another model, or to another format of the index, while the old ones go on serving.

1. Say which space ``following`` is being filled: one write.
2. Prepare every passage that is served and is not there yet, a few at a time, from its words in the old space; no
   source is read again.
3. Switch: one write, and from that moment the following space serves. Then the old one is discarded (on a server that
   other processes search as well, only after they had time to notice).

Killed anywhere before 3, the old space serves, and the next attempt goes on with what is missing. Passages keep their
ids and revisions, so the catalog's records hold for both spaces.

Refuses: deciding when (an ingestion does it first); cutting documents anew (that takes their sources).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from knowledge.document import Passage
from knowledge.embedder import ModelPlace
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Entry, Record, Shift, Space
from knowledge.naming import UNNAMED
from knowledge.settings import KnowledgeSettings
from knowledge.shelf import GRACE, Shelf

BATCH: Final = 16
"""Passages that are prepared at once: progress moves, and a message stays small."""
PASSES: Final = 10
"""Times that what is missing is looked up; more than one is needed when another process ingests meanwhile."""


class Prepares(Protocol):
    """What makes entries (see ``preparing.Preparing``)."""

    def model(self) -> int:
        """Make sure that the model can serve. Returns the length of its vectors."""
        ...

    def entries(self, space: Space, passages: Sequence[Passage], revision: str, staged_at: float) -> list[Entry]:
        """Entries of passages, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves a tenant's passages. ``preparing`` is asked for when there is anything to prepare; ``step`` is told the
    stage ``move``, how much is done and how much there is, and may raise to end it."""

    shelf: Shelf
    preparing: Callable[[], Prepares]
    step: Callable[[str, int, int], None]

    def to(self, target: Space) -> None:
        """Let ``target`` serve its tenant's language. Nothing is done where it does already.

        Raises a ``KnowledgeError``; the old space goes on serving then.
        """
        stored = self.shelf.shifts(target.tenant)
        shift = standing(stored, self.shelf.records(target.tenant), target)
        if shift.serving != target:
            shift = self._moved(shift, target)
        elif target.language not in stored:
            self.shelf.shift(shift)
        self._retire(shift)

    def _moved(self, shift: Shift, target: Space) -> Shift:
        if shift.following != target:
            self._retire(replace(shift, retired=shift.following, since=0.0))
            shift = replace(shift, following=target)
            self.shelf.shift(shift)
        for _ in range(PASSES):
            missing = self.shelf.unfollowed(shift)
            if not missing:
                switched = Shift(target, retired=shift.serving, since=time.time())
                self.shelf.shift(switched)
                return switched
            self._fill(shift, target, missing)
        raise KnowledgeUnavailable(
            f"documents of {target.tenant} change quicker than they can be prepared for {target.model or 'words'}; the "
            "old index serves, ingest again later"
        )

    def _fill(self, shift: Shift, target: Space, missing: list[str]) -> None:
        preparing = self.preparing()
        if target.model:
            target = replace(target, dimension=preparing.model())
        for start in range(0, len(missing), BATCH):
            self.step("move", start, len(missing))
            old = self.shelf.entries(shift.serving, missing[start : start + BATCH])
            made = preparing.entries(target, [entry.passage for entry in old], "", 0.0)
            self.shelf.stage(target, [_instead(was, now) for was, now in zip(old, made, strict=True)])
        self.step("move", len(missing), len(missing))

    def _retire(self, shift: Shift) -> None:
        """Discard what nobody can be asking any more."""
        if shift.retired is not None and (self.shelf.exclusive or time.time() - shift.since > GRACE):
            self.shelf.discard(shift.retired)
            self.shelf.shift(replace(shift, retired=None))


def configured(settings: KnowledgeSettings, place: ModelPlace, tenant: str, language: str) -> Space:
    """Where a language's passages belong by what is configured."""
    return Space(tenant, language, place.name if language in settings.model_languages else "")


def standing(stored: Mapping[str, Shift], records: Iterable[Record], target: Space) -> Shift:
    """Who serves a language, also where nothing was said about that yet: then its documents' records tell."""
    known = stored.get(target.language)
    if known is not None:
        return known
    models = {record.model for record in records if record.document.language == target.language}
    if not models:
        return Shift(target)
    return Shift(replace(target, model=target.model if target.model in models else max(models), format=UNNAMED))


def _instead(was: Entry, now: Entry) -> Entry:
    """What was prepared, in the place and revision of the entry that it follows."""
    return replace(now, id=was.id, revision=was.revision, staged_at=time.time())
