"""The example tenant, and a small copy of it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from dialog.releases.release import Release, load_release

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "hanbit-store"


@cache
def example_release() -> Release:
    """Its release, which nobody can change: a second of computing, once a process."""
    return load_release(EXAMPLE)


def small_tenant(folder: Path, documents: tuple[str, ...]) -> Path:
    """The example tenant with only some of its documents: ingested in seconds."""
    copy = folder / "hanbit-store"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("knowledge", "calls"))
    for document in documents:
        target = copy / "knowledge" / document
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE / "knowledge" / document, target)
    return copy
