"""Whether a call is recorded, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.session.desk_stage import BYE
from tests.gateway.session.stage import Stage, handover


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
