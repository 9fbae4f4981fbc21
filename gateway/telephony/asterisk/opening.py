"""Opens the doors for Asterisk, where its secret is set; AudioSocket's is a server of its own.

Refuses: a door without a secret.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.telephony.asterisk.announcement import Announcements
from gateway.telephony.asterisk.api import asterisk_router
from gateway.telephony.asterisk.audiosocket_server import AudioSocketServer
from gateway.telephony.asterisk.channel_door import ChannelDoor
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.asterisk.settings import AsteriskSettings
from gateway.telephony.leg import Admission, MediaLeg
from gateway.telephony.open_systems import OpenSystems
from gateway.telephony.settings import TelephonySettings
from infra.errors import ConfigError

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_asterisk(
    asterisk: AsteriskSettings,
    telephony: TelephonySettings,
    admission: Admission,
    on_leg: Callable[[MediaLeg], Awaitable[None]],
    clock: Callable[[], float],
) -> AsyncIterator[OpenSystems]:
    """The door and the routes, and as long as this is entered AudioSocket's server, if one is wanted.

    ``clock``: seconds that only ever go on. Raises ``ConfigError`` for an address that cannot be listened on, or that
    nobody could be let in by.
    """
    token, address = asterisk.token, asterisk.audiosocket_address
    if token is None:
        if address is not None:
            raise ConfigError("[asterisk] audiosocket without token: nobody could announce a call; set both")
        yield OpenSystems()
        return
    returning = Returning(clock)
    announcements = Announcements(asterisk.announced_for, asterisk.most_announced, clock)
    open_ones = OpenSystems(
        (ChannelDoor(telephony, token, admission, on_leg, returning),),
        (asterisk_router(telephony, token, announcements, returning),),
    )
    if address is None:
        yield open_ones
        return
    server = AudioSocketServer(telephony, admission, on_leg, announcements, returning, asterisk.most_connections)
    try:
        listening = await server.listen(*address)
    except OSError as error:
        raise ConfigError(f"[asterisk] audiosocket: cannot listen on {asterisk.audiosocket}: {error}") from error
    try:
        log.info("AudioSocket connections are taken on %s:%d", *listening)
        yield open_ones
    finally:
        await server.close()
