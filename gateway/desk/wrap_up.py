"""After the call: what is known is filled in, the agent files the case, and what they changed is kept.

What was filled in is made of the call's record, so it is there whichever node the agent asks. What an agent was shown
is remembered until they file it; after a restart it is made again, of the same record.

Refuses: ending the work item (the floor does), and dispositions that the tenant does not have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from dialog.assist.guide import Guide
from dialog.assist.live_summary import Story
from dialog.assist.wrap_up import LONGEST_NOTE, LONGEST_SUMMARY, Difference, WrapUp, difference, prefilled
from dialog.releases.release import Release
from gateway.session.ledger import Ledger
from gateway.session.records import EventKind
from infra.errors import AiccError

MOST_OPEN = 1_000
"""Cases of a tenant that were shown and are not filed yet; of more, the oldest is made anew when it is filed."""
PAGE = 500
"""Events that are read from the record at once."""


class WrapUpRefused(AiccError):
    """The case cannot be filed like this; the message says what to change."""

    code = "desk_wrap_up_refused"


class Filing(Protocol):
    """Where a filed case is written."""

    async def __call__(self, kind: EventKind, payload: Mapping[str, object]) -> None:
        """Write a contact event into the log of the case's call, durably, although the call may be over. Raises an
        ``AiccError`` when that is not possible: then nothing is filed."""


class WrapUps:
    """The cases of one tenant's agents. ``story`` tells what a call came to, by its id."""

    def __init__(self, release: Callable[[], Release], guide: Guide, story: Callable[[str], Awaitable[Story]]) -> None:
        self._release = release
        self._guide = guide
        self._story = story
        self._shown: dict[str, WrapUp] = {}

    def dispositions(self, language: str) -> list[dict[str, str]]:
        """The ways in which a case can end: id, name in the agent's language."""
        return [
            {"id": one.id, "name": one.name.get(language, next(iter(one.name.values())))}
            for one in self._guide.dispositions
        ]

    async def prefilled(self, item: str, call: str) -> dict[str, object]:
        """What an agent begins with: summary, disposition (None: nothing speaks for any), note. Raises the errors of
        whoever tells the story."""
        case = await self._made(call)
        if len(self._shown) >= MOST_OPEN and item not in self._shown:
            del self._shown[next(iter(self._shown))]
        self._shown[item] = case
        return asdict(case)

    async def file(self, item: str, call: str, agent: str, filed: WrapUp, seconds: float, write: Filing) -> Difference:
        """File a case, ``seconds`` after the call was over; what the agent changed is written along with it.

        Raises ``WrapUpRefused``, and what ``write`` raises: then the case is still open.
        """
        self._check(filed)
        before = self._shown.get(item) or await self._made(call)
        changed = difference(before, filed)
        await write(
            EventKind.WRAP_UP_DONE,
            {
                "agent": agent,
                "disposition": filed.disposition,
                "note": filed.note,
                "seconds": round(seconds, 1),
                "summary": filed.summary,
                "prefilled": {"summary": before.summary, "disposition": before.disposition},
                "kept": changed.kept,
                "changes": [asdict(change) for change in changed.changes],
                "unedited": changed.unedited,
            },
        )
        self._shown.pop(item, None)
        return changed

    async def _made(self, call: str) -> WrapUp:
        story = await self._story(call)
        return prefilled(story, self._release().texts(story.language), self._guide.dispositions)

    def _check(self, filed: WrapUp) -> None:
        known = [one.id for one in self._guide.dispositions]
        if filed.disposition not in known:
            raise WrapUpRefused(f"/disposition: is none of {', '.join(known)}")
        if len(filed.summary) > LONGEST_SUMMARY or len(filed.note) > LONGEST_NOTE:
            raise WrapUpRefused(f"/summary and /note: at most {LONGEST_SUMMARY} and {LONGEST_NOTE} characters")


async def story_of(ledger: Ledger, tenant: str, call: str, language: str) -> Story:
    """What a call came to, by its record alone. Raises the ledger's errors."""
    story, after = Story(language), 0
    while page := await ledger.events(tenant, call, after_seq=after, limit=PAGE):
        for event in page:
            story = story.after(event.kind, event.payload)
        after = page[-1].seq
    return story
