"""The tests that open real sockets run on both event loops that the gateway may run on."""

from __future__ import annotations

import pytest

from tests.gateway.telephony.doors import ASYNCIO_ONLY, LOOPS, LoopFactory

ON_SOCKETS = {
    "test_entrance.py",
    "test_door.py",
    "test_media_leg.py",
    "test_media_socket.py",
    "test_opening.py",
    "test_softphone_door.py",
    "test_upgrade.py",
    "test_worker_link.py",
}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    return LOOPS if item.path.name in ON_SOCKETS else ASYNCIO_ONLY
