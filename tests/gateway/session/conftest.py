"""What waits for nothing but the clock of its loop is tried in virtual time."""

from __future__ import annotations

import pytest

from tests.gateway.telephony.doors import ASYNCIO_ONLY, LoopFactory
from tests.virtual_time import VirtualLoop

VIRTUAL: dict[str, LoopFactory] = {"virtual": VirtualLoop}
BY_THE_CLOCK = {"test_talk.py", "test_vote.py"}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    return VIRTUAL if item.path.name in BY_THE_CLOCK else ASYNCIO_ONLY
