"""Opens the doors of the telephone systems and platforms that are configured: Asterisk, Vonage, jambonz, FreeSWITCH.

Refuses: whether calls are taken, and what becomes of them; that is asked of whoever opens them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.telephony.asterisk.opening import open_asterisk
from gateway.telephony.asterisk.settings import AsteriskSettings
from gateway.telephony.leg import Admission, MediaLeg
from gateway.telephony.open_systems import OpenSystems
from gateway.telephony.raw.opening import open_raw_streams
from gateway.telephony.raw.settings import RawSettings
from gateway.telephony.settings import TelephonySettings
from infra.config import load


@asynccontextmanager
async def open_systems(
    admission: Admission, on_leg: Callable[[MediaLeg], Awaitable[None]]
) -> AsyncIterator[OpenSystems]:
    """All that the settings want open, as long as this is entered. Raises ``ConfigError``."""
    telephony, clock = load(TelephonySettings), time.monotonic
    streams = open_raw_streams(load(RawSettings), telephony, admission, on_leg, clock)
    async with open_asterisk(load(AsteriskSettings), telephony, admission, on_leg, clock) as asterisk:
        yield streams + asterisk
