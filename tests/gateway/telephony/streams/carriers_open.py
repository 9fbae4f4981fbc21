"""What tests of carriers begin with: all five with keys, how each signs a request, and what it reads of an answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.attached import read_attached
from gateway.telephony.streams.carriers import Carrier, open_carriers
from gateway.telephony.streams.documents import read_twiml
from gateway.telephony.streams.settings import CarrierSettings
from gateway.telephony.streams.signatures import plivo_signature, signature

TOKEN = "open sesame"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
BASE = "https://voice.example.com"
TELEPHONY = TelephonySettings(twilio_auth_token=TOKEN, twilio_account_sid="AC1", public_url=BASE)  # type: ignore[arg-type]
SETTINGS = CarrierSettings(
    signalwire_signing_key=TOKEN,  # type: ignore[arg-type]
    signalwire_project="project",
    signalwire_api_token="PT1",  # type: ignore[arg-type]
    signalwire_space_url="https://example.signalwire.com",
    telnyx_public_key=PUBLIC,
    telnyx_account="tx account",
    telnyx_api_key="KEY1",  # type: ignore[arg-type]
    plivo_auth_id="MA1",
    plivo_auth_token=TOKEN,  # type: ignore[arg-type]
    exotel_user="exotel",
    exotel_password=TOKEN,  # type: ignore[arg-type]
)


def carriers(telephony: TelephonySettings = TELEPHONY, settings: CarrierSettings = SETTINGS) -> dict[str, Carrier]:
    return {carrier.dialect.name: carrier for carrier in open_carriers(telephony, settings)}


def signed(carrier: str, url: str, form: Mapping[str, str], now: float) -> dict[str, str]:
    """The headers with which a carrier posts ``form`` to ``url``."""
    match carrier:
        case "twilio":
            return {"X-Twilio-Signature": signature(TOKEN, url, form.items())}
        case "signalwire":
            return {"X-SignalWire-Signature": signature(TOKEN, url, form.items())}
        case "plivo":
            nonce = "05429567804466091622"
            shown = plivo_signature(TOKEN, url, form.items(), nonce)
            return {"X-Plivo-Signature-V3": shown, "X-Plivo-Signature-V3-Nonce": nonce}
        case "telnyx":
            stamp = str(int(now))
            shown = base64.b64encode(PRIVATE.sign(f"{stamp}|{urlencode(form)}".encode())).decode()
            return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": shown}
        case _:
            raise AssertionError(carrier)


def stream_of(document: str) -> tuple[str, dict[str, str]]:
    """Where a document of any carrier's connects a call to, and with which parameters."""
    plivo = ElementTree.fromstring(document).find("Stream")
    if plivo is None:
        offer = read_twiml(document)
        return offer.url, dict(offer.parameters)
    held = read_attached(plivo.get("extraHeaders", ""))
    assert isinstance(held, dict)
    return plivo.text or "", held
