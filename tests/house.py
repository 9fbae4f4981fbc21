"""The example tenant, and a small copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "hanbit-store"


def small_tenant(folder: Path, documents: tuple[str, ...]) -> Path:
    """The example tenant with only some of its documents: ingested in seconds."""
    copy = folder / "hanbit-store"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("knowledge", "calls"))
    for document in documents:
        target = copy / "knowledge" / document
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE / "knowledge" / document, target)
    return copy
