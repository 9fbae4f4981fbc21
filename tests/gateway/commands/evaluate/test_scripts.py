from pathlib import Path

import pytest

from dialog.reply import EscalationReason, Expectation
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.scripts import read_scripts

SCRIPT = """about: a number is asked for
language: en
drills: {"20261203": slow}
turns:
  - {caller: please cancel my order, expects: dictating}
  - {silence: true, hands_over: no_progress}
then: {orders: {"20261203": {status: preparing}}}
"""


def test_scripts_are_read_with_the_lines_of_their_turns(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "cancel.yaml").write_text(SCRIPT, encoding="utf-8")
    (script,) = read_scripts(tmp_path)
    assert (script.name, script.lines) == ("en/cancel", (5, 6))
    asked, silent = script.dialog.turns
    assert asked.expects is Expectation.DICTATING
    assert (silent.words, silent.hands_over) == ("silence", EscalationReason.NO_PROGRESS)
    assert script.dialog.then.records == {"orders": {"20261203": {"status": "preparing"}}, "visits": {}}


@pytest.mark.parametrize("wrong", ["drills: {a: kind}", "turns: []", "turns: [{caller: hello, sais: [hello]}]"])
def test_a_slip_of_the_pen_is_told_with_its_file(wrong: str, tmp_path: Path) -> None:
    written = f"about: a\nlanguage: en\n{wrong}\n" + ("" if "turns" in wrong else "turns: [{caller: hello}]\n")
    (tmp_path / "a.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"a\.yaml"):
        read_scripts(tmp_path)


def test_no_dialogs_are_no_evaluation(tmp_path: Path) -> None:
    with pytest.raises(DataAbsent, match="no dialogs"):
        read_scripts(tmp_path)
