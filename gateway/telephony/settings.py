"""Settings of the telephone's doors."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from infra.config import Section


class TelephonySettings(Section):
    """How calls come in, and how long a silent or stuck far end is borne with."""

    section: ClassVar[str] = "telephony"

    twilio_auth_token: SecretStr | None = Field(
        default=None,
        description="the carrier account's auth token; with it X-Twilio-Signature is required on webhooks and sockets",
    )
    twilio_account_sid: str = Field(
        default="", pattern=r"^[A-Za-z0-9]*$", description="the carrier account that places our own calls"
    )
    twilio_api_url: str = Field(
        default="https://api.twilio.com",
        pattern=r"^https?://[^\s/]+$",
        description="where that carrier takes orders for calls",
    )
    public_url: str | None = Field(
        default=None,
        description="the address under which carriers reach this gateway, such as https://voice.example.com; needed "
        "behind a proxy, for signatures are made over it; none: as the request names it",
    )
    start_timeout: float = Field(
        default=5.0, gt=0, le=60, description="seconds from an open media socket to its start message"
    )
    idle_timeout: float = Field(
        default=10.0, gt=0, le=600, description="seconds without any message after which a media socket is given up"
    )
    send_timeout: float = Field(
        default=5.0, gt=0, le=60, description="seconds that one send may wait for a far end that does not read"
    )
    send_queue: float = Field(
        default=10.0, gt=0, le=300, description="seconds of sound that may wait to be sent on one leg"
    )
    max_ahead: float = Field(
        default=30.0, gt=0, le=3600, description="seconds that a caller's sound may run ahead of real time"
    )
    webhook_timeout: float = Field(
        default=5.0, gt=0, le=60, description="seconds that a webhook's body may take to come"
    )
    web_calls: Literal["off", "local", "anyone"] = Field(
        default="local",
        description="who may call from the web page /call: nobody (off), this machine (local) or anyone who reaches it",
    )
    max_body: int = Field(default=64 * 1024, ge=1024, le=1 << 20, description="bytes of the largest webhook body")

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is None or value == "":
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be http(s)://host[:port][/path], without a query")
        return value.rstrip("/")

    @field_validator("twilio_auth_token")
    @classmethod
    def _empty_is_none(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value() else None
