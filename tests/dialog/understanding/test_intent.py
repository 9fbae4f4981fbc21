"""Intents as data."""

from __future__ import annotations

from dialog.releases.release import Release
from dialog.reply import Expectation
from dialog.understanding.intent import Does, Intent


def test_an_intent_expects_speech_unless_it_says_otherwise() -> None:
    assert Intent("a", Does.SMALL_TALK, ("x",)).expects is Expectation.SPEAKING


def test_the_example_tenant_waits_for_who_asks_for_a_moment(release: Release) -> None:
    for code in ("ko", "en"):
        assert release.intents[code]["one_moment"].expects is Expectation.THINKING


def test_only_intents_that_start_one_name_a_flow(release: Release) -> None:
    for of_language in release.intents.values():
        for intent in of_language.values():
            assert (intent.flow is not None) == (intent.does is Does.START_FLOW)
