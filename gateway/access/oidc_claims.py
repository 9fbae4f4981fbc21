"""What the claims of an ID token mean here: who somebody is, and which roles they have in a tenant. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.access.account import LONGEST_LOGIN, Arrival, DirectoryName, plain_login
from gateway.access.errors import AccountInvalid, DirectoryRefused
from gateway.access.identity import Role

LONGEST_NAME = 100
"""Characters of a name that are shown."""


@dataclass(frozen=True, slots=True)
class RoleRule:
    """The roles that one value of the claim gives, in one tenant or (None) in all."""

    tenant: str | None
    roles: frozenset[Role]


def read_rule(text: str) -> RoleRule:
    """``supervisor``, ``acme:agent`` or ``acme:agent+supervisor``. Raises ``ValueError``."""
    tenant, separator, listed = text.rpartition(":")
    try:
        roles = frozenset(Role(role.strip()) for role in listed.split("+"))
    except ValueError as error:
        raise ValueError(f"{text!r} is no role: there are {', '.join(Role)}") from error
    return RoleRule(tenant.strip() if separator else None, roles)


def roles_of(claims: Mapping[str, Any], path: str, rules: Mapping[str, RoleRule], tenant: str) -> frozenset[Role]:
    """The roles of somebody in ``tenant``, from the claim at ``path``: its name, or a path through objects."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    matching = (rules[value] for value in values if isinstance(value, str) and value in rules)
    return frozenset(role for rule in matching if rule.tenant in (None, tenant) for role in rule.roles)


def arrival(claims: Mapping[str, Any], tenant: str, roles: frozenset[Role]) -> Arrival:
    """Somebody as the claims of a verified ID token have them. Raises ``DirectoryRefused``.

    An e-mail address becomes the login only when the directory says that it has verified it: an address that people
    give themselves must not lead to an account that was prepared for another.
    """
    subject, email = claims["sub"], claims.get("email")
    verified = isinstance(email, str) and claims.get("email_verified") is True
    try:
        login = plain_login(str(email) if verified else f"{subject}@{claims['iss']}"[:LONGEST_LOGIN])
    except AccountInvalid as error:
        raise DirectoryRefused("what the directory calls you cannot be a login") from error
    name = claims.get("name") or claims.get("preferred_username") or login
    locale = "ko" if str(claims.get("locale", "")).lower().startswith("ko") else "en"
    return Arrival(
        tenant, DirectoryName(claims["iss"], subject), login, str(name)[:LONGEST_NAME].strip() or login, roles, locale
    )
