"""How much a file may cost us. Hostile and broken files look alike: both are refused by the same few figures."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.settings import KnowledgeSettings


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bytes, counts and seconds; see ``KnowledgeSettings`` for what each means."""

    file_bytes: int = 20_000_000
    pages: int = 500
    characters: int = 2_000_000
    unpacked_bytes: int = 200_000_000
    members: int = 2_000
    ratio: int = 200
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    memory_bytes: int = 1_500_000_000


def from_settings(settings: KnowledgeSettings) -> ReadLimits:
    """The limits that are configured."""
    return ReadLimits(
        file_bytes=settings.file_bytes,
        pages=settings.file_pages,
        characters=settings.file_characters,
        unpacked_bytes=settings.unpacked_bytes,
        members=settings.unpacked_members,
        ratio=settings.unpacked_ratio,
        cpu_seconds=settings.read_cpu_seconds,
        wall_seconds=settings.read_wall_seconds,
        memory_bytes=settings.read_memory_bytes,
    )
