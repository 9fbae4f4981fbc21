"""Settings of the ground floor."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr, field_validator

from infra.config import Section, pairs


class DatabaseSettings(Section):
    """Where the ledger lives."""

    section: ClassVar[str] = "database"

    url: str | None = Field(default=None, description="PostgreSQL URL; none: an embedded server in the data directory")
    migration_url: str | None = Field(
        default=None, description="URL of the role that owns the tables and migrates them; none: the role of url does"
    )
    pool_size: int = Field(default=8, ge=2, le=64, description="connections that one node keeps at most")


class TracesSettings(Section):
    """Where traces of calls are sent, if anywhere."""

    section: ClassVar[str] = "traces"

    endpoint: str | None = Field(
        default=None,
        description="a collector's whole URL for OTLP over HTTP, such as http://collector:4318/v1/traces; none: no "
        "traces are made",
    )
    headers: Annotated[dict[str, SecretStr], BeforeValidator(pairs)] = Field(
        default={}, description="headers of each request to it, as name=value, separated by commas"
    )
    timeout: float = Field(default=10.0, gt=0, description="seconds that one request may take, repetitions included")
    queue: int = Field(default=8192, ge=1, description="spans that wait at most; what comes beyond them is dropped")
    ratio: float = Field(default=1.0, ge=0, le=1, description="share of the calls that are traced")

    @field_validator("endpoint")
    @classmethod
    def _address(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise ValueError("the collector's address begins with http:// or https://")
        return endpoint
