"""The recordings that ship are those that the script beside them makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from infra.audio import read_wav
from tests.clients import require
from tests.examples.test_hanbit_store import CALLERS, CALLS


@pytest.mark.parametrize("caller", CALLERS[:3], ids=lambda caller: caller["file"])
def test_a_recorded_caller_can_be_made_again(caller: dict[str, str], tmp_path: Path) -> None:
    flite = require("flite", "flite")
    target = tmp_path / "again.wav"
    command = [flite, "-voice", caller["voice"], "-t", caller["text"], "-o", str(target)]
    subprocess.run(command, check=True, timeout=30)
    again, rate = read_wav(target)
    shipped, shipped_rate = read_wav(CALLS / caller["file"])
    assert rate == shipped_rate
    first, second = (np.frombuffer(pcm, "<i2").astype(float) for pcm in (again, shipped))
    length = min(len(first), len(second))
    assert abs(len(first) - len(second)) < rate * 0.05
    assert np.corrcoef(first[:length], second[:length])[0, 1] > 0.9
