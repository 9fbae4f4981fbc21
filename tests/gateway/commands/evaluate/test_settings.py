from pathlib import Path

import pytest

from gateway.commands.evaluate.settings import EvaluateSettings
from infra.config import load


def test_indexes_lie_in_the_data_directory_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AICC_DATA", str(tmp_path))
    assert load(EvaluateSettings, {}).workplace == tmp_path / "evaluation"
    assert load(EvaluateSettings, {"AICC_EVALUATE_WORK": "/elsewhere"}).workplace == Path("/elsewhere")
