from __future__ import annotations

from pathlib import Path

from gateway.commands.settings import SECTIONS, page
from infra.config import variable_name


def test_the_page_names_every_setting_and_is_what_the_repository_holds() -> None:
    text = page()
    for section in SECTIONS:
        for field in section.model_fields:
            assert f"`{variable_name(section, field)}`" in text
    assert (Path(__file__).parents[3] / "SETTINGS.md").read_text(encoding="utf-8") == text + "\n"


def test_no_secret_is_printed() -> None:
    assert "SecretStr" not in page()
