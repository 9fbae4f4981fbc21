"""Settings of the doors for raw streams."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from gateway.telephony.shared_secret import Token
from infra.config import Section


class RawSettings(Section):
    """Each platform's doors open with the secret that its requests are believed by."""

    section: ClassVar[str] = "raw"

    rate: Literal[8000, 16000] = Field(
        default=16000, description="sample rate in Hz that Vonage and jambonz are asked to stream at"
    )
    vonage_signature_secret: Token = Field(
        default=None, description="the Vonage account's signature secret; with it Vonage's doors are open"
    )
    vonage_application: str = Field(default="", description="Vonage's application id, to move calls with")
    vonage_private_key: Path | None = Field(
        default=None, description="file with that application's private key (PEM), to move calls with"
    )
    vonage_api_url: str = Field(
        default="https://api.nexmo.com", pattern=r"^https?://[^\s/]+$", description="where Vonage takes requests"
    )
    jambonz_webhook_secret: Token = Field(
        default=None, description="the jambonz account's webhook secret; with it jambonz' doors are open"
    )
    freeswitch_token: Token = Field(
        default=None,
        description="the secret that FreeSWITCH shows, in the socket's address or its metadata, of 16 characters or "
        "more; with it FreeSWITCH's doors are open",
    )

    @field_validator("vonage_private_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _whole(self) -> RawSettings:
        if (self.vonage_private_key is None) == bool(self.vonage_application):
            raise ValueError("vonage_application and vonage_private_key go together: set both, or neither")
        if self.vonage_application and self.vonage_signature_secret is None:
            raise ValueError("vonage_application without vonage_signature_secret: its doors would not be open")
        return self
