"""Releases whose heads see more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialog.releases.release import Release
from dialog.releases.teaching import taught
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening, Understanding
from knowledge.encoding import Encoded


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
