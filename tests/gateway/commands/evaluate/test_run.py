import json
from pathlib import Path

import pytest

from gateway.commands.evaluate.run import Order, evaluate
from gateway.commands.evaluate.suite import read_suite
from tests.gateway.commands.evaluate.corpora import written

SUITE = """title: Small
about: A suite.
kind: retrieval
measure:
  sets:
    en: {{questions: [set.json]}}
line: [recall@1, recall@5]
gates:
  - {{figure: en.recall@1, at_least: {least}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AICC_EVALUATE_WORK", str(tmp_path / "work"))
    written(tmp_path / "data")
    return tmp_path


def ordered(folder: Path, least: float, **others: Path) -> Order:
    path = folder / "small.yaml"
    path.write_text(SUITE.format(least=least), encoding="utf-8")
    return Order(str(path), data=others.get("data", folder / "data"), report=folder / "report")


def test_a_run_ends_with_one_line_and_leaves_a_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(ordered(folder, 0.9), as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"en": {"recall@1": 1.0, "recall@5": 1.0}}
    assert json.loads((folder / "report" / "small.json").read_text(encoding="utf-8"))["verdict"] == "pass"
    assert "<svg" in (folder / "report" / "small.html").read_text(encoding="utf-8")
    assert evaluate(ordered(folder, 1.1), as_json=False) == 1
    assert "FAIL" in capsys.readouterr().out


def test_absent_data_is_an_error_and_no_failure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(ordered(folder, 0.9, data=folder / "nowhere"), as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["error"]["code"] == "evaluation_data_absent"
    assert "--data" in told["error"]["message"]
    assert not (folder / "report").exists()


def test_a_crash_is_an_error_and_no_failure(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr("gateway.commands.evaluate.run.measured", broken)
    assert evaluate(ordered(folder, 0.9), as_json=False) == 2
    assert "a bug of ours" in capsys.readouterr().out


def test_all_suites_are_run_and_the_worst_end_is_the_end(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suites = folder / "suites"
    suites.mkdir()
    (suites / "good.yaml").write_text(SUITE.format(least=0.9), encoding="utf-8")
    (suites / "missing.yaml").write_text(SUITE.format(least=0.9).replace("set.json", "none.json"), encoding="utf-8")
    (suites / "poor.yaml").write_text(SUITE.format(least=1.1), encoding="utf-8")
    monkeypatch.setattr("gateway.commands.evaluate.run.names", lambda: ("good", "missing", "poor"))
    monkeypatch.setattr("gateway.commands.evaluate.run.read_suite", lambda name: read_suite(name, suites))
    order = Order("all", data=folder / "data", report=folder / "report")
    assert evaluate(order, as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["good"] == told["poor"] == {"en": {"recall@1": 1.0, "recall@5": 1.0}}
    assert told["missing"]["error"]["code"] == "evaluation_data_absent"
    (suites / "missing.yaml").unlink()
    monkeypatch.setattr("gateway.commands.evaluate.run.names", lambda: ("good", "poor"))
    assert evaluate(Order("all", baseline=folder / "report", data=folder / "data"), as_json=True) == 1
