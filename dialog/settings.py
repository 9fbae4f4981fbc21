"""Settings of the dialog: what the people who run it choose. What a tenant chooses stands in the tenant's folder."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from infra.config import Section


def _pairs(value: object) -> object:
    """``orders=http://10.0.0.5:8070, crm=https://crm.example`` as a mapping."""
    if not isinstance(value, str):
        return value
    pairs = [part.strip() for part in value.split(",") if part.strip()]
    if not all("=" in pair for pair in pairs):
        raise ValueError("write it as service=url, separated by commas")
    return {name.strip(): url.strip() for name, url in (pair.split("=", 1) for pair in pairs)}


class DialogSettings(Section):
    """How long the dialog waits, and where back ends really are."""

    section: ClassVar[str] = "dialog"

    retrieval_limit: int = Field(default=5, ge=1, le=20, description="passages that are fetched for a question")
    retrieval_timeout: float = Field(default=2.0, gt=0, le=10, description="seconds that the knowledge has to answer")
    journal_timeout: float = Field(
        default=5.0, gt=0, le=30, description="seconds that the ledger has to acknowledge before an action is not told"
    )
    filler_after: float = Field(
        default=0.7, ge=0, le=10, description="seconds that an action may take before the caller is asked to wait"
    )
    history_limit: int = Field(
        default=400, ge=10, description="utterances of one conversation kept in memory, the oldest are dropped"
    )
    service_urls: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(
        default={},
        description="base URLs of back ends that replace those in actions.yaml, as service=url, separated by commas",
    )
