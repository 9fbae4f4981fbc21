from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from dialog.actions.action import Journal
from dialog.memory.memory import Preferences
from dialog.reply import Manner, Reply
from dialog.turn import CallerTurn
from gateway.session import playback
from gateway.session import turn_taking as turns
from gateway.session.memory_log import MemoryContactLog
from gateway.session.minutes import Minutes
from gateway.session.phrases import Phrase, say
from gateway.session.talk import DWELL, MOST_WAITING, Talk
from tests.gateway.session.stage import RATE, Stage, reply
from tests.virtual_time import run


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
        self.minutes = Minutes(self.log, lambda error: None)
        self.talk = Talk(
            _services(stage),
            self.minutes,
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

    def hears(self) -> None:
        """The caller hears to the end all that was begun."""
        for number, spoken in list(self.minutes.replies.items()):
            self.minutes.over(playback.ReplyOver(number, spoken.reply.text, True, True))

    async def work(self) -> None:
        """Until everything asked is answered."""
        task = asyncio.create_task(self.talk.run())
        async with asyncio.timeout(5):
            while not self.talk.idle:
                await asyncio.sleep(0.01)
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
    assert bench.mind.interruptions == 1, "nothing more of it is worded either"


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


def test_a_caller_hears_that_we_are_at_it_only_when_the_answer_really_takes_its_time() -> None:
    async def main() -> None:
        async def slowly(turn: CallerTurn, journal: Journal) -> list[Reply]:
            await asyncio.sleep(DWELL * 2)
            return [reply("two")]

        bench = await Bench().begin([[reply("one")], slowly])
        bench.talk.ask(turn("a"))
        await bench.work()
        bench.talk.ask(turn("b"))
        await bench.work()
        begun = [event.sentences for event in bench.told if isinstance(event, playback.ReplyBegun)]
        assert begun == [("one",), (say(Phrase.ONE_MOMENT, "en"),), ("two",)]

    run(main())


def test_nobody_is_told_to_wait_who_has_interrupted() -> None:
    async def main() -> None:
        async def slowly(turn: CallerTurn, journal: Journal) -> list[Reply]:
            await asyncio.sleep(DWELL * 2)
            return [reply("two")]

        bench = await Bench().begin([slowly])
        bench.talk.ask(turn("a"))
        bench.talk.interrupt()
        await bench.work()
        begun = [event.sentences for event in bench.told if isinstance(event, playback.ReplyBegun)]
        assert begun == [("two",)]
        assert not [event for event in bench.told if isinstance(event, turns.BotBegan)]

    run(main())


async def test_of_what_is_foreseen_only_the_last_is_prepared_and_nothing_is_said() -> None:
    bench = await Bench().begin([])
    bench.talk.rest()
    bench.talk.foresee("how long")
    bench.talk.foresee("how long does delivery take")
    await asyncio.sleep(0.01)
    assert bench.mind.foreseen == ["how long does delivery take"]
    assert bench.told == []


async def test_the_conversation_goes_on_in_the_language_that_the_caller_changes_to() -> None:
    bench = await Bench().begin([[reply("one")], [reply("two")]])
    bench.talk.ask(replace(turn("배송 조회요"), language="ko"))
    bench.talk.ask(replace(turn("ja"), language="ja"))
    await bench.work()
    assert [t.language for t in bench.mind.turns] == ["ko", "ko"]
    assert bench.talk.language == "ko"


async def test_that_a_machine_speaks_is_said_before_the_first_answer_in_a_new_language() -> None:
    """And before no other. What the caller heard comes back from playback, which the bench plays."""
    korean = [[replace(reply(text), language="ko")] for text in ("이틀", "사흘")]
    bench = await Bench().begin([[reply("one")], *korean, [reply("two")]])
    words = {"en": "I am a machine", "ko": "저는 AI입니다"}
    greeting = replace(reply(words["en"]), disclosure=words["en"], disclosures=words)
    await bench.talk.say(greeting)
    bench.hears()
    for text, language in (("a", "en"), ("나", "ko"), ("다", "ko"), ("b", "en")):
        bench.talk.ask(replace(turn(text), language=language))
        await bench.work()
        bench.hears()
    begun = [event.sentences[0] for event in bench.told if isinstance(event, playback.ReplyBegun)]
    assert begun == [words["en"], "one", words["ko"], "이틀", "사흘", "two"]
    (repeated,) = [one for one in bench.told if isinstance(one, turns.BotBegan) and one.saying == words["ko"]]
    assert not repeated.interruptible
    await bench.log.acknowledged()
    heard = [event.payload for event in await bench.ledger.events("shop", "c") if event.kind == "disclosure.heard"]
    assert [one["language"] for one in heard] == ["en", "ko"]


async def test_slower_and_louder_last_for_the_rest_of_the_call() -> None:
    bench = await Bench().begin([[reply("one")], [replace(reply("one"), manner=Manner.LOUDER)], [reply("one")]])
    for text in "abc":
        bench.talk.ask(turn(text))
    await bench.work()
    loudness = [max(event.pcm) for event in bench.told if isinstance(event, playback.SpeechReady) and event.pcm]
    assert loudness[0] < loudness[1] == loudness[2]


async def test_an_answer_waits_for_what_is_being_prepared_for_just_these_words() -> None:
    bench = await Bench().begin([[reply("one")], [reply("two")]])
    order: list[str] = []

    async def prepare(conversation: Any, turn: CallerTurn) -> None:
        await asyncio.sleep(0.02)
        order.append(f"prepared {turn.text}")

    bench.mind.foresee = prepare  # type: ignore[method-assign]
    bench.talk.rest()
    bench.talk.foresee("a")
    bench.talk.ask(turn("a"))
    await bench.work()
    order.append("answered a")
    bench.talk.foresee("b")
    bench.talk.ask(turn("something else"))
    await bench.work()
    order.append("answered something else")
    await asyncio.sleep(0.05)
    assert order == ["prepared a", "answered a", "answered something else"]


async def test_who_is_known_is_spoken_to_in_their_language_and_at_their_pace() -> None:
    bench = await Bench().begin([])
    bench.mind.liked = Preferences("ko", slower=1, louder=1)
    await bench.talk.recall()
    assert bench.talk.language == "ko"
    await bench.log.acknowledged()
    events = [event for event in await bench.ledger.events("shop", "c") if event.kind == "language.changed"]
    assert [event.payload for event in events] == [{"before": "en", "after": "ko", "why": "remembered"}]


async def test_a_language_that_is_not_spoken_here_any_more_changes_nothing() -> None:
    bench = await Bench().begin([])
    bench.mind.liked = Preferences("fr", slower=1)
    await bench.talk.recall()
    assert bench.talk.language == "en"
    bench.mind.liked = None
    await bench.talk.recall()
    assert bench.talk.language == "en"
