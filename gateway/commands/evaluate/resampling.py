"""Samples of cases, and how far a figure may be off: bootstrap over topics, for questions of one article stand or fall
together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
T = TypeVar("T")

_ROUNDS = 1000
_COSTLY_ROUNDS = 200
_SEED = 20261122
_EDGES = (0.025, 0.975)


def evenly(items: Sequence[T], limit: int | None) -> tuple[T, ...]:
    """At most ``limit`` of them, evenly spread over all (``None``: all)."""
    if limit is None or limit >= len(items):
        return tuple(items)
    return tuple(items[index * len(items) // limit] for index in range(limit))


def mean_interval(values: Sequence[float] | Floats, topics: Sequence[int] | Indices) -> tuple[float, float] | None:
    """The interval (95 %) of a mean when whole topics are drawn with replacement; ``None`` for fewer than two."""
    array, of = np.asarray(values, dtype=np.float64), np.unique(np.asarray(topics), return_inverse=True)[1]
    count = int(of.max()) + 1 if len(of) else 0
    if count < 2:
        return None
    sums, sizes = np.bincount(of, array, count), np.bincount(of, minlength=count).astype(np.float64)
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), size=_ROUNDS)
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), _EDGES)
    return float(low), float(high)


def interval(
    figure: Callable[[Indices], float | None], topics: Sequence[int] | Indices, rounds: int = _COSTLY_ROUNDS
) -> tuple[float, float] | None:
    """The interval (95 %) of any figure of cases, given as a function of the cases' indices.

    Draws in which the figure is not defined (``None``) are left out; ``None`` when hardly any is left.
    """
    of = np.asarray(topics)
    members = [np.flatnonzero(of == topic) for topic in np.unique(of)]
    if len(members) < 2:
        return None
    rng = np.random.default_rng(_SEED)
    found = [
        value
        for _ in range(rounds)
        if (value := figure(np.concatenate([members[at] for at in rng.integers(0, len(members), len(members))])))
        is not None
    ]
    if len(found) < rounds // 2:
        return None
    low, high = np.quantile(found, _EDGES)
    return float(low), float(high)
