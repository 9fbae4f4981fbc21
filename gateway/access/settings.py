"""Settings of the entrance: how long a session lasts, whose pages show ours, and the enterprise's directory."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, FilePath, SecretStr, field_validator, model_validator

from gateway.access.oidc_claims import RoleRule, read_rule
from gateway.access.origins import checked_origin
from infra.config import Section, pairs


def _listed(value: object) -> object:
    """``https://crm.example, https://wiki.example`` as a list."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _rules(value: object) -> object:
    """``agents=agent, leads=acme:agent+supervisor`` as rules by value."""
    given = pairs(value)
    if not isinstance(given, dict):
        return given
    return {name: read_rule(rule) if isinstance(rule, str) else rule for name, rule in given.items()}


class AccessSettings(Section):
    """Who gets in by which way, and for how long."""

    section: ClassVar[str] = "access"

    public_url: str = Field(
        default="",
        description="the address under which people reach this gateway, such as https://desk.example.com; needed "
        "behind a proxy; empty: as the request names it",
    )
    embed_origins: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(),
        description="origins of pages that may show ours inside, such as https://crm.example.com, separated by commas; "
        "with any the session's cookie goes by HTTPS only",
    )
    session_idle_minutes: float = Field(
        default=30, gt=0, le=24 * 60, description="minutes without a request after which a session ends"
    )
    session_hours: float = Field(
        default=12, gt=0, le=24 * 7, description="hours after which a session ends in any case"
    )
    oidc_issuer: str = Field(
        default="", description="the issuer of the enterprise's OpenID Connect directory; empty: passwords alone"
    )
    oidc_client_id: str = Field(default="", description="what that directory calls this gateway")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="what this gateway proves itself with to it; none: a public client, by PKCE alone"
    )
    oidc_authority: FilePath | None = Field(
        default=None,
        description="PEM file of the authority that vouches for that directory's address; none: this machine's",
    )
    oidc_scopes: str = Field(default="openid profile email", description="what is asked of it, separated by spaces")
    oidc_role_claim: str = Field(
        default="groups", description="the claim of its ID tokens that roles are read from; a path such as realm.roles"
    )
    oidc_roles: Annotated[dict[str, RoleRule], BeforeValidator(_rules)] = Field(
        default={},
        description="roles by value of that claim, as value=role, tenant:role or tenant:role+role, separated by commas",
    )

    @field_validator("public_url")
    @classmethod
    def _is_reached(cls, value: str) -> str:
        return checked_origin(value) if value else ""

    @field_validator("embed_origins")
    @classmethod
    def _are_origins(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(checked_origin, values))

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str) -> str:
        if value:
            scheme, separator, rest = value.partition("://")
            checked_origin(f"{scheme}{separator}{rest.partition('/')[0]}")
        return value

    @model_validator(mode="after")
    def _complete(self) -> AccessSettings:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_roles):
            raise ValueError("a directory needs AICC_ACCESS_OIDC_CLIENT_ID and AICC_ACCESS_OIDC_ROLES as well")
        return self
