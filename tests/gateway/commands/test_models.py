from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gateway.commands import models


def test_what_can_be_pulled_is_listed_with_licence_size_and_setting(tmp_path: Path) -> None:
    out = io.StringIO()
    (tmp_path / "models" / "whisper-small").mkdir(parents=True)
    models.list_models(tmp_path, Console(file=out, width=160))
    [row] = [line for line in out.getvalue().splitlines() if line.startswith("whisper-small")]
    assert row.split() == ["whisper-small", "hearing", "ko,", "en", "MIT", "484", "MB", "yes", "AICC_STT_MODEL"]


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(models.ModelNotPulled, match="no model 'gpt'"):
        models.pull(tmp_path, "gpt", Console(file=io.StringIO()))


def test_offline_is_said_clearly_with_what_to_do_and_leaves_no_half_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(models.ModelNotPulled, match=r"copy the folder to .*whisper-tiny.*AICC_STT_MODEL"):
        models.pull(tmp_path, "whisper-tiny", Console(file=io.StringIO()))
    assert not (tmp_path / "models" / "whisper-tiny").exists()
