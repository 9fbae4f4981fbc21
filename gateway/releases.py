"""Which release of each tenant this node serves: the tenant's folder as it lies there, or the one that a label names.

Refuses: serving a release with other models than it was made for: what was measured with one model says nothing about
another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dialog.errors import ReleaseInvalid
from dialog.models.language_model import identity
from dialog.releases.content import Content, lay_out, read_content
from dialog.releases.store import ReleaseStore
from dialog.settings import LanguageModelSettings
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.storage.database import Database
from knowledge.settings import KnowledgeSettings
from stt.settings import SttSettings

FOLDER = "releases"
"""In the data directory: for each tenant the release that is served, laid out to be read."""


def models_in_use() -> dict[str, str]:
    """The models that this node is set to, by what they do; what is in none of them takes part in no release."""
    vectors, ears, words = load(KnowledgeSettings), load(SttSettings), load(LanguageModelSettings)
    models = {"embedding": vectors.model or "built-in", "recognizer": ears.model or ears.engine}
    if words.engine != "none":
        models["language"] = identity(words)
    return models


def read_folder(folder: Path) -> Content:
    """What a release of this tenant's folder would be now. Raises ``ReleaseInvalid`` and the tenant's own errors."""
    return read_content(folder, load_tenant(folder).id, models_in_use())


async def released(database: Database, folders: Sequence[Path], label: str, data: Path) -> list[Path]:
    """For each tenant's folder the one with the release that ``label`` points to, laid out below ``data``.

    Raises ``ReleaseUnknown`` where a tenant has no such label, ``ReleaseInvalid`` where models differ.
    """
    laid_out = []
    for folder in folders:
        content = await ReleaseStore(database, load_tenant(folder).id).read(label)
        _refuse_other_models(content, models_in_use())
        target = data / FOLDER / content.manifest.tenant
        lay_out(content, target)
        laid_out.append(target)
    return laid_out


def _refuse_other_models(content: Content, here: Mapping[str, str]) -> None:
    made_for = content.manifest.models
    for part in sorted({*made_for, *here}):
        if made_for.get(part) != here.get(part):
            raise ReleaseInvalid(
                f"release {content.manifest.id[:12]} was made for the {part} model {made_for.get(part, 'none')!r}, and "
                f"this node is set to {here.get(part, 'none')!r}: change that, or create and measure another release"
            )
