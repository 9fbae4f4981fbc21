"""Settings of webhooks: the secrets, what may be spoken to, how much at once. Who is told of what, tenants say."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr

from infra.config import Section, pairs


def _networks(value: object) -> object:
    """``10.20.0.0/16, fd00::/8`` as networks."""
    if not isinstance(value, str):
        return value
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


class WebhookSettings(Section):
    """How others are told of events."""

    section: ClassVar[str] = "webhooks"

    secrets: Annotated[dict[str, SecretStr], BeforeValidator(pairs)] = Field(
        default={},
        description="what webhooks are signed with, as name=whsec_…, separated by commas; tenant.yaml names the name. "
        "Two with a space between are both used, while a receiver changes from one to the other",
    )
    private_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)] = Field(
        default=(),
        description="networks of your own that webhooks may go to, such as 10.20.0.0/16; every other address that is "
        "not public is refused. Only there http:// will do",
    )
    at_once: int = Field(
        default=8, ge=1, le=64, description="contacts that one receiver is told of at the same time; each has as many"
    )
    interval: float = Field(default=1.0, gt=0, le=60, description="seconds between two looks for new events")
    keep_days: int = Field(default=7, ge=1, le=365, description="for how many days a delivery is remembered")
    keep_dead_days: int = Field(
        default=30, ge=1, le=3650, description="for how many days one that was given up can be asked for again"
    )
