from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dialog.errors import TenantDialogInvalid
from gateway.commands.release import create, diff, latest, promote
from tests.house import small_tenant

TENANT = "hanbit-store"


class Screen:
    def __init__(self) -> None:
        self._out = io.StringIO()
        self.console = Console(file=self._out, width=120)

    def text(self) -> str:
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return text


async def test_a_release_is_made_listed_compared_and_promoted(tmp_path: Path) -> None:
    screen, data = Screen(), tmp_path / "data"
    folder = small_tenant(tmp_path, ("en/delivery/standard-delivery.md",))
    await create(data, folder, "the first", screen.console)
    name = screen.text().split()[1]
    await promote(data, TENANT, name, "prod", screen.console)
    assert f"nothing -> {name}" in screen.text()
    await latest(data, TENANT, screen.console)
    listed = screen.text()
    assert "the first" in listed
    assert "prod" in listed
    assert not await diff(data, folder, TENANT, "prod", "folder", screen.console)
    document = folder / "knowledge/en/delivery/standard-delivery.md"
    document.write_text(document.read_text("utf-8") + "\nOn Mars it takes longer.\n", encoding="utf-8")
    assert await diff(data, folder, TENANT, "prod", "folder", screen.console)
    assert "+On Mars it takes longer." in screen.text()


async def test_what_does_not_load_becomes_no_release(tmp_path: Path) -> None:
    folder = small_tenant(tmp_path, ())
    (folder / "intents.ko.yaml").write_text("language: ko\nintents: {}\n", encoding="utf-8")
    with pytest.raises(TenantDialogInvalid):
        await create(tmp_path / "data", folder, "", Screen().console)
