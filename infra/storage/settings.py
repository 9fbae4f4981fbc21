"""Settings of what is sealed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from infra.config import Section


class KeySettings(Section):
    """Where the keys lie that contacts' keys are wrapped with."""

    section: ClassVar[str] = "keys"

    file: Path | None = Field(
        default=None, description="the key ring, where no key service is set; none: keyring.json in the data directory"
    )
    transit_url: str | None = Field(
        default=None, description="a key service with Vault's transit API; what the file has wrapped it still unwraps"
    )
    transit_key: str = Field(default="aicc", min_length=1, description="the name of the key in the key service")
    transit_mount: str = Field(default="transit", min_length=1, description="where its transit engine is mounted")
    transit_token: SecretStr | None = Field(default=None, description="what the key service knows us by")
