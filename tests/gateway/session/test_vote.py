from __future__ import annotations

import asyncio

from gateway.session import turn_taking as turns
from gateway.session.vote import HEARD, Vote
from infra.audio import AudioFrame

RATE = 8000


class Model:
    def __init__(self, answer: float | None = 0.9, takes: float = 0.0) -> None:
        self.answer = answer
        self.takes = takes
        self.heard: list[bytes] = []

    async def finished(self, pcm: bytes, rate: int) -> float | None:
        self.heard.append(pcm)
        await asyncio.sleep(self.takes)
        return self.answer


def voting(model: Model, seconds: float) -> tuple[Vote, list[turns.Event]]:
    told: list[turns.Event] = []
    vote = Vote(model, RATE, told.append)
    for index in range(round(seconds / 0.02)):
        vote.frame(AudioFrame(b"\0\1" * 160, RATE, index * 0.02))
    return vote, told


async def test_the_model_hears_the_last_seconds_up_to_the_silence() -> None:
    model = Model()
    vote, told = voting(model, 20.0)
    vote.ask(19.0, 119.0)
    await asyncio.sleep(0.01)
    assert told == [turns.MelodyJudged(119.0, 0.9)]
    assert HEARD - 1.1 <= len(model.heard[0]) / 2 / RATE <= HEARD


async def test_without_an_answer_there_is_no_vote() -> None:
    vote, told = voting(Model(answer=None), 2.0)
    vote.ask(1.9, 1.9)
    await asyncio.sleep(0.01)
    assert told == []


async def test_only_the_last_silence_is_judged() -> None:
    vote, told = voting(Model(takes=0.01), 2.0)
    vote.ask(1.0, 1.0)
    vote.ask(1.9, 1.9)
    await asyncio.sleep(0.05)
    assert told == [turns.MelodyJudged(1.9, 0.9)]
    vote.ask(2.0, 2.0)
    vote.close()
    await asyncio.sleep(0.05)
    assert len(told) == 1
