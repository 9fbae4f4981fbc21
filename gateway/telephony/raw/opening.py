"""Opens the doors and webhooks of the platforms whose secrets are set.

Refuses: secrets of nobody; a platform without one has no door.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter

from gateway.telephony.entrance import Door
from gateway.telephony.leg import Admission, LegInfo, MediaLeg
from gateway.telephony.open_systems import OpenSystems
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.raw.dialects import FREESWITCH_FORK, FREESWITCH_STREAM, FREESWITCH_STREAMING, JAMBONZ, VONAGE
from gateway.telephony.raw.door import RawDoor, SharedToken, VonageToken, WebhookPass
from gateway.telephony.raw.jambonz import GoingBack
from gateway.telephony.raw.settings import RawSettings
from gateway.telephony.raw.vonage import VonageApi
from gateway.telephony.raw.webhooks import jambonz_router, passes_of, vonage_router
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transferor import ByWords, Transferor

_FREESWITCH: Final = (FREESWITCH_FORK, FREESWITCH_STREAMING, FREESWITCH_STREAM)


def open_raw_streams(
    raw: RawSettings,
    telephony: TelephonySettings,
    admission: Admission,
    on_leg: Callable[[MediaLeg], Awaitable[None]],
    clock: Callable[[], float],
) -> OpenSystems:
    """The doors and webhooks; ``clock``: seconds that only ever go on. Raises ``ConfigError`` for a key that is
    none."""
    doors: list[Door] = []
    routers: list[APIRouter] = []
    if (secret := raw.vonage_signature_secret) is not None:
        key = raw.vonage_private_key
        api = None if key is None else VonageApi(raw.vonage_api_url, raw.vonage_application, key)

        def by_rest(codec: RawCodec, info: LegInfo) -> Transferor | None:
            return None if api is None else api.transferor(info)

        doors.append(RawDoor(VONAGE, VonageToken(secret), telephony, admission, on_leg, by_rest))
        routers.append(vonage_router(telephony, secret, admission, raw.rate))
    if (secret := raw.jambonz_webhook_secret) is not None:
        back, guard = GoingBack(clock), WebhookPass(passes_of(secret), JAMBONZ.name)

        def by_going_back(codec: RawCodec, info: LegInfo) -> Transferor:
            return back.transferor(codec, info.call_sid)

        doors.append(RawDoor(JAMBONZ, guard, telephony, admission, on_leg, by_going_back))
        routers.append(jambonz_router(telephony, secret, admission, raw.rate, back))
    if (token := raw.freeswitch_token) is not None:
        doors.extend(RawDoor(one, SharedToken(token), telephony, admission, on_leg, by_asking) for one in _FREESWITCH)
    return OpenSystems(tuple(doors), tuple(routers))


def by_asking(codec: RawCodec, info: LegInfo) -> Transferor:
    """FreeSWITCH's application is asked to move the call; it leaves when it does."""
    return ByWords(lambda order: [codec.encode_transfer(order)])
