from pathlib import Path

import pytest

from gateway.commands.evaluate.errors import DataAbsent
from gateway.commands.evaluate.figures import Figure
from gateway.commands.evaluate.kinds.retrieval import Options, measure, search_times, share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from tests.gateway.commands.evaluate.corpora import written


def test_recall_is_measured_beside_its_baseline(tmp_path: Path) -> None:
    options = Options.model_validate({"sets": {"en": {"questions": ["set.json"]}}})
    around = Surroundings(written(tmp_path / "data"), tmp_path, tmp_path / "work", None, lambda line: None)
    found = measure(options, around).figures["en"]
    assert found["recall@1"].value == 1.0
    assert found["recall@1"].count == 4
    assert found["recall@1"].baseline is not None
    assert (found["p95_ms"].value or 0) > 0


def test_absent_data_is_no_recall_of_nought(tmp_path: Path) -> None:
    options = Options.model_validate({"sets": {"en": {"questions": ["elsewhere.json"]}}})
    with pytest.raises(DataAbsent):
        measure(options, Surroundings(tmp_path, tmp_path, tmp_path / "work", None, lambda line: None))


def test_no_cases_make_no_figure() -> None:
    assert share([], []) == Figure(None)
    assert search_times([])["p95_ms"] == Figure(None)
    assert share([1, 0], [0, 1], [0, 0]).baseline == 0.0
