"""Settings of the ground floor."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from infra.config import Section


class DatabaseSettings(Section):
    """Where the ledger lives."""

    section: ClassVar[str] = "database"

    url: str | None = Field(default=None, description="PostgreSQL URL; none: an embedded server in the data directory")
    migration_url: str | None = Field(
        default=None, description="URL of the role that owns the tables and migrates them; none: the role of url does"
    )
    pool_size: int = Field(default=8, ge=2, le=64, description="connections that one node keeps at most")
