from __future__ import annotations

from knowledge.limits import ReadLimits, from_settings
from knowledge.settings import KnowledgeSettings


def test_what_is_configured_is_what_holds() -> None:
    limits = from_settings(KnowledgeSettings(file_bytes=5_000, file_pages=7, read_cpu_seconds=3, unpacked_ratio=9))
    assert (limits.file_bytes, limits.pages, limits.cpu_seconds, limits.ratio) == (5_000, 7, 3, 9)


def test_the_defaults_of_both_agree() -> None:
    assert from_settings(KnowledgeSettings()) == ReadLimits()
