from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from gateway.commands import ingest, server
from knowledge.ingest import IngestReport

REPORT = IngestReport(("en/a.md",), (), ("en/b.md",), (), (("en/c.pdf", "holds no text"),), (), 3, 1.5)


class Gateway(server.RunningGateway):
    """A gateway whose answers are made here."""

    def client(self, timeout: float | None = None) -> Any:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/refresh"):
                return httpx.Response(200, json=asdict(REPORT))
            bad = b"bad.txt" in request.read()
            return httpx.Response(422 if bad else 201, json={"detail": "holds no text"} if bad else {})

        return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://test")


async def run(monkeypatch: pytest.MonkeyPatch, folder: Path, path: Path) -> tuple[bool, str]:
    async def found(*_: Any) -> Gateway:
        return Gateway("http://test")

    monkeypatch.setattr(ingest, "find", found)
    out = io.StringIO()
    good = await ingest.ingest(folder, folder, "shop", path, Console(file=out, width=120, color_system=None))
    return good, out.getvalue()


async def test_a_tenants_own_folder_is_read_again_by_the_running_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "knowledge").mkdir()
    good, text = await run(monkeypatch, tmp_path, tmp_path / "knowledge")
    assert not good
    assert "1 added, 0 changed, 1 unchanged, 0 removed" in text
    assert "en/c.pdf: holds no text" in text


async def test_other_files_are_uploaded_one_by_one_and_a_bad_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("good.md", "bad.txt", "picture.png"):
        (tmp_path / name).write_text("x")
    good, text = await run(monkeypatch, tmp_path / "tenant", tmp_path)
    assert not good
    assert "✓ good.md" in text
    assert "✗ bad.txt holds no text" in text
    assert "picture" not in text
