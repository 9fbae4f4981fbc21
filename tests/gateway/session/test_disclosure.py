"""That a machine speaks is heard before anything else of it, and proven."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

from dialog.reply import Decision, Expectation, Reply
from gateway.session import playback
from gateway.session.control import Owner
from gateway.session.disclosure import Disclosure
from gateway.session.people import Person
from tests.gateway.session.stage import Stage, reply

WORDS = "Hello I am a machine"
KOREAN = "안녕하세요 AI 상담원입니다"
GREETING = replace(
    reply(WORDS, Decision.CONVERSE), disclosure=WORDS, disclosures={"en": WORDS, "ko": KOREAN}, release="r"
)
BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)


def test_what_was_heard_to_the_last_word_is_evidence_of_exactly_that_wording() -> None:
    disclosure = Disclosure("2026-11")
    disclosure.decided(1, GREETING)
    assert disclosure.owed("en") is None
    evidence = disclosure.over(1, f"{WORDS} How can I help you?", confirmed=True)
    assert evidence == {
        "text": WORDS,
        "version": "2026-11",
        "sha256": hashlib.sha256(WORDS.encode()).hexdigest(),
        "language": "en",
        "reply": 1,
        "confirmed": True,
    }
    assert disclosure.heard


def test_what_was_cut_off_is_owed_and_said_alone_until_it_was_heard() -> None:
    disclosure = Disclosure()
    disclosure.decided(1, GREETING)
    assert disclosure.over(1, "Hello I am", confirmed=True) is None
    owed = disclosure.owed("en")
    assert owed is not None
    assert owed.text == WORDS
    disclosure.decided(2, owed)
    assert disclosure.owed("en") is None, "it is on its way"
    assert disclosure.over(3, "Two days", confirmed=True) is None
    assert disclosure.over(2, WORDS, confirmed=False) is not None
    assert disclosure.owed("en") is None


def test_it_counts_once() -> None:
    disclosure = Disclosure()
    disclosure.decided(1, GREETING)
    disclosure.over(1, WORDS, confirmed=True)
    disclosure.decided(2, GREETING)
    assert disclosure.over(2, WORDS, confirmed=True) is None


def test_whoever_changes_the_language_hears_it_once_in_that_one_too() -> None:
    disclosure = Disclosure()
    disclosure.decided(1, GREETING)
    assert disclosure.over(1, WORDS, confirmed=True) is not None
    assert disclosure.owed("en") is None
    owed = disclosure.owed("ko")
    assert owed is not None
    assert (owed.text, owed.language, owed.disclosure, owed.release) == (KOREAN, "ko", KOREAN, "r")
    disclosure.decided(2, owed)
    assert disclosure.owed("ko") is None, "it is on its way"
    evidence = disclosure.over(2, KOREAN, confirmed=True)
    assert evidence is not None
    assert (evidence["language"], evidence["text"], evidence["reply"]) == ("ko", KOREAN, 2)
    assert (disclosure.owed("ko"), disclosure.owed("en")) == (None, None)


def test_a_language_without_a_wording_hears_the_first_one_if_anything() -> None:
    disclosure = Disclosure()
    disclosure.decided(1, GREETING)
    disclosure.over(1, "Hello", confirmed=True)
    owed = disclosure.owed("ja")
    assert owed is not None
    assert owed.text == WORDS
    disclosure.decided(2, owed)
    disclosure.over(2, WORDS, confirmed=True)
    assert disclosure.owed("ja") is None


def test_what_discloses_nothing_owes_nothing() -> None:
    disclosure = Disclosure()
    disclosure.decided(1, reply("Two days"))
    assert disclosure.over(1, "Two days", confirmed=True) is None
    assert disclosure.owed("en") is None
    assert not disclosure.heard


def test_in_a_call_the_evidence_stands_before_the_first_answer() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)

    more = {"disclosure": {"version": "v7"}}
    stage = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]], more=more).play(script)
    [heard] = stage.of("disclosure.heard")
    assert (heard["text"], heard["version"], heard["confirmed"]) == (WORDS, "v7", True)
    assert stage.kinds.index("disclosure.heard") < stage.kinds.index("caller.turn")


def test_speaking_and_pressing_keys_over_it_change_nothing_even_where_a_question_follows() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(0.3)
        stage.press("5")
        await stage.speak(1.2)
        await stage.until_quiet(3.0)
        stage.hang_up()

    stage = Stage(heard=["wait stop", "no"], answers=[[reply("Two days")]] * 2, consent="ask").play(script)
    assert [heard["text"] for heard in stage.of("disclosure.heard")] == [WORDS]
    assert stage.of("reply.heard")[0]["complete"]


def test_what_a_person_cut_off_is_said_before_the_bot_says_anything_else() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(0.4)
        stage.session.room.take(Person("kim", "Kim", Owner.AGENT))
        await asyncio.sleep(2.0)
        stage.session.room.give_back("")
        await asyncio.sleep(5.0)
        stage.hang_up()

    stage = Stage().play(script)
    assert not stage.of("reply.heard")[0]["complete"]
    assert [heard["text"] for heard in stage.of("reply.heard")][1:] == [WORDS, "Back with you"]
    assert [heard["reply"] for heard in stage.of("disclosure.heard")] == [2]


def test_what_made_no_sound_was_not_heard() -> None:
    machine = playback.Playback(8000)
    machine.handle(playback.ReplyBegun(1, (WORDS,)), 0.0)
    over = machine.handle(playback.SentenceReady(1, 0), 0.1)  # nobody could speak it
    [ended] = [command for command in over if isinstance(command, playback.ReplyOver)]
    assert ended.heard == ""
    disclosure = Disclosure()
    disclosure.decided(1, GREETING)
    assert disclosure.over(1, ended.heard, confirmed=ended.drained) is None
    assert isinstance(disclosure.owed("en"), Reply)
