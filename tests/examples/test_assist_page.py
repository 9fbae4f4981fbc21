"""The pages on agent assist say what the program does: their example is read as a tenant's file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dialog.assist.guide import FILE, read_guide
from gateway.desk.assist import WITHIN
from gateway.session.records import EventKind
from tests.house import EXAMPLE, ROOT, example_release

PAGES = {"en": ROOT / "docs" / "assist.md", "ko": ROOT / "docs" / "assist.ko.md"}


def page(language: str) -> str:
    return PAGES[language].read_text(encoding="utf-8")


@pytest.mark.parametrize("language", PAGES)
def test_the_example_on_the_page_is_a_guide(language: str, tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.+?)```", page(language), re.DOTALL)
    shutil.copy(EXAMPLE / "tenant.yaml", tmp_path)
    (tmp_path / FILE).write_text(example, encoding="utf-8")
    guide = read_guide(tmp_path, example_release())
    assert [line.id for line in guide.script] == ["recording"]
    assert [one.id for one in guide.dispositions] == ["refunded"]


@pytest.mark.parametrize("language", PAGES)
def test_what_the_page_names_is_there(language: str) -> None:
    named = set(re.findall(r"`((?:assist|wrap_up|caller)\.[a-z_]+)`", page(language)))
    assert named >= {"assist.shown", "assist.used", "assist.edited", "assist.dismissed", "wrap_up.done"}
    assert named <= {kind.value for kind in EventKind}
    assert str(WITHIN) in page(language)


def test_both_pages_give_the_same_figures() -> None:
    tables = [re.findall(r"^\| .*\d.*\|$", page(language), re.MULTILINE) for language in PAGES]
    figures = [[re.findall(r"\d+", row) for row in table] for table in tables]
    assert figures[0] == figures[1] and len(figures[0]) >= 6
