"""Who is told of what: ``webhooks`` in ``tenant.yaml``, by name. Pure.

Refuses: addresses with a password in them, kinds of events that there are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.session.errors import TenantInvalid
from gateway.session.records import EventKind
from gateway.session.tenant import Tenant

EVERYTHING = "*"

_LONGEST_LABEL = 63
"""Letters between two dots of a host (RFC 1035, 2.3.4)."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

_KINDS = frozenset(kind.value for kind in EventKind)
_FAMILIES = frozenset(
    f"{kind.split('.')[0]}.*" for kind in (*_KINDS, "dialog.began", "flow.moved", "turn.understood") if "." in kind
)
"""Of the dialog's own journal, too, whose kinds are no ``EventKind``."""

_WANTED = _KINDS | _FAMILIES | {EVERYTHING}


@dataclass(frozen=True, slots=True)
class Subscription:
    """A receiver: ``url``, the name of the ``secret`` that it knows us by, and the ``kinds`` that it is told of: kinds
    of events, families of them (``call.*``), or ``EVERYTHING``."""

    name: str
    url: str
    secret: str
    kinds: frozenset[str]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(max_length=2_000)
    secret: str = Field(min_length=1, max_length=100)
    events: tuple[str, ...] = Field(min_length=1, max_length=200)

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if not (url.isascii() and url.isprintable()) or " " in url:
            raise ValueError("an address has no spaces and plain letters only; write other hosts as xn--…")
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("an address begins with https:// and a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("an address bears no name and no password; the signature says who sends")
        if parts.port == 0 or any(not 0 < len(label) <= _LONGEST_LABEL for label in parts.hostname.split(".")):
            raise ValueError("there is no such host or port")
        return url

    @field_validator("events")
    @classmethod
    def _known(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        for kind in events:
            if kind not in _WANTED:
                raise ValueError(f"{kind!r} is no kind of event, no family of kinds such as call.*, and not *")
        return events


def subscriptions_of(tenant: Tenant) -> tuple[Subscription, ...]:
    """A tenant's receivers. Raises ``TenantInvalid`` that names the key."""
    found = []
    for name, written in tenant.webhooks.items():
        if not _NAME.fullmatch(name):
            raise TenantInvalid(f"{tenant.id}: webhooks: {name!r} is no id: small letters, digits and hyphens")
        try:
            one = _Written.model_validate(written)
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise TenantInvalid(f"{tenant.id}: webhooks.{name}: {told}") from error
        found.append(Subscription(name, one.url, one.secret, frozenset(one.events)))
    return tuple(found)
