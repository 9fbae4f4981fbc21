"""Whether a call is recorded, in virtual time."""

from __future__ import annotations

import pytest

from tests.gateway.session.desk_stage import BYE
from tests.gateway.session.stage import Stage


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
    assert [kind for kind in stage.kinds if kind.startswith("consent.")] == ([event] if event else [])
    assert bool(stage.recorder.said) is recorded
    assert bool(stage.recorder.heard) is recorded
    assert ("recording.stored" in stage.kinds) is recorded
