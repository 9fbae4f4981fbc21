"""Whatever keeps an action from being done is told in both languages."""

from __future__ import annotations

import pytest

from dialog.actions.action import FailureKind
from dialog.actions.request_words import failure, refusal
from dialog.actions.rules import Refusal


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_words_in_both_languages(kind: FailureKind) -> None:
    assert failure(kind, "ko") and failure(kind, "en")
    assert failure(kind, "ko") != failure(kind, "en")


@pytest.mark.parametrize("why", [*Refusal, None])
def test_every_refusal_has_words_in_both_languages(why: Refusal | None) -> None:
    korean, english = (refusal(why, code, needed="code", given="none") for code in ("ko", "en"))
    assert korean and english and korean != english


@pytest.mark.parametrize("language", ["ko", "en"])
def test_who_is_not_known_well_enough_is_told_what_is_needed(language: str) -> None:
    words = refusal(Refusal.IDENTITY, language, needed="code", given="claimed")
    assert "code" in words and "claimed" in words
