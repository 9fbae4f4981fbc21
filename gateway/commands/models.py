"""``aicc models``: the production models that a hub offers for each part, and fetching them.

Nothing is fetched unless it is asked for by name; the embedded engines need none of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.errors import AiccError


class ModelNotPulled(AiccError):
    """A model could not be fetched; the message says why and what to do."""

    code = "model_not_pulled"


@dataclass(frozen=True, slots=True)
class Offer:
    """A model on the hub: for which part, under which licence, how large, and the setting that uses it."""

    name: str
    repository: str
    part: str
    languages: str
    licence: str
    megabytes: int
    setting: str


OFFERS = (
    Offer("whisper-tiny", "Systran/faster-whisper-tiny", "hearing", "ko, en", "MIT", 75, "AICC_STT_MODEL"),
    Offer("whisper-base", "Systran/faster-whisper-base", "hearing", "ko, en", "MIT", 145, "AICC_STT_MODEL"),
    Offer("whisper-small", "Systran/faster-whisper-small", "hearing", "ko, en", "MIT", 484, "AICC_STT_MODEL"),
    Offer(
        "whisper-large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "hearing",
        "ko, en",
        "MIT",
        1620,
        "AICC_STT_MODEL",
    ),
    Offer(
        "multilingual-e5-small",
        "intfloat/multilingual-e5-small",
        "knowledge",
        "ko, en",
        "MIT",
        490,
        "AICC_KNOWLEDGE_MODEL",
    ),
    Offer("bge-m3", "BAAI/bge-m3", "knowledge", "ko, en", "MIT", 2290, "AICC_KNOWLEDGE_MODEL"),
    Offer("ko-sroberta", "jhgan/ko-sroberta-multitask", "knowledge", "ko", "unstated", 445, "AICC_KNOWLEDGE_MODEL"),
    Offer("kokoro-en", "csukuangfj/kokoro-en-v0_19", "speaking", "en", "Apache-2.0", 350, "AICC_TTS_MODEL_EN"),
)


def list_models(data: Path, console: Console) -> None:
    """Print what can be pulled, with licence and size, and what is here."""
    table = Table(box=None, pad_edge=False)
    for column in ("name", "part", "languages", "licence", "size", "here", "used by"):
        table.add_column(column)
    for offer in OFFERS:
        here = "yes" if _place(data, offer).is_dir() else "–"
        table.add_row(
            offer.name, offer.part, offer.languages, offer.licence, f"{offer.megabytes} MB", here, offer.setting
        )
    console.print(table)
    console.print(
        "Check a licence at its source before you use a model for customers. Fetch one: aicc models pull NAME"
    )


def pull(data: Path, name: str, console: Console) -> Path:
    """Fetch a model into the data directory; where it lies. Raises ``ModelNotPulled`` when it cannot be had."""
    offer = next((offer for offer in OFFERS if offer.name == name), None)
    if offer is None:
        raise ModelNotPulled(f"there is no model {name!r}; see `aicc models list`")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    place = _place(data, offer)
    console.print(f"Fetching {offer.repository} ({offer.licence}, {offer.megabytes} MB) into {place} …")
    unfinished = place.with_name(place.name + ".part")
    try:
        snapshot_download(offer.repository, local_dir=unfinished, etag_timeout=10)
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise ModelNotPulled(
            f"{offer.repository} cannot be reached from this machine ({type(error).__name__}). Fetch it on a machine "
            f"that can, copy the folder to {place}, and set {offer.setting} to that folder."
        ) from error
    unfinished.rename(place)
    console.print(f"[green]Done.[/] Use it: {offer.setting}={place}")
    return place


def _place(data: Path, offer: Offer) -> Path:
    return data / "models" / offer.name
