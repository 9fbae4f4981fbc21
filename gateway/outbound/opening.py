"""Puts the calls of our own together: a tenant's desk, and the carrier that the settings name.

Refuses: being the composition root; what is opened here is closed by it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from dialog.outreach import machine_message
from dialog.releases.release import Release
from gateway.outbound.desk import TenantDesk, patience_of
from gateway.outbound.due_call import Patience
from gateway.outbound.settings import OutboundSettings
from gateway.outbound.store import DueCalls
from gateway.outbound.sweep import Kept
from gateway.session.tenant import Outbound, Tenant
from gateway.telephony.dialer import Dialer
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.twilio_calls import TwilioDialer
from infra.errors import ConfigError
from infra.storage.database import Database
from infra.storage.sealed_values import Keys
from infra.storage.sealed_words import open_sealed_words

WORDS = "due calls"
"""The purpose for which a tenant's numbers are sealed here."""


def tenant_desk(tenant: Tenant, calls: DueCalls, release: Release) -> TenantDesk | None:
    """The desk of a tenant's due calls; None for one that makes no calls."""
    if tenant.outbound is None:
        return None
    return TenantDesk(tenant, calls, release.flows, partial(machine_message, release))


async def due_calls(tenant: Tenant, database: Database, keys: Keys) -> DueCalls:
    """The due calls that there are of a tenant, also of one that makes none any more. Raises the storage's errors."""
    patience = Patience() if tenant.outbound is None else patience_of(tenant)
    return DueCalls(database, tenant.id, patience, await open_sealed_words(keys, tenant.id, WORDS))


def kept_calls(tenant: Tenant, calls: DueCalls) -> Kept:
    """A tenant's due calls, with how long it keeps what became of them."""
    return Kept(calls, timedelta(days=(tenant.outbound or Outbound()).record_days))


def choose_dialer(settings: OutboundSettings, telephony: TelephonySettings) -> Dialer | None:
    """The carrier that places calls; None where none is to. Raises ``ConfigError`` that says what is missing."""
    if settings.dialer == "none":
        return None
    token = telephony.twilio_auth_token
    if not telephony.twilio_account_sid or token is None or telephony.public_url is None:
        raise ConfigError(
            "to place calls over twilio set AICC_TELEPHONY_TWILIO_ACCOUNT_SID, AICC_TELEPHONY_TWILIO_AUTH_TOKEN and "
            "AICC_TELEPHONY_PUBLIC_URL, or AICC_OUTBOUND_DIALER=none"
        )
    return TwilioDialer(
        telephony.twilio_account_sid,
        token.get_secret_value(),
        base=telephony.public_url,
        api_url=telephony.twilio_api_url,
    )
