"""What callers talk about: turns that share words become a topic, which is called by the words that set it apart. Pure.

Average linkage over the cosine of weighted terms, cut at ``APART``: no number of topics has to be guessed, and the same
turns give the same topics. A topic counts contacts and not turns, so that one caller who repeats himself is no trend.

Refuses: recognizing intents. Turns that share no content word with others are in no topic; their number is told.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

APART: Final = 0.85
"""One less the average cosine from which on two groups of turns are two topics. Chosen on the example's utterances of
51 intents: below it topics fall into pieces, above it they run together."""

COMMON: Final = 0.7
"""A term in more than this share of turns tells no topics apart, where there are ``MANY`` turns or more. It is no less,
for on the day of an outage half of all callers say the same word."""
MANY: Final = 20

LABEL_WORDS: Final = 3
MOST_TOPICS: Final = 30
FEWEST_CONTACTS: Final = 3
"""Fewer contacts than this are no topic: a page that shows them would show persons."""

SURELY: Final = 2.0
"""Standard errors by which the halves of a span of days have to differ before a topic is called rising or falling."""


class Trend(StrEnum):
    """How a topic's share of contacts changed from the first half of the days to the second."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """One of a caller's turns: the words as they were said, and the terms that they are compared by, each with the word
    that shows it best."""

    contact: str
    day: date
    text: str
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """Turns that belong together. ``contacts`` are distinct, latest first; ``example`` is the turn in the middle."""

    label: tuple[str, ...]
    example: str
    contacts: tuple[str, ...]
    turns: int
    by_day: Mapping[date, int]
    trend: Trend


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of some turns, the biggest first; ``contacts`` and ``turns`` are those that were looked at, ``alone``
    the turns that are in none."""

    topics: tuple[Topic, ...]
    contacts: int
    turns: int
    alone: int


def topics_of(turns: Sequence[SaidTurn]) -> Topics:
    """The topics of turns, which are in the order of time. Two or more distinct ones are needed for any."""
    told = [turn for turn in turns if turn.terms]
    everyone = len({turn.contact for turn in turns})
    weights = _weights(told)
    alike: dict[frozenset[str], list[SaidTurn]] = defaultdict(list)
    for turn in told:
        kept = frozenset(term for term in turn.terms if term in weights)
        if kept:
            alike[kept].append(turn)
    distinct = sorted(alike, key=lambda terms: (-len(alike[terms]), sorted(terms)))
    groups = _grouped([(terms, len(alike[terms])) for terms in distinct], weights)
    days = _contacts_by_day(turns)
    made = []
    for group in groups:
        members = [turn for place in group for turn in alike[distinct[place]]]
        contacts = tuple(dict.fromkeys(turn.contact for turn in sorted(members, key=lambda turn: turn.day)[::-1]))
        if len(contacts) >= FEWEST_CONTACTS:
            made.append(_topic(members, contacts, weights, days))
    made.sort(key=lambda topic: (-len(topic.contacts), topic.label))
    shown = tuple(made[:MOST_TOPICS])
    return Topics(shown, everyone, len(turns), len(turns) - sum(topic.turns for topic in shown))


def trend_of(counted: Mapping[date, int], everyone: Mapping[date, int]) -> Trend:
    """How a share changed between the halves of the days of ``everyone``: by a test of two proportions."""
    days = sorted(everyone)
    middle = (len(days) + 1) // 2
    before, after = (sum(everyone[day] for day in half) for half in (days[:middle], days[middle:]))
    first, second = (sum(counted.get(day, 0) for day in half) for half in (days[:middle], days[middle:]))
    if not before or not after:
        return Trend.STEADY
    pooled = (first + second) / (before + after)
    error = math.sqrt(pooled * (1 - pooled) * (1 / before + 1 / after))
    apart = second / after - first / before
    if error == 0 or abs(apart) < SURELY * error:
        return Trend.STEADY
    return Trend.RISING if apart > 0 else Trend.FALLING


def _weights(turns: Sequence[SaidTurn]) -> dict[str, float]:
    """Inverse frequencies of the terms that several turns share, and not too many."""
    counts = Counter(term for turn in turns for term in turn.terms)
    most = COMMON * len(turns) if len(turns) >= MANY else len(turns)
    return {
        term: math.log(1 + len(turns) / count)
        for term, count in sorted(counts.items())
        if 1 < count <= most and not term.isdigit()
    }


def _grouped(distinct: Sequence[tuple[frozenset[str], int]], weights: Mapping[str, float]) -> list[list[int]]:
    """Places in ``distinct`` that belong together. One that was said often stands for itself."""
    if len(distinct) < 2:
        return [[place] for place in range(len(distinct))]
    columns = {term: column for column, term in enumerate(weights)}
    rows = np.zeros((len(distinct), len(columns)), np.float32)
    for place, (terms, _) in enumerate(distinct):
        for term in terms:
            rows[place, columns[term]] = weights[term]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = fcluster(linkage(_distances(rows), "average"), APART, "distance")
    groups: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(found.tolist()):
        groups[group].append(place)
    return list(groups.values())


def _distances(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """One less the cosine of each pair, as the linkage wants them."""
    apart = 1.0 - np.clip(rows @ rows.T, 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    # Sums in another order differ by a last bit; rounded, the same turns are grouped alike on every machine.
    return np.asarray(squareform(np.round(apart, 5), checks=False), np.float64)


def _topic(
    members: Sequence[SaidTurn], contacts: tuple[str, ...], weights: Mapping[str, float], everyone: Mapping[date, int]
) -> Topic:
    counts = Counter(term for turn in members for term in turn.terms if term in weights)
    # How often a term is said here, and how seldom elsewhere; a word of one letter is a poor name.
    ranked = sorted(counts, key=lambda term: (-counts[term] * weights[term], term))
    words = _surfaces(members)
    named = [term for term in ranked if len(words[term]) > 1 and counts[term] > 1] or ranked
    label = tuple(dict.fromkeys(words[term] for term in named))[:LABEL_WORDS]

    def central(turn: SaidTurn) -> tuple[float, int, str]:
        kept = [term for term in turn.terms if term in weights]
        return (-sum(counts[term] * weights[term] for term in kept) / math.sqrt(len(kept)), len(turn.text), turn.text)

    by_day = _contacts_by_day(members)
    return Topic(label, min(members, key=central).text, contacts, len(members), by_day, trend_of(by_day, everyone))


def _surfaces(turns: Iterable[SaidTurn]) -> dict[str, str]:
    """The word by which each term was said most."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        for term, word in turn.terms.items():
            said[term][word] += 1
    return {term: min(words, key=lambda word: (-words[word], word)) for term, words in said.items()}


def _contacts_by_day(turns: Iterable[SaidTurn]) -> dict[date, int]:
    seen: dict[date, set[str]] = defaultdict(set)
    for turn in turns:
        seen[turn.day].add(turn.contact)
    return {day: len(contacts) for day, contacts in sorted(seen.items())}
