"""Genesys' own AudioHook client signs in and streams to our real doors.

It is a Monitor's client: it plays nothing. It is no part of this project: clone the GitHub repository
purecloudlabs/audiohook-reference-implementation, delete ``client/package-lock.json`` (it names a mirror that nobody
else can reach), run ``npm install`` in ``client``, and name that folder in ``AICC_TEST_AUDIOHOOK_CLIENT``.
"""

from __future__ import annotations

import asyncio
import base64
import os
import pty
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.commands.gateway_process import GatewayProcess
from infra.audio import Resampler, read_wav
from tests.house import EXAMPLE
from tests.integration.genesys.conftest import ACCOUNT, QUESTION, TENANT, payloads, socket_of

CLIENT = os.environ.get("AICC_TEST_AUDIOHOOK_CLIENT", "")

pytestmark = [
    pytest.mark.xdist_group("genesys"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(
        not CLIENT,
        reason="AICC_TEST_AUDIOHOOK_CLIENT names no folder of Genesys' AudioHook client; this file says how to get it",
    ),
]


async def run_client(url: str, *arguments: str, secret: bytes = ACCOUNT.secret) -> str:
    """What the client says from its start to its end. It reads its keyboard, so it is given a terminal."""
    keyboard, terminal = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *("node_modules/.bin/ts-node", "-T", "src/index.ts", "--uri", url, "--session-log-level", "debug"),
            *("--api-key", ACCOUNT.key, "--client-secret", base64.b64encode(secret).decode(), *arguments),
            cwd=CLIENT,
            env={**os.environ, "NODE_PATH": str(Path(CLIENT) / "node_modules")},
            stdin=terminal,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        os.close(keyboard)
        os.close(terminal)
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode(errors="replace"))


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stereo file: a customer asks, then an agent speaks."""
    sides = []
    for name, before, after in (("delivery-time", 0.5, 7.0), ("person", 5.0, 3.0)):
        pcm, rate = read_wav(EXAMPLE / "calls" / f"{name}.wav")
        said = np.frombuffer(Resampler(rate, 8000).process(pcm), "<i2")
        sides.append(np.concatenate([np.zeros(round(before * 8000)), said, np.zeros(round(after * 8000))]))
    length = max(map(len, sides))
    both = np.stack([np.pad(side, (0, length - len(side))) for side in sides], axis=1).astype("<i2")
    path = tmp_path_factory.mktemp("wav") / "conversation.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(both.tobytes())
    return path


async def test_it_signs_in_streams_both_sides_and_closes(house: GatewayProcess, conversation: Path) -> None:
    url = socket_of(house, "monitor")
    said = await run_client(
        url, "--wavfile", str(conversation), "--language", "en-US", "--custom-config", '{"agent":"kim"}'
    )
    assert "Session open!" in said
    assert "onClosedMessage - Session closed" in said
    assert "Websocket close - Code: 1000" in said
    assert "WARN" not in said
    assert "ERROR" not in said
    trips = [int(found) for found in re.findall(r"rtt: (\d+)ns", said)]
    assert trips
    assert min(trips) < 100e6
    [call, *_] = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls")
    assert call["channel"] == "monitor"
    events = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{call['call']}/events")
    assert payloads(events, "caller.turn")[0]["text"] == QUESTION
    assert payloads(events, "agent.turn")[0]["agent"] == "kim"
    assert payloads(events, "call.ended") == [{"reason": "caller_hung_up"}]


@pytest.mark.parametrize("door", ["monitor", "connector"])
async def test_its_connection_probe_is_answered(house: GatewayProcess, door: str) -> None:
    said = await run_client(socket_of(house, door), "--connection-probe")
    assert "Session open!" in said
    assert "onClosedMessage - Session closed" in said
    assert "WARN" not in said


async def test_a_wrong_secret_is_refused(house: GatewayProcess) -> None:
    said = await run_client(socket_of(house, "monitor"), "--connection-probe", secret=b"somebody else's secret")
    assert "401" in said
    assert "Session open!" not in said
