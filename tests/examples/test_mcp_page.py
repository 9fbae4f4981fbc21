"""The page about MCP says what really happens, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dialog.actions.source import read_actions
from dialog.yaml_source import read_yaml
from gateway.api.mcp_server import result_of
from tests.gateway.api.mcp_stage import ANYBODY, OWNER, PREPARING, stage
from tests.house import ROOT

PAGES = {"en": ROOT / "docs" / "mcp.md", "ko": ROOT / "docs" / "mcp.ko.md"}


def blocks(language: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGES[language].read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("language", PAGES)
async def test_the_answers_that_it_shows_are_the_answers(language: str) -> None:
    proposed, succeeded, refused, _ = map(json.loads, blocks(language, "json"))
    owner, anybody = replace(OWNER, language=language), replace(ANYBODY, language=language)
    async with stage() as house:
        first = await house.call(owner, "cancel_order", order_number=PREPARING)
        second = await house.call(owner, "confirm", proposal=first.body["proposal"])
        third = await house.call(anybody, "cancel_order", order_number=PREPARING)
    shown = {**result_of(first).structured_content, "proposal": proposed["proposal"]}
    assert proposed == shown
    assert succeeded == result_of(second).structured_content
    beginning = refused.pop("message").removesuffix("…").rstrip()
    said = result_of(third).structured_content
    assert said.pop("message").startswith(beginning)
    assert refused == said


@pytest.mark.parametrize("language", PAGES)
def test_the_actions_that_it_shows_load(language: str, tmp_path: Path) -> None:
    [written] = blocks(language, "yaml")
    (tmp_path / "actions.yaml").write_text(written, encoding="utf-8")
    assert read_actions(read_yaml(tmp_path / "actions.yaml"))["stock"].path == "stock"


def test_both_languages_show_the_same() -> None:
    assert blocks("en", "yaml") == blocks("ko", "yaml")
    assert len(blocks("en", "python")) == len(blocks("ko", "python")) == 1
    english, korean = (re.findall(r"^#+", PAGES[code].read_text(encoding="utf-8"), re.MULTILINE) for code in PAGES)
    assert english == korean
