"""An account: who somebody is, by what they prove it, and how accounts come to be. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from gateway.access.errors import AccountInvalid
from gateway.access.identity import Identity, Role

LONGEST_LOGIN = 254
"""An e-mail address's (RFC 5321, section 4.5.3.1.3)."""

_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class DirectoryName:
    """How the enterprise's directory knows somebody, for good (OpenID Connect Core, section 5.7)."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account of one tenant. Without a password and a directory's name nobody can use it yet."""

    identity: Identity
    login: str
    """As ``plain_login`` makes it; the tenant's only one."""
    created_at: datetime
    password: str | None = field(default=None, repr=False)
    """Its argon2id hash, encoded."""
    directory: DirectoryName | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account that is to be."""

    tenant: str
    login: str
    name: str
    roles: frozenset[Role]
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different of an account; None: stays."""

    name: str | None = None
    roles: frozenset[Role] | None = None
    queues: tuple[str, ...] | None = None
    skills: dict[str, int] | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody as the directory vouches for them, in a tenant."""

    tenant: str
    directory: DirectoryName
    login: str
    """An e-mail address that the directory has verified, else its own name for them."""
    name: str
    roles: frozenset[Role]
    locale: str


def plain_login(text: str) -> str:
    """A login as it is compared: however it was typed. Raises ``AccountInvalid`` for what is none."""
    login = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(login) > LONGEST_LOGIN or not _LOGIN.fullmatch(login):
        raise AccountInvalid(f"a login is 1 to {LONGEST_LOGIN} characters without spaces, such as an e-mail address")
    return login
