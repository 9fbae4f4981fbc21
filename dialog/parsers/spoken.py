"""What every parser of a value gives: the value, where it was said, and how surely it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)

SURE = 0.97
"""Nothing in the words can be read otherwise."""
LIKELY = 0.85
"""The words could be part of something else."""
AMBIGUOUS = 0.7
"""People mean two things by these words: to be read back."""


@dataclass(frozen=True, slots=True)
class Spoken(Generic[T_co]):
    """A value that was said, the characters ``start:end`` that say it, and how surely (0..1) they are read so."""

    value: T_co
    start: int
    end: int
    confidence: float
