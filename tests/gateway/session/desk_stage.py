"""Calls that people come into: who they are, how they sit down, and a caller who asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dialog.reply import Decision, Expectation
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.people import Departure, Person
from gateway.session.waiting import music
from tests.gateway.session.stage import RATE, FarEnd, Stage, handover, reply

KIM = Person("kim", "Kim", Owner.AGENT)
LEE = Person("lee", "Lee", Owner.SUPERVISOR)
BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)
TUNE = {music(RATE)[at : at + 320] for at in range(0, len(music(RATE)), 320)}


def now() -> float:
    return asyncio.get_running_loop().time()


def heard_at(leg: FarEnd, sound: bytes) -> list[float]:
    """When a leg was sent a whole frame of that sound."""
    return [at for at, pcm in leg.sent if pcm == sound]


async def seat(stage: Stage, person: Person, mode: Mode) -> tuple[FarEnd, asyncio.Task[Departure]]:
    leg = FarEnd()
    task = asyncio.create_task(stage.session.room.enter(leg, person, mode))
    await asyncio.sleep(0.1)
    return leg, task


def handed_over(script: Callable[[Stage], Awaitable[None]], *, said: str = "", consent: str = "never") -> Stage:
    """A caller who asks for a person, and what happens once they wait."""

    async def play(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        while not any(
            event == "handoff.queued" for event in [e.kind for e in await stage.ledger.events("shop", "call-1")]
        ):
            await asyncio.sleep(0.1)
        await script(stage)

    heard: list[str | Exception] = ["a person please", *([said] if said else [])]
    return Stage(heard=heard, answers=[[handover()], [BYE]], consent=consent).play(play)
