import numpy as np
import pytest

from gateway.commands.evaluate.scoring import (
    arrays,
    auroc,
    brier,
    calibration_error,
    coverage_at,
    kept_away,
    reliability,
    risk_coverage,
)

NONE = np.array([])


def test_auroc_counts_pairs_and_halves_ties() -> None:
    high, low = arrays([0.9, 0.5], [0.5, 0.1])
    assert auroc(high, low) == pytest.approx(3.5 / 4)
    assert auroc(low, high) == pytest.approx(0.5 / 4)
    assert auroc(high, NONE) is None


def test_calibration_compares_promises_with_what_came_true() -> None:
    p, right = arrays([0.95, 0.95, 0.15, 0.15], [1, 0, 0, 0])
    assert reliability(p, right) == ((pytest.approx(0.15), 0.0, 2), (pytest.approx(0.95), 0.5, 2))
    assert calibration_error(p, right) == pytest.approx((0.15 + 0.45) / 2)
    assert calibration_error(NONE, NONE) is None
    assert brier(p, right) == pytest.approx(((0.05**2 + 0.95**2) + 2 * 0.15**2) / 4)
    assert reliability(np.array([1.0]), np.array([1.0])) == ((1.0, 1.0, 1),)


def test_coverage_is_of_the_surest() -> None:
    p, right = arrays([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1])
    assert coverage_at(0.9, p, right) == 0.5
    assert coverage_at(0.75, p, right) == 1.0
    assert coverage_at(0.9, p, 1 - right) == 0.0
    assert coverage_at(0.9, NONE, NONE) is None
    points = risk_coverage(p, right)
    assert points[0] == (0.25, 0.0)
    assert points[-1] == (1.0, 0.25)
    assert risk_coverage(NONE, NONE) == ()


def test_what_is_kept_away_depends_on_what_must_get_through() -> None:
    within, without = np.linspace(0.5, 1.0, 101), np.linspace(0.0, 0.6, 101)
    loose, strict = kept_away(0.95, within, without), kept_away(0.5, within, without)
    assert loose is not None
    assert strict is not None
    assert 0.8 < loose < strict
    assert kept_away(0.9, NONE, without) is None
