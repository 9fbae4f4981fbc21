"""Latency: what one turn by text costs a tenant's caller, alone and with many at once.

Measured from the caller's words to the last reply, knowledge and actions included, through the same conversations that
a gateway serves. The first turns warm up and do not count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from pydantic import Field

from dialog.yaml_source import Shape
from gateway.api.chats import Chats
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.retrieval import search_times
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.tenant_house import tenant_folder, tenant_house

WARM_UP = 3
"""Turns per language that do not count."""


class Options(Shape):
    """A tenant, what its callers say by language, how often the whole is said by one caller, and how many call at
    once."""

    tenant: str
    turns: dict[str, tuple[str, ...]] = Field(min_length=1)
    rounds: int = Field(default=3, ge=1, le=100)
    callers: int = Field(default=20, ge=2, le=500)


async def measure(options: Options, around: Surroundings) -> Findings:
    """Median and 95th percentile: ``one`` caller alone, by language, and all ``at_once``, in milliseconds."""
    folder = tenant_folder(options.tenant, around.suite)
    async with tenant_house(folder, around.work, around.tell) as (house, tenant):
        figures: dict[str, dict[str, Figure]] = {}
        alone: list[float] = []
        for language, said in options.turns.items():
            await conversation(house.chats, tenant, language, said[:WARM_UP])
            turns = [turn for _ in range(options.rounds) for turn in said][: around.limit]
            seconds = await conversation(house.chats, tenant, language, turns)
            figures[language] = search_times(seconds)
            alone += seconds
        figures["one"] = search_times(alone)
        figures["at_once"] = search_times(await _crowd(house.chats, tenant, options))
    return Findings(figures)


async def conversation(chats: Chats, tenant: str, language: str, turns: Sequence[str]) -> list[float]:
    """The seconds that each turn took; a conversation that ended is begun anew."""
    seconds = []
    chat, _ = await chats.begin(tenant, language)
    for said in turns:
        begun = time.perf_counter()
        _, over = await chats.turn(tenant, chat, said)
        seconds.append(time.perf_counter() - begun)
        if over:
            chat, _ = await chats.begin(tenant, language)
    return seconds


async def _crowd(chats: Chats, tenant: str, options: Options) -> list[float]:
    """All callers talk at the same time, without a pause; each begins elsewhere in what is said."""
    languages = list(options.turns)

    async def caller(number: int) -> list[float]:
        language = languages[number % len(languages)]
        said = options.turns[language]
        first = number % len(said)
        return await conversation(chats, tenant, language, [*said[first:], *said[:first]])

    every = await asyncio.gather(*(caller(number) for number in range(options.callers)))
    return [seconds for of_one in every for seconds in of_one]
