from __future__ import annotations

import pytest

from gateway.session.phrases import Phrase, say


@pytest.mark.parametrize("phrase", list(Phrase))
def test_every_phrase_is_said_in_both_languages_and_in_english_to_everybody_else(phrase: Phrase) -> None:
    assert any("가" <= character <= "힣" for character in say(phrase, "ko"))
    assert say(phrase, "en").isascii()
    assert say(phrase, "fi") == say(phrase, "en")
