from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from gateway.commands.gateway_process import GatewayNotStarted, gateway_process
from gateway.commands.server import RunningGateway


async def test_a_gateway_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('the port is taken'); raise SystemExit(1)")
    with pytest.raises(GatewayNotStarted, match="the port is taken"):
        async with gateway_process(tmp_path, [], {}, command=command):
            pass


async def test_what_it_says_until_it_is_ready_is_passed_on(tmp_path: Path) -> None:
    told: list[str] = []
    command = (sys.executable, "-c", "print('opening'); print('the port is taken'); raise SystemExit(3)")
    with pytest.raises(GatewayNotStarted, match="exit code 3"):
        async with gateway_process(tmp_path, [], {}, tell=told.append, command=command):
            pass
    assert told == ["opening", "the port is taken"]


async def test_a_gateway_that_runs_there_already_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(*_: object) -> RunningGateway:
        return RunningGateway("http://127.0.0.1:9")

    monkeypatch.setattr("gateway.commands.gateway_process.find", found)
    with pytest.raises(GatewayNotStarted, match="already runs"):
        async with gateway_process(tmp_path, [], {}):
            pass


async def test_nobody_who_is_told_to_stop_leaves_a_gateway_behind(tmp_path: Path) -> None:
    stays = (
        "import os, pathlib, sys, time; pathlib.Path(sys.argv[3], 'pid').write_text(str(os.getpid())); time.sleep(60)"
    )
    command = (sys.executable, "-c", stays)  # its arguments are those of `serve --data FOLDER …`

    async def measure() -> None:
        async with gateway_process(tmp_path, [], {}, command=command):
            pass

    measuring = asyncio.create_task(measure())
    while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(asyncio.CancelledError):
        await measuring
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()
