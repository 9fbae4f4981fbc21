"""Settings of the carriers beside the first (whose are in the section ``telephony``)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.telephony.streams.signatures import Ed25519
from infra.config import Section

_ADDRESS = r"^(https?://[^\s/]+)?$"


class CarrierSettings(Section):
    """Each carrier's doors open with the key that its requests are believed by; with its API, calls can be moved."""

    section: ClassVar[str] = "carriers"

    signalwire_signing_key: SecretStr | None = Field(
        default=None, description="SignalWire's signing key; with it its doors are open"
    )
    signalwire_project: str = Field(default="", description="SignalWire's project id, to move calls with")
    signalwire_api_token: SecretStr | None = Field(default=None, description="SignalWire's API token")
    signalwire_space_url: str = Field(
        default="", pattern=_ADDRESS, description="SignalWire's space, such as https://example.signalwire.com"
    )
    telnyx_public_key: str = Field(
        default="",
        description="Telnyx's public key in base64, as its portal shows it; with it and the API key its doors are open",
    )
    telnyx_account: str = Field(default="", description="Telnyx's account id, to move calls with")
    telnyx_api_key: SecretStr | None = Field(default=None, description="Telnyx's API key (V2)")
    telnyx_api_url: str = Field(
        default="https://api.telnyx.com", pattern=_ADDRESS, description="where Telnyx takes requests"
    )
    plivo_auth_id: str = Field(default="", description="Plivo's auth id, to move calls with")
    plivo_auth_token: SecretStr | None = Field(
        default=None, description="Plivo's auth token; with it its doors are open"
    )
    plivo_api_url: str = Field(
        default="https://api.plivo.com", pattern=_ADDRESS, description="where Plivo takes requests"
    )
    exotel_user: str = Field(
        default="", pattern=r"^[^:]*$", description="the name in the address of the socket that Exotel was given"
    )
    exotel_password: SecretStr | None = Field(
        default=None, description="the password in that address; with it Exotel's door is open"
    )

    @field_validator("telnyx_public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if value:
            try:
                Ed25519(value)
            except ValueError as error:
                raise ValueError("must be 32 bytes in base64: copy it from the portal, Keys & Credentials") from error
        return value

    @field_validator(
        "signalwire_signing_key",
        "signalwire_api_token",
        "telnyx_api_key",
        "plivo_auth_token",
        "exotel_password",
    )
    @classmethod
    def _empty_is_none(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value() else None

    @model_validator(mode="after")
    def _whole(self) -> CarrierSettings:
        if self.telnyx_public_key and self.telnyx_api_key is None:
            raise ValueError(
                "telnyx_public_key without telnyx_api_key: set both, for sockets are let in under the latter"
            )
        if self.exotel_password is not None and not self.exotel_user:
            raise ValueError("exotel_password without exotel_user: set both as they stand in the socket's address")
        return self
