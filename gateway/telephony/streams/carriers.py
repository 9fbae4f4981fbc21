"""The carriers of the media stream: a dialect, and all that comes before its socket and beside it.

A carrier's door is open when the settings hold what its requests are believed by. Twilio's alone may be open without,
for trials on one machine: see ``README.md``.

Refuses: opening anything; ``door.py`` and ``webhooks.py`` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from gateway.telephony.dialer import Progress
from gateway.telephony.leg import LegInfo
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.dialects import EXOTEL, PLIVO, SIGNALWIRE, TELNYX, TWILIO, Dialect
from gateway.telephony.streams.documents import PLIVO_XML, TEXML, TWIML, Markup
from gateway.telephony.streams.passes import Passes
from gateway.telephony.streams.platform import (
    PLIVO_API,
    SIGNALWIRE_API,
    TELNYX_API,
    TWILIO_API,
    Account,
    Platform,
    RestApi,
)
from gateway.telephony.streams.settings import CarrierSettings
from gateway.telephony.streams.signatures import (
    SIGNALWIRE_HEADER,
    TWILIO_HEADER,
    Basic,
    Ed25519,
    FormHmac,
    PlivoV3,
    Signer,
    basic,
)
from gateway.telephony.transferor import Transferor

PROGRESS: Final[Mapping[str, Progress]] = MappingProxyType(
    {
        "queued": Progress.RINGING,
        "initiated": Progress.RINGING,
        "ringing": Progress.RINGING,
        "in-progress": Progress.TALKING,
        "busy": Progress.BUSY,
        "no-answer": Progress.NO_ANSWER,
        "failed": Progress.UNREACHABLE,
        "canceled": Progress.CANCELLED,
        "completed": Progress.OVER,
    }
)
"""The family's words for how far a call is."""

_SOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Carrier:
    """One of them.

    ``signer`` believes its requests (``None``: everybody's are believed); ``markup`` is what its webhooks are answered
    with (``None``: it has none). With ``passes`` a socket is let in by a pass of its webhook, else by the ``signer``.
    """

    dialect: Dialect
    signer: Signer | None
    markup: Markup | None = None
    passes: Passes | None = None
    platform: Platform | None = None
    call_field: str = "CallSid"
    bare_numbers: bool = False
    """Whether its numbers come without the plus sign of E.164."""

    @property
    def prefix(self) -> str:
        """The path under which it finds its doors."""
        return prefix(self.dialect)

    @property
    def media_path(self) -> str:
        """That of its media sockets."""
        return f"{self.prefix}/media"

    def number(self, written: str) -> str:
        """A number of its webhooks, as the house writes numbers."""
        return f"+{written}" if self.bare_numbers and written.isdigit() and len(written) > _SHORT else written[:256]

    def transferor(self, info: LegInfo) -> Transferor | None:
        """Who can have it move the call of a leg, if anybody can."""
        return None if self.platform is None else self.platform.transferor(info)


_SHORT: Final = 7
"""Digits up to which a number is one of its own network and gets no plus sign."""


def prefix(dialect: Dialect) -> str:
    """The path under which the carrier that speaks it finds its doors."""
    return f"/telephony/{dialect.name}"


def socket_url(base: str, path: str) -> str:
    """The address of a media socket: ``base`` with its scheme turned from ``http(s)`` to ``ws(s)``, and ``path``."""
    scheme, separator, rest = base.rstrip("/").partition("://")
    return _SOCKET_SCHEMES.get(scheme, scheme) + separator + rest + path


def open_carriers(telephony: TelephonySettings, settings: CarrierSettings) -> tuple[Carrier, ...]:
    """Twilio, and the others whose keys are set."""
    found = (
        twilio(telephony),
        _signalwire(telephony.public_url, settings),
        _telnyx(telephony.public_url, settings),
        _plivo(telephony.public_url, settings),
        _exotel(settings),
    )
    return tuple(carrier for carrier in found if carrier is not None)


def twilio(settings: TelephonySettings) -> Carrier:
    """It signs its sockets as well, so they need no pass."""
    token = settings.twilio_auth_token
    signer = None if token is None else FormHmac(token.get_secret_value(), TWILIO_HEADER)
    account = _account(settings.twilio_api_url, settings.twilio_account_sid, token)
    platform = _platform(TWILIO_API, account, TWIML, TWILIO, settings.public_url)
    return Carrier(TWILIO, signer, TWIML, platform=platform)


def _signalwire(public_url: str | None, settings: CarrierSettings) -> Carrier | None:
    key = settings.signalwire_signing_key
    if key is None:
        return None
    account = _account(settings.signalwire_space_url, settings.signalwire_project, settings.signalwire_api_token)
    platform = _platform(SIGNALWIRE_API, account, TWIML, SIGNALWIRE, public_url)
    secret = key.get_secret_value()
    return Carrier(
        SIGNALWIRE, FormHmac(secret, SIGNALWIRE_HEADER, TWILIO_HEADER), TWIML, Passes(secret.encode()), platform
    )


def _telnyx(public_url: str | None, settings: CarrierSettings) -> Carrier | None:
    if not settings.telnyx_public_key or settings.telnyx_api_key is None:
        return None
    secret, name = settings.telnyx_api_key.get_secret_value(), settings.telnyx_account
    account = Account(settings.telnyx_api_url, name, f"Bearer {secret}") if name else None
    platform = _platform(TELNYX_API, account, TEXML, TELNYX, public_url)
    return Carrier(TELNYX, Ed25519(settings.telnyx_public_key), TEXML, Passes(secret.encode()), platform)


def _plivo(public_url: str | None, settings: CarrierSettings) -> Carrier | None:
    token = settings.plivo_auth_token
    if token is None:
        return None
    account = _account(settings.plivo_api_url, settings.plivo_auth_id, token)
    platform = _platform(PLIVO_API, account, PLIVO_XML, PLIVO, public_url)
    secret = token.get_secret_value()
    return Carrier(
        PLIVO,
        PlivoV3(secret),
        PLIVO_XML,
        Passes(secret.encode()),
        platform,
        call_field="CallUUID",
        bare_numbers=True,
    )


def _exotel(settings: CarrierSettings) -> Carrier | None:
    password = settings.exotel_password
    return None if password is None else Carrier(EXOTEL, Basic(settings.exotel_user, password.get_secret_value()))


def _account(url: str, name: str, secret: SecretStr | None) -> Account | None:
    """An account that shows its name and a secret; ``None`` where one is not known."""
    if not url or not name or secret is None:
        return None
    return Account(url, name, basic(name, secret.get_secret_value()))


def _platform(
    api: RestApi, account: Account | None, markup: Markup, dialect: Dialect, public_url: str | None
) -> Platform | None:
    """Calls can be moved where the account is known, and our own address, to which they come back."""
    if account is None or public_url is None:
        return None
    return Platform(api, account, markup, public_url + prefix(dialect))
