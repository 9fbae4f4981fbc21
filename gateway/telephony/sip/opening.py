"""The SIP endpoint as a whole: processes, door and trunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.telephony.leg import MediaLeg, PlaceKeeping
from gateway.telephony.sip.door import SipDoor
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.trace_files import FOLDER
from gateway.telephony.sip.trunk import SipTrunks
from gateway.telephony.sip.workers import SipWorkers


class SipEndpoint:
    """Everything of SIP. It is there before it listens, for whoever is to call by its ``trunks``."""

    def __init__(
        self, settings: SipSettings, admission: PlaceKeeping, on_leg: Callable[[MediaLeg], Awaitable[None]], data: Path
    ) -> None:
        self._door = SipDoor(settings, admission, on_leg)
        self.workers = SipWorkers(settings, data / FOLDER if settings.trace else None, self._door.came_in)
        self.trunks = SipTrunks(settings, self.workers)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take calls, and place them, until left; then those that still go on are ended. Raises ``SipUnavailable``."""
        await self.workers.start()
        try:
            yield
        finally:
            await self.workers.close()
            await self._door.close()


def sip_endpoint(
    settings: SipSettings, admission: PlaceKeeping, on_leg: Callable[[MediaLeg], Awaitable[None]], data: Path
) -> SipEndpoint | None:
    """The endpoint; ``None`` where there is no address to listen on."""
    return SipEndpoint(settings, admission, on_leg, data) if settings.is_on else None
