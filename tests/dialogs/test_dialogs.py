"""Whole dialogs, played turn by turn against the example tenant and its real services."""

from __future__ import annotations

import pytest

from dialog.actions.http_actions import HttpActions
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.releases.release import Release, load_release
from dialog.reply import Reply
from dialog.settings import DialogSettings
from tests.dialog.surroundings import TENANT, SmallSearch, StoppedClock, Talk
from tests.dialogs.script import Script, scripts
from tests.dialogs.shop import Shop, shop

SCRIPTS = scripts()


@pytest.fixture(scope="module")
def release() -> Release:
    return load_release(TENANT)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_dialog(release: Release, script: Script) -> None:
    with shop(script.dialog.drills) as services:
        for visit in script.dialog.booked:
            services.visits[visit["phone"]] = {**visit, "status": "booked"}
        actions = HttpActions(services.urls, jitter=lambda: 0.0)
        manager = DialogueManager(release, SmallSearch(), actions, StoppedClock(), DialogSettings(filler_after=8.0))
        journal = MemoryJournal()
        code = script.dialog.language
        conversation = manager.begin(call_id=script.name, language=code, caller=None, journal=journal)
        talk = Talk(manager, conversation, journal, code)
        try:
            await _play(talk, script)
        finally:
            await manager.finish(conversation)
            await actions.close()
        _compare(services, journal, script)


async def _play(talk: Talk, script: Script) -> None:
    for line, turn in zip(script.lines, script.dialog.turns, strict=True):
        replies = await talk.say(turn.caller, digits=turn.keys, silent=turn.silence, confidence=turn.heard)
        said = " ".join(reply.text for reply in replies)
        where = f"{script.name}.yaml:{line}: to {turn.caller or turn.keys or 'silence'!r} it said {said!r}"
        for words in turn.says:
            assert words in said, f"{where}, without {words!r}"
        for words in turn.never:
            assert words not in said, f"{where}, with {words!r}"
        if turn.flow is not None:
            state = talk.conversation.flow
            assert (state.flow if state else "none") == turn.flow, where
        if turn.expects is not None:
            assert replies[-1].expects.value == turn.expects, where
        assert _reason(replies) == turn.hands_over, where


def _reason(replies: list[Reply]) -> str | None:
    return next((reply.escalation.reason.value for reply in replies if reply.escalation is not None), None)


def _compare(services: Shop, journal: MemoryJournal, script: Script) -> None:
    """What the services hold in the end, and which changes the record says were done."""
    for held, wanted in ((services.orders, script.dialog.then.orders), (services.visits, script.dialog.then.visits)):
        for key, values in wanted.items():
            assert {name: held[key].get(name) for name in values} == values
    reads = {"order_status", "visit_status"}
    done = [payload["name"] for kind, payload in journal.events if kind == "action.succeeded"]
    assert tuple(name for name in done if name not in reads) == script.dialog.then.changes


def test_there_are_enough_and_as_many_in_each_language() -> None:
    languages = [script.dialog.language for script in SCRIPTS]
    assert len(languages) >= 30
    assert languages.count("ko") == languages.count("en")
