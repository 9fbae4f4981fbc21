"""The tenant and the callers of the benchmarks: the example shop with the documents that its recorded callers ask for.

A few documents are ingested in seconds, and what is measured is the cost of calls, not of a large index.

Refuses: made-up sound. The callers are the example's own recordings.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway.session.tenant import load_tenant

DOCUMENTS = (
    "en/delivery/standard-delivery.md",
    "en/returns/refund-times.md",
    "en/services/price-match.md",
    "en/services/gift-wrapping.md",
    "en/stores/visiting-our-stores.md",
)
TURNS_OF_A_SCRIPT = 240
"""Utterances that the scripted recognizer knows: more than the longest call has."""


@dataclass(frozen=True, slots=True)
class MeasuredTenant:
    """What is served and who calls: the n-th of ``recordings`` says the n-th of ``texts``."""

    id: str
    folder: Path
    number: str
    recordings: tuple[Path, ...]
    texts: tuple[str, ...]

    def scripted(self) -> dict[str, str]:
        """Settings with which the callers are heard without a recognizer, for what is measured is not recognition."""
        heard = [self.texts[turn % len(self.texts)] for turn in range(TURNS_OF_A_SCRIPT)]
        return {"AICC_STT_ENGINE": "scripted", "AICC_STT_SCRIPT": "|".join(heard)}


def measured_tenant(example: Path, place: Path) -> MeasuredTenant:
    """Copy the example tenant with few documents to ``place`` (once) and find its callers."""
    copy = place / example.name
    if not copy.is_dir():
        shutil.copytree(example, copy, ignore=shutil.ignore_patterns("knowledge", "calls"))
        for document in DOCUMENTS:
            target = copy / "knowledge" / document
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(example / "knowledge" / document, target)
    tenant = load_tenant(copy)
    callers = yaml.safe_load((example / "calls" / "callers.yaml").read_text(encoding="utf-8"))["callers"]
    asked = [caller for caller in callers if caller.get("bench")]
    return MeasuredTenant(
        id=tenant.id,
        folder=copy,
        number=next(line.number for line in tenant.lines if line.language == "en"),
        recordings=tuple(example / "calls" / caller["file"] for caller in asked),
        texts=tuple(caller["text"] for caller in asked),
    )
