"""A tenant's file for its agents: read whole, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.actions.rules import Identity
from dialog.assist.disposition import EVERYWHERE
from dialog.assist.guide import FILE, Guide, read_guide
from dialog.errors import TenantDialogInvalid
from tests.house import EXAMPLE, example_release

TENANT = "id: shop\nname: {ko: 가, en: A}\nlanguages: [ko, en]\nlines:\n  - {alias: shop-ko, language: ko}\n"
LINE = "script:\n  - {id: one, text: {ko: 가, en: A}%s}\n"


def written(folder: Path, content: str) -> Path:
    (folder / "tenant.yaml").write_text(TENANT, encoding="utf-8")
    (folder / FILE).write_text(content, encoding="utf-8")
    return folder


def test_the_examples_guide_is_whole() -> None:
    guide = read_guide(EXAMPLE, example_release())
    assert [line.id for line in guide.script][:2] == ["greeting", "recording"]
    assert all(line.text["ko"] and line.text["en"] for line in guide.script)
    assert {"refunded", "answered", "other"} <= {one.id for one in guide.dispositions}
    assert guide.vouching is Identity.KNOWLEDGE


def test_without_the_file_nothing_is_required_and_nobody_vouches(tmp_path: Path) -> None:
    assert read_guide(tmp_path, example_release()) == Guide((), EVERYWHERE, Identity.NONE)


def test_queues_lines_and_other_wordings_are_taken(tmp_path: Path) -> None:
    more = ", queues: [billing], lines: [shop-ko], accepted: {ko: [나]}"
    [line] = read_guide(written(tmp_path, LINE % more), example_release()).script
    assert (line.queues, line.lines, line.accepted) == ({"billing"}, {"shop-ko"}, {"ko": ("나",)})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("script:\n  - {id: one, text: {ko: 가}}\n", r"desk.yaml:2: script.0.text: has no words for en"),
        ("script:\n  - {id: one, text: {ko: 가, en: A, de: A}}\n", "there is no 'de'"),
        (LINE % ", queues: [biling]", "there is no 'biling'; there are billing, general, orders"),
        (LINE % ", lines: [shop-en]", "there is no 'shop-en'; there are shop-ko"),
        (LINE % "" + "  - {id: one, text: {ko: 가, en: A}}\n", "second time"),
        ("dispositions:\n  - {id: a, name: {ko: 가, en: A}, about: [refundd]}\n", "there is no 'refundd'"),
        ("dispositions:\n  - {id: a, name: {ko: 가, en: A}, after: [done]}\n", "after"),
        ("vouch: always\n", "vouch"),
        ("skript: []\n", "skript"),
    ],
)
def test_a_slip_of_the_pen_is_refused_with_its_place(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=problem):
        read_guide(written(tmp_path, content), example_release())
