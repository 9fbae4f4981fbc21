from __future__ import annotations

from itertools import groupby

from gateway.analytics.kpis.kpi import KPIS, Amount


def test_a_figure_of_nothing_has_no_value() -> None:
    assert Amount().value is None
    assert Amount(0, 4, 4).value == 0


def test_amounts_add_up_in_every_part() -> None:
    assert Amount(1, 2, 3, 1) + Amount(10, 20, 30, 0) == Amount(11, 22, 33, 1)


def test_figures_of_a_kind_stand_together() -> None:
    groups = [group for group, _ in groupby(kpi.group for kpi in KPIS.values())]
    assert len(groups) == len(set(groups))
    assert all(name == kpi.name for name, kpi in KPIS.items())
