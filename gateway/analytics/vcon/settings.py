"""Settings of vCons: under which name they are given out, and with which key they are signed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from infra.config import Section


class VconSettings(Section):
    """How calls are handed out as vCons."""

    section: ClassVar[str] = "vcon"

    domain: str = Field(
        default="localhost",
        pattern=r"^[A-Za-z0-9.-]+(:[0-9]{1,5})?$",
        description="host name under which this gateway is reached by HTTPS: part of every vCon's id and of the "
        "addresses of recordings in it",
    )
    signing_key: Path | None = Field(
        default=None, description="PEM file with the private key (RSA or P-256) that vCons are signed with, where asked"
    )
    certificates: Path | None = Field(
        default=None, description="PEM file with that key's certificate, and those above it, in order"
    )
