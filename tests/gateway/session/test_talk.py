from __future__ import annotations

import asyncio
from typing import Any

from gateway.session import playback
from gateway.session import turn_taking as turns
from gateway.session.memory_log import MemoryContactLog
from gateway.session.minutes import Minutes
from gateway.session.talk import MOST_WAITING, Talk
from tests.gateway.session.stage import RATE, Stage, reply


def turn(text: str) -> turns.TurnEnded:
    return turns.TurnEnded(text, (), 0.9, "", False, 0.0)


class Bench:
    """A talk with its neighbours on the bench: it collects what it posts."""

    async def begin(self, answers: list[Any]) -> Bench:
        self.ledger = MemoryContactLog()
        await self.ledger.start()
        self.log = self.ledger.open_call(tenant="shop", call_id="c", line="l", language="en")
        self.told: list[Any] = []
        self.rests = 0
        stage = Stage(answers=answers)
        self.mind = stage.mind
        self.talk = Talk(
            _services(stage),
            Minutes(self.log, lambda error: None),
            conversation=None,
            language="en",
            rate=RATE,
            tell=self.told.append,
            rested=self._rest,
            clock=asyncio.get_running_loop().time,
        )
        return self

    def _rest(self) -> None:
        self.rests += 1

    async def work(self) -> None:
        """Until everything asked is answered."""
        task = asyncio.create_task(self.talk.run())
        async with asyncio.timeout(5):
            while not self.talk.idle:
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _services(stage: Stage) -> Any:
    from types import SimpleNamespace

    from tests.gateway.session.stage import Mouth

    return SimpleNamespace(dialogue=stage.mind, synthesizer=Mouth(), tenant=stage.tenant)


async def test_turns_are_answered_one_after_the_other() -> None:
    bench = await Bench().begin([[reply("one")], [reply("two")]])
    bench.talk.ask(turn("a"))
    bench.talk.ask(turn("b"))
    await bench.work()
    begun = [event.sentences for event in bench.told if isinstance(event, playback.ReplyBegun)]
    assert begun == [("one",), ("two",)]
    assert [t.number for t in bench.mind.turns] == [1, 2]


async def test_what_was_asked_before_an_interruption_is_worked_to_its_end_but_not_spoken() -> None:
    bench = await Bench().begin([[reply("one")]])
    bench.talk.ask(turn("a"))
    bench.talk.interrupt()
    await bench.work()
    assert len(bench.mind.turns) == 1
    assert not [event for event in bench.told if isinstance(event, turns.BotBegan | playback.SpeechReady)]
    assert [event for event in bench.told if isinstance(event, playback.Discard)]


async def test_more_turns_than_can_wait_are_dropped_and_noted() -> None:
    bench = await Bench().begin([])
    for number in range(MOST_WAITING + 3):
        bench.talk.ask(turn(str(number)))
    await bench.log.acknowledged()
    dropped = [e for e in await bench.ledger.events("shop", "c", limit=1000) if e.kind == "component.failed"]
    assert len(dropped) == 3


async def test_when_stopped_it_answers_nothing_and_gives_the_floor_back() -> None:
    bench = await Bench().begin([[reply("one")]])
    bench.talk.ask(turn("a"))
    bench.talk.stop()
    bench.talk.ask(turn("b"))
    assert bench.rests == 1
    assert bench.mind.turns == []
