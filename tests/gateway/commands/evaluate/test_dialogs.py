from pathlib import Path

import pytest

from dialog.reply import Confidence, Decision, Escalation, EscalationReason, Reply, Sentence, Summary
from gateway.commands.evaluate.dialogs import Dialog, complaints, read_dialogs
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.suite import SUITES
from gateway.session.text import Said

FILE = """dialogs:
  - id: en/fee
    language: en
    never: [password]
    turns:
      - {caller: how much is it, bot: {decision: answer, says: ["3,000 won"], never: [free], over: false}}
"""


def reply(text: str, decision: Decision = Decision.ANSWER, escalation: Escalation | None = None) -> Reply:
    return Reply(decision, "en", (Sentence(text),), Confidence(1.0), escalation=escalation)


def dialog(**bot: object) -> Dialog:
    turn = {"caller": "how much is it", "bot": bot}
    return Dialog.model_validate({"id": "d", "language": "en", "turns": [turn], "never": ["password"]})


def test_dialogs_are_read_once_each(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(FILE, encoding="utf-8")
    assert [found.id for found in read_dialogs([path])] == ["en/fee"]
    with pytest.raises(SuiteInvalid, match="two dialogs 'en/fee'"):
        read_dialogs([path, path])
    with pytest.raises(DataAbsent):
        read_dialogs([tmp_path / "none.yaml"])


def test_a_dialog_that_expects_nothing_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("dialogs:\n  - {id: a, language: en, turns: [{caller: hello}]}\n", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"a\.yaml:2: .*nothing is expected"):
        read_dialogs([path])


def test_what_is_as_expected_is_no_complaint() -> None:
    wanted = dialog(decision="answer", says=["3,000 WON"], says_one_of=["costs", "fee"], over=False)
    assert complaints(wanted, 0, Said((reply("It costs 3,000 won."),), over=False)) == []


@pytest.mark.parametrize(
    ("bot", "said", "told"),
    [
        ({"says": ["5,000"]}, reply("3,000"), "does not say '5,000'"),
        ({"says_one_of": ["a fee", "a price"]}, reply("3,000"), "says none of"),
        ({"never": ["free"]}, reply("It is free."), "says 'free'"),
        ({"over": False}, reply("Your password is x."), "says 'password'"),
        ({"decision": "clarify"}, reply("3,000"), "is answer, not clarify"),
        ({"escalation": "caller_asked"}, reply("3,000"), "hands over for nothing"),
        ({"over": True}, reply("3,000"), "is not over"),
    ],
)
def test_every_expectation_is_held_against_what_was_said(bot: dict[str, object], said: Reply, told: str) -> None:
    assert told in complaints(dialog(**bot), 0, Said((said,), over=False))[0]


def test_the_reason_of_a_hand_over_counts() -> None:
    summary = Summary("", {}, (), (), "")
    handed = reply("One moment.", Decision.ESCALATE, Escalation(EscalationReason.NO_ANSWER, "general", (), summary))
    assert complaints(dialog(escalation="no_answer"), 0, Said((handed,), over=True)) == []


@pytest.mark.parametrize("path", sorted((SUITES / "dialogs").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_dialogs_that_ship_can_be_read(path: Path) -> None:
    assert read_dialogs([path])
