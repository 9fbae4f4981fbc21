"""Settings of the front of house."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from infra.config import Section, pairs

SHORTEST_TOKEN = 16
"""Characters of an MCP client's token."""


def _paths(value: object) -> object:
    """``examples/hanbit-store, /srv/tenants/acme`` as paths."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


class GatewaySettings(Section):
    """Where the gateway listens, whom it serves, how many calls it takes."""

    section: ClassVar[str] = "gateway"

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0: any free one")
    api_token: SecretStr | None = Field(
        default=None,
        description="bearer token for /v1 and /metrics; required when the address is not a loopback one",
    )
    mcp_tokens: Annotated[dict[str, SecretStr], BeforeValidator(pairs)] = Field(
        default={},
        description="tokens of MCP clients, as client=token, separated by commas; each opens only the MCP servers of "
        "the tenants that name the client in mcp.yaml",
    )
    tenants: Annotated[tuple[Path, ...], BeforeValidator(_paths)] = Field(
        default=(), description="tenants' folders, separated by commas"
    )
    release: str = Field(
        default="", description="label of the release to serve of each tenant, such as prod; empty: its folder as it is"
    )
    node: str = Field(
        default_factory=lambda: socket.gethostname().split(".")[0] or "node",
        description="this process's name in the ledger; the same after a restart, and never the same as another's",
    )
    max_calls: int = Field(default=50, ge=1, description="calls that are taken at once; further ones are told busy")
    max_loop_lag: float = Field(
        default=0.03,
        gt=0,
        description="seconds that the media loop may be late (95th percentile of ten seconds) before calls are refused",
    )
    max_recognition_wait: float = Field(
        default=0.5, gt=0, description="seconds that sound may wait for a recognizer before calls are refused"
    )
    max_recognition_load: float = Field(
        default=0.75,
        gt=0,
        description="share of its cores that recognition may be expected to fill before calls are refused",
    )
    drain_seconds: float = Field(
        default=30.0, ge=0, description="seconds that calls may go on once a stop is asked for"
    )
    log_level: str = Field(default="warning", description="debug, info, warning or error")
    log_json: bool = Field(default=False, description="log lines as JSON, for collectors")

    @field_validator("mcp_tokens")
    @classmethod
    def _hard_to_guess(cls, tokens: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for client, token in tokens.items():
            if len(token.get_secret_value()) < SHORTEST_TOKEN:
                raise ValueError(f"the token of {client} has fewer than {SHORTEST_TOKEN} characters: take a random one")
        if len({token.get_secret_value() for token in tokens.values()}) < len(tokens):
            raise ValueError("two clients have the same token: give each its own")
        return tokens

    @model_validator(mode="after")
    def _closed_door(self) -> GatewaySettings:
        if self.host not in {"127.0.0.1", "::1", "localhost"} and self.api_token is None:
            raise ValueError(
                f"listening on {self.host} without api_token would show calls to everybody: set AICC_GATEWAY_API_TOKEN"
            )
        return self
