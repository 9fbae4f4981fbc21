from pathlib import Path

import pytest
from pydantic import ValidationError

from dialog.yaml_source import Shape
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.suite import SUITES, Gate, Kind, data_file, data_folder, read_suite

SUITE = """title: Small
about: A suite.
kind: retrieval
measure: {deep: 3}
gates:
  - {figure: en.recall@1, at_least: 0.5}
"""


class Depth(Shape):
    deep: int


def test_a_suite_is_read_with_what_its_kind_wants_to_know(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SUITE, encoding="utf-8")
    suite = read_suite("small", tmp_path)
    assert (suite.name, suite.kind) == ("small", Kind.RETRIEVAL)
    assert suite.gates == (Gate(figure="en.recall@1", at_least=0.5),)
    assert suite.options(Depth) == Depth(deep=3)
    assert read_suite(str(tmp_path / "small.yaml")).title == "Small"


def test_a_complaint_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SUITE.replace("deep: 3", "deep: three"), encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"small\.yaml:4: measure\.deep"):
        read_suite(str(path)).options(Depth)
    path.write_text(SUITE.replace("kind: retrieval", "kind: guessing"), encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"small\.yaml:3: kind"):
        read_suite(str(path))


def test_an_unknown_suite_is_told_with_those_that_there_are() -> None:
    with pytest.raises(SuiteInvalid, match="retrieval"):
        read_suite("no-such-suite")


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_suite_that_ships_can_be_read(path: Path) -> None:
    suite = read_suite(path.stem)
    assert suite.gates, "a suite without gates can hold nothing up"


def test_a_gate_has_a_limit() -> None:
    assert Gate(figure="a.b", at_least=0.5, at_most=0.9).limit == "at least 0.5 and at most 0.9"
    assert Gate(figure="a.b", at_most=3).holds(3)
    assert not Gate(figure="a.b", at_least=0.5).holds(0.49)
    with pytest.raises(ValidationError):
        Gate(figure="a.b")


def test_the_data_folder_is_the_one_that_was_named_first(tmp_path: Path) -> None:
    (tmp_path / "chosen").mkdir()
    (tmp_path / "configured").mkdir()
    assert data_folder(tmp_path / "chosen", tmp_path / "configured", tmp_path).name == "chosen"
    assert data_folder(None, tmp_path / "configured", tmp_path).name == "configured"
    assert data_folder(None, None, tmp_path) == tmp_path


def test_absent_data_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataAbsent, match="--data"):
        data_folder(tmp_path / "nowhere", None)
    with pytest.raises(DataAbsent, match="--data"):
        data_file(tmp_path, "qa/set.json")
    with pytest.raises(SuiteInvalid, match="leads out"):
        data_file(tmp_path, "../set.json")
