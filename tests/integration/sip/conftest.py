"""One gateway for the tests of the group "sip", one after the other; those of "sip alone" each have their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.sip.house import SipHouse, sip_house, tenant


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SipHouse]:
    """A gateway with all that serves: its recognizer listens, its dialog answers, its ledger writes."""
    pytest.importorskip("baresip", reason="the extra 'sip' is not installed: pip install -e '.[sip]'")
    place = tmp_path_factory.mktemp("sip")
    async with sip_house(place, tenant(place)) as house:
        yield house
