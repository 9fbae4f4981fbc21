"""`make demo` as a newcomer runs it, into an empty data directory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.house import ROOT


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("demo")
async def test_the_demo_shows_an_answer_an_action_and_a_hand_over_and_says_where_everything_lies(
    tmp_path: Path,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", "demo", "--data", str(tmp_path / "data")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 800)
    finally:
        if process.returncode is None:
            process.terminate()  # it takes its gateway along
            await process.wait()
    text = out.decode()
    assert process.returncode == 0, text[-3000:]
    assert "source: Standard delivery" in text
    assert "Your order of cordless kettle is on its way." in " ".join(text.split())
    assert "hand-over to a human" in text
    assert "영업일" in text
    [recording] = (tmp_path / "data" / "recordings").rglob("*.sealed")
    assert recording.stat().st_size > 100_000
    assert "aicc recording export" in text
    assert "contact_events" in text
