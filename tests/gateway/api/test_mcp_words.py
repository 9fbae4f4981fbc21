"""Whatever can go wrong is told in both languages, and says nothing of others."""

from __future__ import annotations

from string import Formatter

import pytest

from dialog.actions.rules import Refusal
from gateway.api import mcp_words

TEXTS = {name: value for name, value in vars(mcp_words).items() if name.isupper() and isinstance(value, dict)}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("why", [*Refusal, None])
def test_every_refusal_has_words(why: Refusal | None, language: str) -> None:
    assert mcp_words.refusal(why, language, needed="code", given="none")


def test_who_is_not_known_well_enough_is_told_what_is_needed() -> None:
    for language in ("ko", "en"):
        words = mcp_words.refusal(Refusal.IDENTITY, language, needed="code", given="claimed")
        assert "code" in words and "claimed" in words


def test_both_languages_say_the_same_things() -> None:
    flat = {name: text for name, text in TEXTS.items() if set(text) == {"ko", "en"}}
    assert len(flat) > 10
    for name, text in flat.items():
        filled = [{place for _, place, _, _ in Formatter().parse(words) if place} for words in text.values()]
        assert filled[0] == filled[1], name


def test_clients_are_told_how_to_work_with_proposals() -> None:
    for language in ("ko", "en"):
        words = mcp_words.proposal_instructions(language)
        assert all(name in words for name in ("read_back", "confirm", "withdraw", "unknown"))
