"""Asterisk's doors: closed without a secret, and AudioSocket's server as long as they are open."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.telephony.asterisk.opening import open_asterisk
from gateway.telephony.asterisk.settings import AsteriskSettings
from gateway.telephony.settings import TelephonySettings
from infra.errors import ConfigError
from tests.gateway.telephony.doors import Reception, nobody

TOKEN = "x" * 32


def opening(**settings: Any) -> Any:
    return open_asterisk(AsteriskSettings(**settings), TelephonySettings(), Reception(), nobody, lambda: 0.0)


async def test_without_a_secret_nothing_is_open() -> None:
    async with opening() as opened:
        assert (opened.doors, opened.routers) == ((), ())
    with pytest.raises(ConfigError, match="without token"):
        async with opening(audiosocket="127.0.0.1:0"):
            pass


async def test_the_channel_is_open_with_the_secret_and_audiosocket_where_it_is_wanted(
    unused_tcp_port: int,
) -> None:
    async with opening(token=TOKEN) as opened:
        assert [door.path for door in opened.doors] == [b"/telephony/asterisk/media"]
        assert len(opened.routers) == 1
    async with opening(token=TOKEN, audiosocket=f"127.0.0.1:{unused_tcp_port}"):
        _, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        writer.close()
        await writer.wait_closed()
        with pytest.raises(ConfigError, match="cannot listen"):
            async with opening(token=TOKEN, audiosocket=f"127.0.0.1:{unused_tcp_port}"):
                pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", unused_tcp_port)
