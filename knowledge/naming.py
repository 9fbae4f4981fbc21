"""Names of the collections that Qdrant keeps passages and records in.

Each tenant and language has a collection of its own (a filter would cost every search, and forgetting it once would
tell one tenant's words to another's callers), and each tenant a catalog whose points are the documents' records.

Refuses: opening anything.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from knowledge.index import Space

PREFIX: Final = "aicc"
UNNAMED: Final = 2
"""The format of collections whose name tells none: they were made before there was another."""


def collection(space: Space) -> str:
    """The collection of a space's entries."""
    made_by = () if space.format == UNNAMED else (f"f{space.format}",)
    return "-".join((PREFIX, _slug(space.tenant), space.language, _slug(space.model or "words"), *made_by))


def catalog(tenant: str) -> str:
    """The collection of a tenant's records."""
    return f"{PREFIX}-{_slug(tenant)}-catalog"


def _slug(name: str) -> str:
    """A name that a collection may have; what had to be changed gets a mark so that two never become one."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "_", name)
    return safe if safe == name else f"{safe}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
