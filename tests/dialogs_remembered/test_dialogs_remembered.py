"""Stories of several contacts, a day apart, played with one memory against the example tenant and its real services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import Field

from dialog.actions.action import ActionPort, Via
from dialog.actions.ports import ActionPorts
from dialog.manager import DialogueManager
from dialog.memory.flows import MemoryActions, with_memory
from dialog.memory.memory import Remembered
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.memory.store import VolatileMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import Person, TenantMemory
from dialog.releases.release import Release
from dialog.settings import DialogSettings
from dialog.yaml_source import Shape, read_yaml
from gateway.commands.evaluate.rehearsal import StandingClock, complaints, rehearse
from gateway.commands.evaluate.scripts import Dialog, Script
from tests.dialog.surroundings import SmallSearch
from tests.dialogs.shop import shop

STORIES = sorted((Path(__file__).parent / "stories").rglob("*.yaml"))
CLOCK = StandingClock()


class Rest(Shape):
    """What there is of somebody in the end; nothing of it: they are not known."""

    agreed: bool | None = None
    language: str | None = None
    slower: int = 0
    contacts: int = 0
    erasures: int = 0


class Remains(Shape):
    number: Rest | None = None
    customer: Rest | None = None


class Story(Shape):
    about: str
    consent: Consent = Consent.ASK
    customer: str = ""
    contacts: tuple[Dialog, ...] = Field(min_length=1)
    remembered: Remains


@dataclass(frozen=True)
class House:
    """A release whose tenant remembers as it is told, with an empty memory."""

    release: Release
    memory: TenantMemory

    def opened(self, port: ActionPort, *, after: int) -> DialogueManager:
        """The dialog, so many days after the first contact."""
        clock = StandingClock(CLOCK.day + timedelta(days=after))
        ours = MemoryActions(self.memory, self.release, now=lambda: clock.now("UTC"))
        ports = ActionPorts({**dict.fromkeys(Via, port), Via.MEMORY: ours})
        settings = DialogSettings(filler_after=8.0)
        return DialogueManager(self.release, SmallSearch(), ports, clock, settings, memory=self.memory)


@pytest.fixture
def house(release: Release) -> Callable[[Consent], House]:
    def build(consent: Consent) -> House:
        policy = MemoryPolicy(consent, timedelta(days=90))
        remembering = with_memory(replace(release, policy=replace(release.policy, memory=policy)))
        memory = TenantMemory(VolatileMemory(), Subjects(b"k" * 32, release.tenant.id), policy)
        return House(remembering, memory)

    return build


@pytest.mark.parametrize("path", STORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_story(house: Callable[[Consent], House], path: Path) -> None:
    file = read_yaml(path)
    story = file.shaped(Story)
    played = house(story.consent)
    for index, contact in enumerate(story.contacts):
        lines = tuple(file.line(("contacts", index, "turns", turn)) for turn in range(len(contact.turns)))
        script = Script(f"{path.stem}-{index + 1}", contact, lines)
        with shop() as services:
            assert complaints(await rehearse(script, services.urls, partial(played.opened, after=index))) == ()
    number = story.contacts[-1].number or ""
    for expected, person in (
        (story.remembered.number, Person("", number)),
        (story.remembered.customer, Person(story.customer)),
    ):
        if expected is not None:
            [subject] = person.subjects(played.memory)
            found = await played.memory.store.recall(subject, CLOCK.now("UTC") - timedelta(days=90))
            assert rest_of(found) == expected


def rest_of(found: Remembered) -> Rest:
    liked = found.preferences
    return Rest(
        agreed=None if found.agreement is None else found.agreement.agreed,
        language=None if liked is None else liked.language,
        slower=0 if liked is None else liked.slower,
        contacts=len(found.contacts),
        erasures=len(found.erasures),
    )


def test_there_are_as_many_in_each_language() -> None:
    told = [path.parent.name for path in STORIES]
    assert told.count("ko") == told.count("en") >= 6
