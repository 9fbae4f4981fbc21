"""Typical sentences of callers, made from the patterns in ``phrasings.en.yaml``.

They teach the recognizer's language model the shape of a service call before a tenant has written a word. The draw is
seeded, so the same patterns always give the same sentences.

Refuses: being anybody's transcript. The patterns are ours and general; a tenant's own words come from its knowledge.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stt.errors import SttError
from stt.spoken_text import cardinal, clock, digits, ordinal

PATTERNS: Final = Path(__file__).parent / "phrasings.en.yaml"
_SLOT: Final = re.compile(r"\{(\w+)\}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class PhrasingsUnreadable(SttError):
    """The file of patterns is not what it should be."""

    code = "stt_phrasings_unreadable"


class Phrasings(BaseModel):
    """Lists of words and weighted patterns that name them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lists: dict[str, list[str]]
    patterns: list[tuple[int, str]]


def load(path: Path = PATTERNS) -> Phrasings:
    """Read and check the patterns. Raises ``PhrasingsUnreadable`` that names what is wrong."""
    try:
        phrasings = Phrasings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise PhrasingsUnreadable(f"{path} cannot be used: {error}") from error
    unknown = {slot for _, pattern in phrasings.patterns for slot in _SLOT.findall(pattern)} - (
        set(phrasings.lists) | set(_MADE_UP)
    )
    if unknown:
        raise PhrasingsUnreadable(f"{path}: no list is named {', '.join(sorted(unknown))}")
    return phrasings


def sentences(phrasings: Phrasings, *, each: int = 6, seed: int = 0) -> Iterator[list[str]]:
    """``each`` sentences for every weight of every pattern, as lists of words.

    A pattern with nothing to fill in is given once for each weight, because it would only be the same again.
    """
    draw = random.Random(seed)
    for weight, pattern in phrasings.patterns:
        for _ in range(weight * (each if "{" in pattern else 1)):
            yield _SLOT.sub(lambda slot: _fill(slot[1], phrasings, draw), pattern).split()


def _fill(slot: str, phrasings: Phrasings, draw: random.Random) -> str:
    make = _MADE_UP.get(slot)
    return make(draw) if make else draw.choice(phrasings.lists[slot])


def _number(draw: random.Random) -> str:
    return " ".join(cardinal(draw.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 20, 30))))


def _digits(draw: random.Random) -> str:
    words = digits("".join(draw.choices("0123456789", k=draw.randint(3, 11))))
    return " ".join("oh" if word == "zero" and draw.random() < 0.3 else word for word in words)


def _letters(draw: random.Random) -> str:
    return " ".join(draw.choices(_LETTERS, k=draw.randint(1, 5)))


def _amount(draw: random.Random) -> str:
    value, unit = draw.choice(((1, "dollars"), (1000, "won"), (10, "dollars"), (10_000, "won")))
    return " ".join([*cardinal(value * draw.randint(1, 99)), unit])


def _clock(draw: random.Random) -> str:
    said = clock(draw.randint(1, 12), draw.choice((0, 0, 15, 30, 30, 45)))
    return (
        said.replace(" o'clock", draw.choice((" o'clock", " a m", " p m", "")))
        if "o'clock" in said
        else (said + draw.choice(("", " a m", " p m")))
    )


def _date(draw: random.Random) -> str:
    months = "january february march april may june july august september october november december".split()
    return f"{draw.choice(months)} {' '.join(ordinal(draw.randint(1, 31)))}"


_MADE_UP: Final[dict[str, Callable[[random.Random], str]]] = {
    "number": _number, "digits": _digits, "letters": _letters, "amount": _amount, "clock": _clock, "date": _date,
}  # fmt: skip
