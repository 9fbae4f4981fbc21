"""Whole dialogs, played turn by turn against the example tenant and its real services."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.actions.action import ActionPort
from dialog.manager import DialogueManager
from dialog.releases.release import Release
from dialog.settings import DialogSettings
from gateway.commands.evaluate.rehearsal import StandingClock, complaints, rehearse
from gateway.commands.evaluate.scripts import Script, read_scripts
from tests.dialog.surroundings import SmallSearch
from tests.dialogs.shop import shop

SCRIPTS = read_scripts(Path(__file__).parent / "scripts")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_dialog(release: Release, script: Script) -> None:
    def opened(port: ActionPort) -> DialogueManager:
        return DialogueManager(release, SmallSearch(), port, StandingClock(), DialogSettings(filler_after=8.0))

    with shop() as services:
        assert complaints(await rehearse(script, services.urls, opened)) == ()


def test_there_are_enough_and_as_many_in_each_language() -> None:
    languages = [script.dialog.language for script in SCRIPTS]
    assert len(languages) >= 60
    assert languages.count("ko") == languages.count("en")
