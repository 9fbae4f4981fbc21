from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.commands.bench.capacity import Findings
from gateway.commands.bench.order import Order
from gateway.commands.bench.page import page, picture, write_page
from tests.gateway.commands.bench.test_steps import HELD

BROKEN = replace(HELD, offered=40, carried=40, p99_gap_ms=88.0)
WHEN = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_page_says_what_was_carried_where_and_how_to_repeat_it() -> None:
    told = page(Findings("turn", [BROKEN, HELD], 20), Order(), "2 cores", WHEN)
    assert "**20 calls** at once" in told
    assert "2026-05-01; 2 cores" in told
    assert "aicc bench capacity --mode turn --most 400 --seconds 20" in told
    assert told.index("| 20 |") < told.index("| 40 |"), "in the order of calls"
    assert "gap p99 88.0 ms" in told
    assert "| 5.5 |" in told
    assert "not valid" not in told


def test_what_cannot_be_believed_is_said() -> None:
    told = page(Findings("turn", [replace(HELD, foreign=0.5)], 20, comparable=False), Order(), "1 core", WHEN)
    assert "1 of 1 steps are not valid" in told
    assert "not comparable" in told


def test_no_number_that_held_is_not_dressed_up() -> None:
    assert "No number of calls" in page(Findings("turn", [BROKEN]), Order(), "2 cores", WHEN)


def test_page_and_picture_lie_beside_each_other(tmp_path: Path) -> None:
    findings = Findings("turn", [HELD, BROKEN], 20)
    write_page(tmp_path / "docs", findings, Order())
    assert "capacity.svg" in (tmp_path / "docs" / "capacity.md").read_text(encoding="utf-8")
    assert (tmp_path / "docs" / "capacity.svg").read_text(encoding="utf-8") == picture(findings)
