"""Marked utterances."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.privacy.kinds import Found, PersonalKind
from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.privacy_sets import marked, read_marked


def test_marks_are_taken_out_and_remembered() -> None:
    one = marked("call [phone 650-253-0000] or [email a@b.io]", "here")
    assert one.text == "call 650-253-0000 or a@b.io"
    assert one.found == (Found(5, 17, PersonalKind.PHONE), Found(21, 27, PersonalKind.EMAIL))


@pytest.mark.parametrize("line", ["my [shoe 42]", "an [open bracket", "[phone] only"])
def test_what_is_no_mark_is_refused(line: str) -> None:
    with pytest.raises(SuiteInvalid, match="here"):
        marked(line, "here")


def test_a_file_has_a_language_and_a_line_for_each(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_text("language: ko\nutterances: |\n  네\n  [phone 010-2345-6789]\n", encoding="utf-8")
    language, utterances = read_marked("set.yaml", tmp_path)
    assert (language, [one.text for one in utterances]) == ("ko", ["네", "010-2345-6789"])
    (tmp_path / "set.yaml").write_text("language: ko\n", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match="utterances"):
        read_marked("set.yaml", tmp_path)
