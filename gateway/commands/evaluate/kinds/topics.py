"""Topics: do the groups that callers' turns fall into agree with what people meant, and do trends tell the truth?

Utterances with intents that nobody shows to the product are grouped as a tenant's turns are. Beside it stand k-means
with as many groups, and turns that share words (``by_words``). Then a search of a week later
is to find the same topics again; and contacts of five weeks say the same utterances, where what did not change is to
raise no alarm, and intents that come twice and three times as often in the last week are to be told.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from pydantic import Field

from dialog.yaml_source import Shape
from gateway.analytics.topics.clustering import SaidTurn, Topics, gathered, topics_of
from gateway.analytics.topics.trends import Trend
from gateway.analytics.topics.words import terms_of
from gateway.commands.evaluate.encodings import Sight, sight
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.intent_sets import IntentSet, read_utterances
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.plain_topics import k_means, words_in_common
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.topic_scores import Groups, agreement, labels_apart, labels_said, stayed
from knowledge.embedder import Matrix

_SEED = 20261122
_MONDAY = date(2026, 11, 16)
_WEEKS = 5
"""Weeks of contacts: the last is asked about, and held against the others."""
_CONTACTS = 4_000
"""Contacts of a week."""
_ROUNDS = 3
"""Times that contacts are dealt, with intents that rise and without."""
_RISING = 3
_TIMES = (2, 3)
"""How many intents rise at a time, and how many times as often they come."""
_MOST_BY_WORDS = 4_000
"""Utterances that sharing words can be tried on: it compares each with each."""


class Part(StrEnum):
    """Which utterances of a set are grouped. Its makers' two halves mean nothing here: nothing is trained."""

    TRAIN = "train"
    TEST = "test"
    ALL = "all"


class TopicSet(IntentSet):
    """A set of utterances with intents, and which of them are grouped."""

    part: Part = Part.ALL


class Options(Shape):
    """Sets of labelled utterances by language and name."""

    sets: dict[str, dict[str, TopicSet]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Said:
    """Utterances with what was meant (none: off topic), and what the product sees of each."""

    language: str
    texts: Sequence[str]
    meant: Sequence[str | None]
    terms: Sequence[dict[str, str]]
    vectors: Callable[[Sequence[str]], Matrix | None]

    def dealt(self, contacts: Sequence[tuple[int, date]]) -> list[SaidTurn]:
        """A contact for each place of an utterance, on that day."""
        return [
            SaidTurn(f"{number}:{place}", day, self.texts[place], self.terms[place])
            for number, (place, day) in enumerate(contacts)
        ]


def measure(options: Options, around: Surroundings) -> Findings:
    """Figures per language, each named for its set."""
    figures: dict[str, dict[str, Figure]] = {}
    notes: list[str] = []
    with sight(around.work, list(options.sets), around.tell) as seeing:
        for code, sets in options.sets.items():
            figures[code] = {}
            for name, chosen in sets.items():
                said = _read(chosen, code, seeing, around)
                own, topics = grouped(said)
                told = {**own, **trends(said), **identity(said)}
                figures[code] |= {f"{name}.{what}": figure for what, figure in told.items()}
                notes += [
                    f"{code}.{name}: {' · '.join(one.label)} ({one.turns}) – {one.example}" for one in topics.topics
                ]
                around.tell(f"{code}.{name}: {len(said.texts)} utterances, {len(topics.topics)} topics")
    return Findings(figures, notes=tuple(notes))


def _read(chosen: TopicSet, code: str, seeing: Sight, around: Surroundings) -> Said:
    found = read_utterances(chosen, around.data, around.suite)
    every: list[tuple[str, str | None]] = []
    if chosen.part is not Part.TEST:
        every += [(text, intent) for intent, texts in found.train.items() for text in texts]
        every += [(text, None) for text in found.off_topic_train]
    if chosen.part is not Part.TRAIN:
        every += [*found.test, *((text, None) for text in found.off_topic_test)]
    some = evenly(every, around.limit)
    texts = [text for text, _ in some]

    def vectors(asked: Sequence[str]) -> Matrix | None:
        seen = [one.vector for one in seeing.many(asked, code)]
        known = [vector for vector in seen if vector is not None]
        return np.stack(known) if known else None

    return Said(code, texts, [intent for _, intent in some], [terms_of(text, code) for text in texts], vectors)


def grouped(said: Said) -> tuple[dict[str, Figure], Topics]:
    """How topics agree with intents, beside k-means with as many groups; and the topics."""
    vectors = _known(said)
    begun = time.perf_counter()
    topics = topics_of(said.dealt([(place, _MONDAY) for place in range(len(said.texts))]), _MONDAY, vectors)
    seconds = time.perf_counter() - begun
    groups = _groups_of(topics, len(said.texts))
    ours = agreement(groups, said.meant)
    theirs = agreement(k_means(said.texts, said.language, max(1, ours.groups)), said.meant)
    count = len(said.texts)
    figures = {
        "topics": Figure(ours.groups, count, baseline=theirs.groups),
        "seconds": Figure(seconds, count),
        **{
            what: Figure(getattr(ours, what), count, baseline=getattr(theirs, what))
            for what in ("coverage", "purity", "found", "nmi", "ari", "strangers")
        },
    }
    labels = [topic.label for topic in topics.topics]
    figures["labels_apart"] = Figure(labels_apart(labels), len(labels))
    members = {
        number: [frozenset(said.terms[_place(contact)].values()) for contact in topic.contacts]
        for number, topic in enumerate(topics.topics)
    }
    figures["labels_said"] = Figure(labels_said(labels, members), len(labels))
    if count <= _MOST_BY_WORDS:
        words = agreement(words_in_common(said.terms, ours.groups), said.meant)
        for what in ("coverage", "purity", "found", "nmi", "ari"):
            figures[f"by_words.{what}"] = Figure(getattr(words, what), count)
    return figures, topics


def trends(said: Said) -> dict[str, Figure]:
    """False alarms where nothing changes, by topic; and of intents that come some times as often, the share that a
    rising topic tells."""
    vectors = _known(said)
    intents = sorted({intent for intent in said.meant if intent is not None})
    alarms: list[bool] = []
    told: dict[int, list[bool]] = {times: [] for times in _TIMES}
    for number in range(_ROUNDS):
        dice = random.Random(_SEED + number)
        steady = topics_of(said.dealt(_contacts(said, (), 1, dice)), _MONDAY, vectors)
        alarms += [topic.trend is not Trend.STEADY for topic in steady.topics]
        for times in _TIMES:
            rising = dice.sample(intents, min(_RISING, len(intents)))
            changed = topics_of(said.dealt(_contacts(said, rising, times, dice)), _MONDAY, vectors)
            up = [_main_intent(topic.contacts, said) for topic in changed.topics if topic.trend is Trend.RISING]
            told[times] += [intent in up for intent in rising]
    figures = {"false_alarms": Figure(sum(alarms) / len(alarms) if alarms else None, len(alarms))}
    for times, found in told.items():
        figures[f"told_of_{times}x"] = Figure(sum(found) / len(found) if found else None, len(found))
    return figures


def identity(said: Said) -> dict[str, Figure]:
    """Of the utterances of four weeks that were in a topic in one search, the share that is together in the search of a
    week later, which has lost one week and gained another."""
    dice = random.Random(_SEED)
    days = [_MONDAY - timedelta(days=dice.randrange(7 * (_WEEKS + 1))) for _ in said.texts]
    turns = said.dealt(list(enumerate(days)))
    vectors = _known(said)
    first, last = min(days) + timedelta(days=7), max(days) - timedelta(days=7)
    searched = []
    for chosen in ([turn for turn in turns if turn.day <= last], [turn for turn in turns if turn.day >= first]):
        groups = np.full(len(turns), -1, np.intp)
        for number, members in enumerate(gathered(chosen, vectors)):
            groups[[_place(turn.contact) for turn in members]] = number
        searched.append(groups)
    common = [place for place, day in enumerate(days) if first <= day <= last]
    before, after = (groups[common] for groups in searched)
    return {"stayed": Figure(stayed(before, after), int((before >= 0).sum()))}


def _known(said: Said) -> Callable[[Sequence[str]], Matrix | None]:
    """The vectors of the utterances, looked up: they are computed once, and outside what is timed."""
    kept = said.vectors(said.texts)
    if kept is None:
        return lambda texts: None
    by_text = dict(zip(said.texts, kept, strict=True))
    return lambda texts: np.stack([by_text[text] for text in texts])


def _contacts(said: Said, rising: Sequence[str], times: int, dice: random.Random) -> list[tuple[int, date]]:
    """Contacts of five weeks, as many each day: each says any utterance, but that in the last week those of intents
    which rise are said some times as often."""
    usual = range(len(said.texts))
    weights = [times if intent in rising else 1 for intent in said.meant]
    earlier = dice.choices(usual, k=_CONTACTS * (_WEEKS - 1))
    late = dice.choices(usual, weights, k=_CONTACTS)
    first = _MONDAY - timedelta(days=7 * (_WEEKS - 1))
    return [(place, first + timedelta(days=7 * at // _CONTACTS)) for at, place in enumerate([*earlier, *late])]


def _place(contact: str) -> int:
    """The place of the utterance that a contact said."""
    return int(contact.rpartition(":")[2])


def _groups_of(topics: Topics, count: int) -> Groups:
    groups = np.full(count, -1, np.intp)
    for number, topic in enumerate(topics.topics):
        groups[[_place(contact) for contact in topic.contacts]] = number
    return groups


def _main_intent(contacts: Sequence[str], said: Said) -> str | None:
    meant = [said.meant[_place(contact)] for contact in contacts]
    return max(sorted({intent for intent in meant if intent is not None}), key=meant.count, default=None)
