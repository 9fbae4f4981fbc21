"""Where tenants' language models lie: ``<models>/<tenant>/<digest>/`` and a file that names the current one.

Kept apart from the building of models, so that a worker process can find one without importing what builds it.

Refuses: reading the models themselves.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from stt.errors import SttError

MODEL, DICTIONARY, REPORT, CURRENT = "model.lm.bin", "words.dict", "report.json", "current"
GENERIC: Final = "_generic"
"""The folder of the model for tenants that have none of their own; no tenant can have this name."""
_NAME: Final = re.compile(r"[^\W_][\w-]{0,99}")


class TenantNameUnusable(SttError):
    """A tenant's name that cannot be a folder's. Use letters, digits, hyphens and underscores."""

    code = "stt_tenant_name_unusable"


def tenant_directory(models: Path, tenant: str) -> Path:
    """The folder of a tenant's models. Raises ``TenantNameUnusable``."""
    if not _NAME.fullmatch(tenant):
        raise TenantNameUnusable(
            f"{tenant!r} cannot name a folder; begin with a letter or digit, go on with these, hyphens and underscores"
        )
    return models / tenant


def current_model(directory: Path) -> Path | None:
    """The folder of the model that is in use in ``directory``, if one was built."""
    try:
        folder = directory / (directory / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return folder if (folder / REPORT).is_file() else None


def make_current(directory: Path, target: Path) -> None:
    """Point at a new build, and clear away builds older than the one before: calls in progress have theirs loaded."""
    before = current_model(directory)
    pointer = directory / f".{CURRENT}.new"
    pointer.write_text(target.name, encoding="ascii")
    pointer.replace(directory / CURRENT)
    for other in directory.glob("en-*"):
        if other not in (target, before):
            shutil.rmtree(other, ignore_errors=True)
