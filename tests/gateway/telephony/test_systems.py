"""All telephone systems and platforms, opened as the environment says."""

from __future__ import annotations

import pytest

from gateway.telephony.systems import open_systems
from tests.gateway.telephony.doors import Reception, nobody


async def test_what_is_configured_is_open_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_systems(Reception(), nobody) as closed:
        assert closed.doors == ()
    monkeypatch.setenv("AICC_ASTERISK_TOKEN", "x" * 32)
    monkeypatch.setenv("AICC_RAW_FREESWITCH_TOKEN", "y" * 32)
    async with open_systems(Reception(), nobody) as opened:
        assert {door.path.rsplit(b"/", 1)[0] for door in opened.doors} == {
            b"/telephony/asterisk",
            b"/telephony/freeswitch",
        }
