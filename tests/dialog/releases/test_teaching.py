"""Releases whose heads see more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from dialog.releases.release import Release
from dialog.releases.teaching import TOGETHER, all_taught, taught
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening, Understanding
from knowledge.encoding import Encoded
from knowledge.errors import KnowledgeUnavailable


class Terms:
    """An encoder of words."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        self.asked += texts
        return [Encoded(tuple(text.split()), None) for text in texts]


class Deaf:
    async def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        return Understanding(())


async def test_a_taught_release_is_the_same_and_asks_the_encoder(release: Release) -> None:
    encoder = Terms()
    seeing = await taught(release, encoder)
    assert seeing.id == release.id
    assert {text for of in release.intents.values() for intent in of.values() for text in intent.examples} == set(
        encoder.asked
    )
    await seeing.understander.understand(CallerTurn(1, "where is my parcel", "en"), Listening())
    assert encoder.asked[-1] == "where is my parcel"


async def test_what_has_no_heads_is_left_alone(release: Release) -> None:
    other = replace(release, understander=Deaf())
    assert await taught(other, Terms()) is other


async def test_many_are_taught_side_by_side_but_not_all_at_once(release: Release) -> None:
    class Counting(Terms):
        now = most = 0

        async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            raise KnowledgeUnavailable("no model yet")

    encoder = Counting()
    tenants = {f"tenant-{number}": release for number in range(2 * TOGETHER)}
    assert list(await all_taught(tenants, encoder)) == list(tenants)
    assert encoder.most == TOGETHER
