from __future__ import annotations

import gc
import io
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from gateway.commands import serve
from gateway.commands.progress import Steps
from gateway.settings import GatewaySettings
from infra.errors import ConfigError
from knowledge.ingest import IngestReport


def test_a_taken_port_is_told_with_what_to_do_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="choose another port with --port"):
            serve._listen(GatewaySettings(port=taken.getsockname()[1]))


async def test_every_tenants_knowledge_is_brought_up_to_date_and_a_bad_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    changed: list[str] = []

    async def ingest(folder: Path, *, tenant: str, alone: bool, progress: Any) -> IngestReport:
        return IngestReport((), (), (), (), (("x.pdf", "holds no text"),), (), 0, 0.0)

    async def prepare() -> None:
        changed.append("prepared")

    async def knowledge_changed(tenant: str) -> None:
        changed.append(tenant)

    house: Any = SimpleNamespace(
        tenants={
            "shop": SimpleNamespace(id="shop", folder=tmp_path),
            "bare": SimpleNamespace(id="bare", folder=tmp_path / "nothing"),
        },
        knowledge=SimpleNamespace(ingest=ingest, prepare=prepare),
        knowledge_changed=knowledge_changed,
    )
    out = io.StringIO()
    await serve.ingest_missing(house, Steps(Console(file=out, color_system=None, width=120)))
    assert changed == ["prepared", "shop", "bare"]
    assert "x.pdf was not read: holds no text" in out.getvalue()


def test_what_was_loaded_at_the_start_is_not_looked_through_again_while_calls_go_on() -> None:
    before = gc.get_freeze_count()
    try:
        serve._settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
