import json
from pathlib import Path

import pytest

from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.record import read_earlier, recorded
from tests.gateway.commands.evaluate.runs import run


def test_a_run_on_file_is_a_later_runs_baseline(tmp_path: Path) -> None:
    path = tmp_path / "retrieval.json"
    path.write_text(recorded(run()), encoding="utf-8")
    assert read_earlier(path, "retrieval") == {"en": {"recall@1": 0.9, "p50_ms": None}}
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["verdict"] == "error"
    assert content["figures"]["en"]["recall@1"]["low"] == 0.85
    assert content["problems"]


def test_what_is_no_run_of_this_suite_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    with pytest.raises(SuiteInvalid, match="cannot be read"):
        read_earlier(path, "retrieval")
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match="--report"):
        read_earlier(path, "retrieval")
    path.write_text(recorded(run()), encoding="utf-8")
    with pytest.raises(SuiteInvalid, match="'retrieval'"):
        read_earlier(path, "reading")
