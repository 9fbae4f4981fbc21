"""Settings of the doors for Genesys Cloud."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from infra.config import Section


class GenesysKey(BaseModel):
    """What an API key of an integration opens: whose organization it is, and which tenant's calls come by it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: SecretStr
    """The client secret as it stands in the integration: in base64."""
    tenant: str
    organization: str = Field(default="", pattern=r"^$|^[0-9a-fA-F-]{36}$")
    """The organization's id in Genesys; empty: any that has the secret."""
    line: str = ""
    """The tenant's line that calls come in on which name none; empty: they must name one."""

    @field_validator("secret")
    @classmethod
    def _is_base64(cls, secret: SecretStr) -> SecretStr:
        try:
            decoded = base64.b64decode(secret.get_secret_value(), validate=True)
        except binascii.Error as error:
            raise ValueError("must be base64, as it was given to the integration") from error
        if len(decoded) < 16:
            raise ValueError("must have 16 bytes at least")
        return secret

    @property
    def key(self) -> bytes:
        """What signatures are made with."""
        return base64.b64decode(self.secret.get_secret_value())


def _from_json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value or "{}")
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from error


class GenesysSettings(Section):
    """Who may come in from Genesys Cloud; without a key the doors are shut."""

    section: ClassVar[str] = "genesys"

    keys: Annotated[dict[str, GenesysKey], BeforeValidator(_from_json)] = Field(
        default={},
        description="API keys of AudioHook integrations, as JSON or as tables: the key, and of it secret (base64), "
        "tenant, organization and line",
    )
    bot_turns: bool = Field(
        default=True, description="whether Genesys is told in words what the bot says, for the transcript of its flow"
    )
