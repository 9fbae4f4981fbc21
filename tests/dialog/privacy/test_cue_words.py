"""The vocabulary of cues."""

from __future__ import annotations

import re

from dialog.privacy.cue_words import CUES
from dialog.privacy.kinds import PersonalKind


def test_every_kind_of_number_has_words_and_every_pattern_is_one() -> None:
    assert {kind.value for kind in PersonalKind if kind.value in CUES} == {
        "registration",
        "card",
        "account",
        "passport",
        "driving_licence",
        "phone",
    }
    for patterns in CUES.values():
        for pattern in patterns:
            re.compile(pattern)
