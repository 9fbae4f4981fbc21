from __future__ import annotations

import numpy as np
import pytest

from gateway.analytics.topics import grouping
from gateway.analytics.topics.grouping import grouped
from gateway.analytics.topics.rows import Matrix, of_length_one


def some(many: int) -> tuple[Matrix, list[int]]:
    """Rows of three kinds, each of which lies about an axis of its own, and their kinds."""
    dice = np.random.default_rng(3)
    kinds = dice.integers(0, 3, many)
    noise = dice.normal(0, 0.15, (many, 20)).astype(np.float32)
    return of_length_one(np.eye(20, dtype=np.float32)[kinds] + noise), kinds.tolist()


def test_rows_of_a_kind_are_a_group_and_the_largest_is_the_first() -> None:
    rows, kinds = some(90)
    groups = grouped(rows, np.ones(90, np.intp))
    assert {(group, kind) for group, kind in zip(groups.tolist(), kinds, strict=True) if group >= 0} == {
        (group, kind) for group, kind in enumerate(sorted(range(3), key=kinds.count, reverse=True))
    }
    assert (groups >= 0).mean() > 0.9


def test_rows_that_were_not_compared_go_to_the_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "COMPARED", 30)
    rows, kinds = some(300)
    groups = grouped(rows, np.ones(300, np.intp))
    for group in range(3):
        assert len({kind for number, kind in zip(groups.tolist(), kinds, strict=True) if number == group}) == 1
    assert (groups >= 0).mean() > 0.9


def test_what_all_have_in_common_keeps_none_together() -> None:
    rows, kinds = some(90)
    shifted = of_length_one(rows + 2 * np.eye(20, dtype=np.float32)[[19] * 90])
    assert (shifted @ shifted.T).min() > 0.5
    groups = grouped(shifted, np.ones(90, np.intp))
    assert len(set(zip(groups.tolist(), kinds, strict=True))) == 3


def test_what_is_like_no_centre_or_too_small_is_in_no_group() -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 2, 3]]
    rows[6] = [0.3, 0.3, 0.3, 0.85]
    groups = grouped(rows, np.array([1, 1, 1, 1, 1, 3, 1]))
    assert groups.tolist() == [0, 0, 0, -1, -1, 1, -1]  # what was said three times is enough


def test_only_the_largest_of_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_GROUPS", 2)
    rows, kinds = some(90)
    groups = grouped(rows, np.ones(90, np.intp))
    assert set(groups.tolist()) == {-1, 0, 1}
    assert kinds.count(kinds[groups.tolist().index(0)]) >= kinds.count(kinds[groups.tolist().index(1)])


@pytest.mark.parametrize("many", [1, 2])
def test_few_rows_are_no_trouble(many: int) -> None:
    rows = np.ones((many, 1), np.float32)
    assert grouped(rows, np.full(many, 3)).tolist() == [0] * many
    assert grouped(rows, np.ones(many, np.intp)).tolist() == [-1] * many
