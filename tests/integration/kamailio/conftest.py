"""Two gateways, a trunk's caller and a stranger around an edge of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clients import require
from tests.integration.kamailio.edge import Edge
from tests.integration.kamailio.stage import Stage


@pytest.fixture(scope="session", autouse=True)
def _kamailio() -> None:
    require("kamailio", "kamailio kamailio-tls-modules")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Not raised yet: a test says what is different."""
    stage = Stage(tmp_path)
    yield stage
    stage.strike()


@pytest.fixture
async def edge(stage: Stage) -> Edge:
    """The edge as it is shipped."""
    return await stage.raised()
