"""The torture messages of RFC 4475 at the edge: it goes on serving, and says only what SIP may say."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import pytest

from tests.integration.kamailio.edge import Edge
from tests.integration.kamailio.stage import Stage, answered

MESSAGES = sorted((Path(__file__).parents[4] / "shared" / "data" / "sip" / "rfc4475").glob("*.dat"))

pytestmark = pytest.mark.skipif(len(MESSAGES) != 49, reason="needs the 49 messages in ../shared/data/sip/rfc4475")


async def still_serves(stage: Stage, edge: Edge) -> None:
    assert edge.process is not None
    assert edge.process.poll() is None
    trunk = await stage.trunk()
    assert (await trunk.ask(trunk.outside("OPTIONS", edge.uri), edge.uri)).code == 200
    assert (await answered(await trunk.call(edge.number(), edge.uri)).bye()).code == 200
    assert not re.search(r"CRITICAL|BUG|segfault|signal 11", edge.log())


async def test_over_udp(stage: Stage, edge: Edge) -> None:
    trunk, stranger = await stage.trunk(), await stage.stranger()
    for message in MESSAGES:
        for party in (trunk, stranger):
            party.send_bytes(message.read_bytes()[:65000], (edge.host, edge.port))
        assert (await trunk.ask(trunk.outside("OPTIONS", edge.uri), edge.uri)).code == 200, message.stem
    await still_serves(stage, edge)
    malformed = {message.code for message in trunk.received if message.is_response} - {200}
    assert malformed <= {100, 400, 403, 404, 405, 407, 420, 481, 483, 501, 505, 513}, malformed


async def test_over_tcp_each_on_a_connection_of_its_own(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    for message in MESSAGES:
        _, writer = await asyncio.open_connection(edge.host, edge.port, local_addr=(trunk.host, 0))
        writer.write(message.read_bytes())
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
    await still_serves(stage, edge)
