"""Words that take back what was said."""

from __future__ import annotations

import re

import pytest

from dialog.privacy.corrections import BRIEF, TAKES_BACK


@pytest.mark.parametrize("text", ["no wait", "아니", "아 맞다", "sorry", "그건 옛날 거고", "scratch that"])
def test_a_remark_takes_back(text: str) -> None:
    assert TAKES_BACK.search(text) is not None


def test_some_words_do_so_alone() -> None:
    assert re.fullmatch(BRIEF, "아니요") is not None
    assert re.fullmatch(BRIEF, "i mean") is not None
    assert re.fullmatch(BRIEF, "옛날") is None
