"""Everything a test of the edge needs around it, and its end."""

from __future__ import annotations

from pathlib import Path

from tests.integration.kamailio.edge import STRANGER, TRUNK, Edge
from tests.integration.kamailio.sip import Call, Message, Party


class Stage:
    """An edge, its gateways and whoever calls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateways: list[Party] = []
        self._parties: list[Party] = []
        self._edge: Edge | None = None

    async def raised(self, gateways: int = 2, /, **changes: str) -> Edge:
        """The edge runs, and has heard from its gateways."""
        self.gateways = [await self.party("127.0.0.1") for _ in range(gateways)]
        self._edge = Edge(self.folder, [gateway_uri(gateway) for gateway in self.gateways], changes)
        await self._edge.start()
        return self._edge

    async def party(self, host: str) -> Party:
        party = await Party.at(host)
        self._parties.append(party)
        return party

    async def trunk(self) -> Party:
        """A caller whose address is listed."""
        return await self.party(TRUNK)

    async def stranger(self) -> Party:
        """A caller whose address is not."""
        return await self.party(STRANGER)

    def strike(self) -> None:
        for party in self._parties:
            party.close()
        if self._edge is not None:
            self._edge.stop()


def gateway_uri(gateway: Party) -> str:
    """As dispatcher.list has it."""
    return f"sip:{gateway.host}:{gateway.port}"


def answered(outcome: Call | Message) -> Call:
    """The call; a refusal fails the test."""
    assert isinstance(outcome, Call), f"not answered: {outcome.start}"
    return outcome


def refused(outcome: Call | Message) -> Message:
    """The refusal; a call fails the test."""
    assert isinstance(outcome, Message), "a call was answered that had to be refused"
    return outcome
