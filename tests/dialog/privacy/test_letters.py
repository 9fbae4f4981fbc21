"""Letters as they are said, and codes made of them."""

from __future__ import annotations

import pytest

from dialog.privacy.letters import CODE, significant


@pytest.mark.parametrize(
    ("text", "code", "length"),
    [
        ("it is M12345678.", "M12345678", 9),
        ("m 1 2 3 4 b 5 6 7 8", "m 1 2 3 4 b 5 6 7 8", 10),
        ("c as in charlie 4 1 7", "c as in charlie 4 1 7", 4),
        ("번호 엠 234 에이 5678이요", "엠 234 에이 5678", 9),
        ("S530-4601-8722", "S530-4601-8722", 12),
        ("MORGA657054SM9IJ", "MORGA657054SM9IJ", 16),
    ],
)
def test_a_code_is_read_as_one(text: str, code: str, length: int) -> None:
    found = CODE.search(text)
    assert found is not None
    assert found.group().strip() == code
    assert significant(code) == length


def test_words_are_no_codes() -> None:
    assert CODE.search("I am a student PLEASE HELP") is None
