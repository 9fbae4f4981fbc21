"""Labelled turns to a calibration, without a house: the search is a small stand-in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dialog.answers.calibration import Labelled, read_calibration, written
from dialog.yaml_source import read_yaml
from gateway.commands.calibrate import CalibrationRefused, LabelledTurn, asked, learnt, read_turns
from knowledge.document import Document, Hit, Passage
from knowledge.query import Query

YAML = """turns:
  - {question: how much is delivery, language: en, holds: ["3,000 won"], topic: delivery}
  - {question: who won the match, language: en}
"""
CSV = 'question,language,holds,topic\nhow much is delivery,en,"3,000 won|three thousand",delivery\nwho won,en,,\n'


class OneAnswer:
    """Knows the fee of delivery and nothing else."""

    async def search(self, query: Query) -> list[Hit]:
        if "delivery" not in query.text:
            return []
        document = Document("delivery", "Delivery", "en", "0" * 64)
        text = "Standard delivery costs 3,000 won."
        return [Hit(Passage("delivery#0", document, 0, ("Delivery",), text, (text,)), 0.9, {}, 0, (0.8,))]


@pytest.mark.parametrize(("name", "content"), [("turns.yaml", YAML), ("turns.csv", CSV)])
def test_turns_are_read_from_either_format(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    first, second = read_turns(path)
    assert (first.question, first.language, first.topic) == ("how much is delivery", "en", "delivery")
    assert first.holds[0] == "3,000 won"
    assert (second.holds, second.topic) == ((), None)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "turns.yaml"
    with pytest.raises(CalibrationRefused, match=r"turns\.yaml"):
        read_turns(path)
    path.write_text("turns: 3\n", encoding="utf-8")
    with pytest.raises(CalibrationRefused):
        read_turns(path)
    table = tmp_path / "turns.csv"
    table.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(CalibrationRefused):
        read_turns(table)


async def test_what_the_dialog_would_have_said_is_right_or_wrong() -> None:
    turns = [
        LabelledTurn(question="how much is delivery", language="en", holds=("3000 won", "3,000 won")),
        LabelledTurn(question="how much is delivery by drone", language="en", holds=("9,000 won",), topic="drones"),
        LabelledTurn(question="who won the match", language="en"),
    ]
    cases = await asked(turns, "shop", OneAnswer(), date(2026, 1, 1))
    assert [(case.right, case.topic) for case in cases] == [(True, "delivery"), (False, "drones")]
    assert cases[0].signals["overlap"] > 0


def test_what_was_learnt_can_be_written_and_read(tmp_path: Path) -> None:
    cases = [
        Labelled({"sentence": at % 10 / 10, "overlap": at % 10 / 10}, at % 10 > 4, f"topic {at % 7}")
        for at in range(200)
    ]
    found = learnt(cases)
    assert found.after < found.before
    path = tmp_path / "calibration.yaml"
    path.write_text(written(found.calibration), encoding="utf-8")
    assert read_calibration(read_yaml(path)).cases == 200


def test_turns_of_one_kind_are_refused_with_what_to_do() -> None:
    with pytest.raises(CalibrationRefused, match="label more turns"):
        learnt([Labelled({}, True, "a"), Labelled({}, True, "b")])
