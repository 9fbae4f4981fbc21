"""Settings of the calls that the house makes by itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from infra.config import Section


class OutboundSettings(Section):
    """Whether, and how many, calls this node makes by itself."""

    section: ClassVar[str] = "outbound"

    dialer: str = Field(
        default="none",
        pattern="^(none|twilio)$",
        description="the carrier that places calls: none (due calls wait) or twilio (needs telephony's account, auth "
        "token and public_url)",
    )
    interval: float = Field(default=2.0, gt=0, le=60, description="seconds between two looks for due calls")
    at_once: int = Field(default=5, ge=1, le=100, description="calls of our own that may ring at the same time")
    reserve: float = Field(
        default=0.2,
        ge=0,
        lt=1,
        description="share of gateway.max_calls kept for callers: due calls wait while no more than that is free",
    )
