"""Calls over real sockets run on both event loops that the gateway may run on."""

from __future__ import annotations

import pytest

from tests.gateway.telephony.doors import ASYNCIO_ONLY, LOOPS, LoopFactory


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    return LOOPS if item.path.name == "test_media_stream_server.py" else ASYNCIO_ONLY
