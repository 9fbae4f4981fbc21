"""Whether a call is recorded, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dialog.reply import Entry
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.secrecy import LINGERS
from gateway.telephony.leg import DtmfReceived
from infra.audio import AudioFrame
from tests.gateway.session.desk_stage import BYE, KIM, handed_over, now, seat
from tests.gateway.session.stage import Stage, handover, reply


@pytest.mark.parametrize(
    ("consent", "words", "event", "recorded"),
    [
        ("never", None, None, False),
        ("notice", None, "consent.assumed", True),
        ("ask", "yes please do", "consent.given", True),
        ("ask", "no", "consent.declined", False),
    ],
)
def test_nothing_is_recorded_without_the_consent_that_the_tenant_asks_for(
    consent: str, words: str | None, event: str | None, recorded: bool
) -> None:
    async def script(stage: Stage) -> None:
        if words is not None:
            await stage.until_quiet()
            await stage.speak(1.2)
        await stage.until_quiet(1.0)
        await stage.speak(1.2)

    heard: list[str | Exception] = [text for text in (words, "that is all thanks") if text is not None]
    stage = Stage(heard=heard, answers=[[BYE]], consent=consent).play(script)
    asked = ["consent.asked"] if consent == "ask" else []
    told = [one.kind for one in stage.events if one.payload.get("purpose") == "recording"]
    assert told == [*asked, *([event] if event else [])]
    assert bool(stage.recorder.said) is recorded
    assert bool(stage.recorder.heard) is recorded
    assert ("recording.stored" in stage.kinds) is recorded


@pytest.mark.parametrize(
    ("words", "keys"), [("no I want to talk to an agent", ""), ("yes an agent please", ""), ("", "0")], ids=str
)
def test_who_asks_for_a_person_instead_of_answering_is_not_asked_what_they_want(words: str, keys: str) -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        if words:
            await stage.speak(1.2)
        stage.press(keys)
        await asyncio.sleep(6.0)
        stage.hang_up()

    stage = Stage(heard=[words] if words else [], answers=[[handover()]], consent="ask").play(script)
    assert [(turn.text, turn.digits) for turn in stage.mind.turns] == [(words, keys)]
    assert "handoff.queued" in stage.kinds


# --- What is not to be in it ------------------------------------------------------------------------------------------

PIN = replace(reply("What is your four digit code?"), entry=Entry(4, secret=True))


def loud(frames: Sequence[AudioFrame], start: float, end: float) -> bool:
    return any(any(frame.pcm) for frame in frames if start <= frame.at < end)


async def answered(stage: Stage, turn: int, quiet: float = 0.5) -> None:
    """Until our answer to the caller's turn of that number has been said."""
    while len(stage.mind.turns) < turn:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    await stage.until_quiet(quiet)


def test_what_the_caller_confides_is_silent_afterwards() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.6)
        await stage.until_quiet(1.0)
        await stage.speak(1.2)

    heard: list[str | Exception] = ["my card is 4111 1111 1111 1111 please", "that is all thanks"]
    stage = Stage(heard=heard, answers=[[reply("Thank you")], [BYE]], consent="notice").play(script)
    (card,) = stage.of("recording.silenced")
    ((start, end),) = stage.recorder.silenced
    assert card == {
        "at": round(start, 3),
        "seconds": round(end - start, 3),
        "why": "personal",
        "channel": "caller",
    }
    since = stage.of("transcript.final")[0]["words"][0]["start"]
    assert start <= since + 0.3, "the first digits are its fourth word, a tenth of a second each"
    assert end >= since + 0.7
    assert stage.recorder.said[0].at < start


def test_what_an_agent_repeats_aloud_is_silent_on_our_side() -> None:
    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        leg.loud_until = now() + 1.2
        await asyncio.sleep(4.0)
        stage.hang_up()

    stage = handed_over(script, said="so that is 4111 1111 1111 1111 right", consent="notice")
    (turn,) = stage.of("agent.turn")
    assert turn["text"] == "so that is [card] right"
    ((start, end),) = stage.recorder.ours_silenced
    assert stage.recorder.silenced == []
    (told,) = stage.of("recording.silenced")
    assert (told["why"], told["channel"]) == ("personal", "ours")
    card = turn["words"][3:7]
    assert start <= card[0]["start"]
    assert end >= card[-1]["end"] + 0.2, "what is said at a desk is heard a little later"
    assert start > turn["words"][0]["start"], "what was said before it is there"


def test_what_the_bot_reads_back_is_not_recorded() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.6)
        await answered(stage, 1, 1.0)
        await stage.speak(0.6)

    heard: list[str | Exception] = ["my number is 010 2345 6789 please", "yes"]
    asked = reply("Is 010 2345 6789 right?")
    stage = Stage(heard=heard, answers=[[asked], [BYE]], consent="notice").play(script)
    assert asked.text not in [told["text"] for told in stage.of("reply.heard")]
    assert "Is [phone] right?" in [told["text"] for told in stage.of("reply.heard")]
    (told,) = (one for one in stage.of("recording.silenced") if one["channel"] == "ours")
    assert told["why"] == "personal"
    start, end = told["at"], told["at"] + told["seconds"]
    assert not loud(stage.recorder.heard, start + 0.02, end - 0.02)
    assert loud(stage.recorder.heard, start - 0.3, start), "what is said before it"
    assert loud(stage.recorder.heard, end, end + 0.3), "and after it is there"
    assert told["seconds"] > 1.0, "a second is what the number takes at least"


def test_nothing_is_silenced_in_a_recording_that_there_is_not() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.6)

    stage = Stage(heard=["my card is 4111 1111 1111 1111"], answers=[[BYE]]).play(script)
    assert stage.of("recording.silenced") == stage.recorder.silenced == []


def test_while_a_secret_is_asked_for_nothing_of_the_caller_is_recorded() -> None:
    times: dict[str, float] = {}

    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        await answered(stage, 1)
        times["asked"] = stage.recorder.said[-1].until
        await stage.speak(1.0)
        times["said"] = stage.recorder.said[-1].until
        await answered(stage, 2, LINGERS)
        times["after"] = stage.recorder.said[-1].until
        await stage.speak(1.2)

    heard: list[str | Exception] = ["what is my balance", "one two three four", "that is all thanks"]
    answers = [[PIN], [reply("Your balance is nine")], [BYE]]
    stage = Stage(heard=heard, answers=answers, consent="notice").play(script)  # type: ignore[arg-type]
    said = stage.recorder.said
    assert loud(said, 0.0, times["asked"]), "what was said before is there"
    assert not loud(said, times["asked"], times["said"])
    assert loud(said, times["after"], said[-1].until), "what was said after it is there"
    assert stage.mind.turns[1].text == "one two three four", "it was understood all the same"
    (secret,) = stage.of("recording.silenced")
    assert secret["why"] == "secret"
    assert secret["at"] <= times["asked"]
    assert secret["at"] + secret["seconds"] >= times["said"]


def test_keys_that_were_pressed_before_the_secret_was_asked_for_are_silent_too() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        while not stage.mind.turns:
            await asyncio.sleep(0.02)
        stage.leg.tell(DtmfReceived("1", stage.recorder.said[-1].until))
        await stage.until_quiet(1.0)
        stage.press("234")
        await stage.until_quiet(2.0)
        await stage.speak(1.2)

    answers = [[PIN], [reply("Thank you")], [BYE]]
    heard: list[str | Exception] = ["what is my balance", "that is all thanks"]
    stage = Stage(heard=heard, answers=answers, consent="notice").play(script)  # type: ignore[arg-type]
    early, secret = stage.of("recording.silenced")
    assert (early["why"], secret["why"]) == ("secret", "secret")
    assert stage.mind.turns[1].digits == "1234"
    assert early["at"] + early["seconds"] == pytest.approx(secret["at"], abs=0.002)


def test_a_person_who_took_the_call_hears_and_keeps_what_the_bot_had_asked_for() -> None:
    """The bot's question stands until it asks another; who has the call hears its caller all the same."""

    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        await answered(stage, 1)
        stage.session.room.minutes.control.pass_to(Owner.SUPERVISOR, "lee")
        await asyncio.sleep(LINGERS + 0.1)
        stage.recorder.said.clear()
        await stage.speak(1.0)
        stage.hang_up()

    heard: list[str | Exception] = ["what is my balance", "hello"]
    stage = Stage(heard=heard, answers=[[PIN]], consent="notice").play(script)
    assert loud(stage.recorder.said, 0.0, 1e9)
