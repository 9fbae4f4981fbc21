"""What callers talk about: turns that are about the same become a topic, called by the words that set it apart. Pure.

A turn is seen by what a model makes of it where one reads the language, and elsewhere by its words. No number of topics
has to be guessed. A topic counts contacts and not turns, so that one caller who repeats himself is no trend; it is
looked for in all turns at once, those of the weeks before included, so that what it is held against is itself.

Refuses: recognizing intents. Turns that are like no others are in no topic; their number is told.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zlib import crc32

import numpy as np

from gateway.analytics.topics.grouping import COMPARED, grouped
from gateway.analytics.topics.naming import labels_of
from gateway.analytics.topics.rows import Matrix, rows_of
from gateway.analytics.topics.trends import Change, Trend, change_of, trends_of

MOST_TOPICS: Final = 100
FEWEST_CONTACTS: Final = 3
"""Fewer contacts than this are no topic: a page that shows them would show persons."""

Encode = Callable[[Sequence[str]], Matrix | None]
"""What a model makes of texts: a row of length one for each; none where no model reads them."""


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
    """Turns that belong together, as far as they were said on the days asked about. ``contacts`` are distinct, latest
    first; ``example`` is the turn in the middle."""

    label: tuple[str, ...]
    example: str
    contacts: tuple[str, ...]
    turns: int
    by_day: Mapping[date, int]
    change: Change
    trend: Trend


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of some turns, the biggest first; ``contacts`` and ``turns`` are those of the days asked about,
    ``alone`` the turns that are in none; ``contacts_before`` are those that these days are held against."""

    topics: tuple[Topic, ...]
    contacts: int
    turns: int
    alone: int
    contacts_before: int


def topics_of(turns: Sequence[SaidTurn], since: date, encode: Encode) -> Topics:
    """The topics of the turns from ``since`` on, held against those before. Turns are in the order of time."""
    groups = []
    for members in gathered(turns, encode):
        now = [turn for turn in members if turn.day >= since]
        if len({turn.contact for turn in now}) >= FEWEST_CONTACTS:
            groups.append((members, now))
    groups.sort(key=lambda group: -len({turn.contact for turn in group[1]}))
    shown = groups[:MOST_TOPICS]
    everyone = _contacts_by_day(turns)
    inside = {id(turn) for members, _ in shown for turn in members}
    elsewhere = [turn.terms for turn in turns if id(turn) not in inside]
    labels = labels_of([[turn.terms for turn in members] for members, _ in shown], elsewhere)
    changes = [change_of(_contacts_by_day(members), everyone, since) for members, _ in shown]
    topics = tuple(
        _topic(label, now, change, trend)
        for (_, now), label, change, trend in zip(shown, labels, changes, trends_of(changes), strict=True)
    )
    asked = [turn for turn in turns if turn.day >= since]
    before = {turn.contact for turn in turns if turn.day < since}
    alone = len(asked) - sum(topic.turns for topic in topics)
    return Topics(topics, len({turn.contact for turn in asked}), len(asked), alone, len(before))


def gathered(turns: Sequence[SaidTurn], encode: Encode) -> list[list[SaidTurn]]:
    """Turns that are about the same, the largest group first, each in the order given."""
    alike: dict[frozenset[str], list[SaidTurn]] = defaultdict(list)
    for turn in turns:
        if turn.terms:
            alike[frozenset(turn.terms)].append(turn)
    # What is said most comes first, and then by lot: if not all can be compared, it is a fair sample, and much the same
    # one next week.
    distinct = sorted(
        alike, key=lambda terms: (-len(alike[terms]), crc32(" ".join(sorted(terms)).encode()), sorted(terms))
    )
    if not distinct:
        return []
    said = [len(alike[terms]) for terms in distinct]
    texts = [min((turn.text for turn in alike[terms]), key=lambda text: (len(text), text)) for terms in distinct]
    rows = encode(texts)
    if rows is None:
        rows = rows_of(distinct, texts, said, COMPARED)
    groups = grouped(rows, np.array(said))
    members: list[list[SaidTurn]] = [[] for _ in range(int(groups.max()) + 1)]
    number_of = dict(zip(distinct, groups.tolist(), strict=True))
    for turn in turns:
        if turn.terms and (number := number_of[frozenset(turn.terms)]) >= 0:
            members[number].append(turn)
    return members


def _topic(label: tuple[str, ...], turns: Sequence[SaidTurn], change: Change, trend: Trend) -> Topic:
    latest = tuple(dict.fromkeys(turn.contact for turn in sorted(turns, key=lambda turn: turn.day)[::-1]))
    return Topic(label, _example(turns), latest, len(turns), _contacts_by_day(turns), change, trend)


def _example(turns: Sequence[SaidTurn]) -> str:
    """The turn in the middle: the one whose terms most of the others have."""
    counts = Counter(term for turn in turns for term in turn.terms)

    def central(turn: SaidTurn) -> tuple[float, int, str]:
        return -sum(counts[term] for term in turn.terms) / math.sqrt(len(turn.terms)), len(turn.text), turn.text

    return min(turns, key=central).text


def _contacts_by_day(turns: Iterable[SaidTurn]) -> dict[date, int]:
    seen: dict[date, set[str]] = defaultdict(set)
    for turn in turns:
        seen[turn.day].add(turn.contact)
    return {day: len(contacts) for day, contacts in sorted(seen.items())}
