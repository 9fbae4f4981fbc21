from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.commands.bench.gateway_process import GatewayNotStarted, gateway_process


async def test_a_gateway_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('the port is taken'); raise SystemExit(1)")
    with pytest.raises(GatewayNotStarted, match="the port is taken"):
        async with gateway_process(tmp_path, [], {}, command):
            pass
