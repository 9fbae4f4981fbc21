"""Parts of the demo; the whole of it is run in the integration tests."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gateway.commands import demo
from gateway.commands.server import RunningGateway


async def test_it_does_not_disturb_a_gateway_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(*_: Any) -> RunningGateway:
        return RunningGateway("http://127.0.0.1:9")

    monkeypatch.setattr(demo, "find", found)
    with pytest.raises(demo.DemoFailed, match="already runs"):
        await demo.demo(tmp_path, tmp_path, Console(file=io.StringIO()))


def test_a_turn_is_a_recording_or_keys() -> None:
    assert demo._audio(Path("/t"), {"dtmf": "12#"}) == "dtmf:12#"
    assert demo._audio(Path("/t"), {"audio": "a.wav"}) == "/t/calls/a.wav"


async def test_a_gateway_that_does_not_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print('\\nthe port is taken'); raise SystemExit(3)", stdout=asyncio.subprocess.PIPE
    )
    out = io.StringIO()
    with pytest.raises(demo.DemoFailed, match="exit code 3"):
        await demo._until_ready(process, tmp_path, Console(file=out))
    assert "the port is taken" in out.getvalue()
