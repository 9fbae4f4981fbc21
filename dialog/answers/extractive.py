"""Answers that are a passage's own sentences: chosen, completed, shortened for the ear, each with its citation.
Pure.

The sentence that bears most on the question is the answer. It takes along the one before it when it leans on it,
the one after it when that restricts it, and its list when it announces one: half an answer can be wrong. Nothing is
composed; whoever listens hears what the enterprise wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.answers.asking import Form, forms, instructs
from dialog.answers.polarity import decided
from dialog.answers.reading import read
from dialog.answers.shorten import ended, for_the_ear, length
from dialog.answers.verifier import check
from dialog.parsers.language import language
from dialog.parsers.tables import Prose
from dialog.reply import Citation, Sentence
from knowledge.document import Hit, Passage

MOST_SENTENCES = 3
MOST_ITEMS = 4
"""Items of a list that are read out before the rest is only mentioned."""

_ALSO_WORTH = 0.75
"""A neighbour that matches at least this well, compared with the best, is said too if there is room."""
_END_MARKS = " .:"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Extract:
    """An answer taken from one passage: what is said, and the index of the sentence that it turns on."""

    sentences: tuple[Sentence, ...]
    passage: Passage
    focus: int

    @property
    def text(self) -> str:
        """All of it as one line."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def written(self) -> str:
        """The sentence that it turns on, as it is written."""
        return self.passage.sentences[self.focus]

    @property
    def quoted(self) -> str:
        """All of it as it is written: nothing is left out for the ear."""
        return " ".join(sentence.citation.quote for sentence in self.sentences if sentence.citation is not None)


def extract(hit: Hit, code: str, *, asked: str = "", order: Sequence[int] = ()) -> Extract | None:
    """The answer that ``hit``'s passage gives, or None when nothing in it can be said.

    ``asked`` are the words of the question, ``order`` the places of the passage's sentences, the likeliest answer
    first, where somebody has compared them already (``dialog.answers.reading``). Raises ``LanguageNotSpoken``.
    """
    prose = language(code).prose
    passage = hit.passage
    scores = list(hit.sentence_scores)
    if not passage.sentences or len(scores) != len(passage.sentences):
        return None
    sayable = [_sayable(sentence, prose) for sentence in passage.sentences]
    likeliest = order or [reading.sentence for reading in read(asked, (hit,), code)]
    candidates = [index for index in likeliest if sayable[index]]
    if not candidates:
        return None
    focus = candidates[0]
    if passage.question is not None:
        wanted = [focus, *(index for index, can in enumerate(sayable) if can and index != focus)]
    else:
        wanted = _around(focus, passage, scores, sayable, prose)
    steps = _steps(focus, passage, sayable, code) if Form.STEPS in forms(asked, code) else []
    chosen = _fitting(steps or wanted, focus, passage, prose, whole=bool(steps))
    spoken = _speak(chosen, passage, prose)
    if chosen[0] == focus:
        said = decided(asked, passage.sentences[focus], code)
        spoken[0] = Sentence(said + spoken[0].text, spoken[0].citation)
    backed = tuple(sentence for sentence in spoken if not check(sentence, passage, code))
    return Extract(backed, passage, focus) if backed else None


def _sayable(sentence: str, prose: Prose) -> bool:
    spoken = for_the_ear(sentence, prose)
    return any(character.isalpha() for character in spoken) and length(spoken, prose) <= prose.longest_sentence


def _around(focus: int, passage: Passage, scores: list[float], sayable: list[bool], prose: Prose) -> list[int]:
    """The sentence, what it needs, what restricts it, and a neighbour that says as much; most needed first."""
    sentences = passage.sentences
    chosen = [focus]
    if focus > 0 and sayable[focus - 1] and prose.leans_back.search(sentences[focus]):
        chosen.append(focus - 1)
    following = focus + 1
    worth = _ALSO_WORTH * scores[focus]
    if prose.introduces.search(sentences[focus]):
        chosen += [index for index in range(following, min(len(sentences), following + MOST_ITEMS)) if sayable[index]]
        return chosen
    announced = _announcement(focus, sentences, prose)
    if announced is not None and announced not in chosen:
        chosen.append(announced)
    if following < len(sentences) and sayable[following]:
        restricts = prose.limits.search(sentences[following]) is not None
        if restricts or scores[following] >= worth > 0:
            chosen.append(following)
    if focus > 0 and sayable[focus - 1] and scores[focus - 1] >= worth > 0 and focus - 1 not in chosen:
        chosen.append(focus - 1)
    return chosen


def _steps(focus: int, passage: Passage, sayable: list[bool], code: str) -> list[int]:
    """The instructions that ``focus`` is one of, in order, if it is one of several that follow one another; no more
    than are read out of a list."""
    does = [can and instructs(sentence, code) for sentence, can in zip(passage.sentences, sayable, strict=True)]
    if not does[focus]:
        return []
    first = last = focus
    while first > 0 and does[first - 1] and last - first + 1 < MOST_ITEMS:
        first -= 1
    while last + 1 < len(does) and does[last + 1] and last - first + 1 < MOST_ITEMS:
        last += 1
    return list(range(first, last + 1)) if last > first else []


def _announcement(focus: int, sentences: Sequence[str], prose: Prose) -> int | None:
    """The line that announces the list that ``focus`` is an item of, if it stands close above."""
    for index in range(focus - 1, max(-1, focus - 1 - MOST_ITEMS), -1):
        if prose.introduces.search(sentences[index]):
            return index
    return None


def _fitting(wanted: list[int], focus: int, passage: Passage, prose: Prose, *, whole: bool = False) -> list[int]:
    """As many of the wanted sentences as an ear takes in, in the passage's order. The focus always fits, and all of
    what is only of use as a ``whole``."""
    if whole:
        return wanted
    kept: list[int] = [focus]
    room = prose.longest_answer - length(for_the_ear(passage.sentences[focus], prose), prose)
    listing = prose.introduces.search(passage.sentences[min(wanted)]) is not None
    most = MOST_ITEMS + 1 if listing else MOST_SENTENCES
    for index in wanted:
        cost = length(for_the_ear(passage.sentences[index], prose), prose)
        needed = index == focus - 1 or prose.limits.search(passage.sentences[index]) is not None
        if index != focus and len(kept) < most and (cost <= room or needed):
            kept.append(index)
            room -= cost
    return sorted(kept)


def _speak(indices: list[int], passage: Passage, prose: Prose) -> list[Sentence]:
    """The sentences at ``indices``; a line that announces a list is joined with its items into one."""
    spoken: list[Sentence] = []
    position = 0
    while position < len(indices):
        run = _list_run(indices, position, passage, prose)
        if len(run) > 1:
            spoken.append(_listing(run, passage, prose))
        else:
            spoken.append(_single(indices[position], passage, prose))
        position += len(run)
    return spoken


def _list_run(indices: list[int], position: int, passage: Passage, prose: Prose) -> list[int]:
    if not prose.introduces.search(passage.sentences[indices[position]]):
        return [indices[position]]
    return indices[position:]


def _single(index: int, passage: Passage, prose: Prose) -> Sentence:
    written = passage.sentences[index]
    return Sentence(ended(for_the_ear(written, prose)), _cite(written, passage))


def _listing(run: list[int], passage: Passage, prose: Prose) -> Sentence:
    head, *items = (for_the_ear(passage.sentences[index], prose).rstrip(_END_MARKS) for index in run)
    after = run[-1] + 1
    goes_on = after < len(passage.sentences) and run[-1] - run[0] >= MOST_ITEMS
    separator, last = prose.joins
    joined = separator.join(items) if goes_on or len(items) < 2 else separator.join(items[:-1]) + last + items[-1]
    text = f"{head}: {joined}{prose.others if goes_on else ''}"
    return Sentence(ended(text), _cite_run(run, passage))


def _cite(written: str, passage: Passage) -> Citation:
    return Citation(passage.document.id, passage.document.title, passage.id, literal(written, passage))


def _cite_run(run: list[int], passage: Passage) -> Citation:
    """The words from the first to the last sentence of a run, as they stand in the passage."""
    pieces = [passage.sentences[index] for index in range(run[0], run[-1] + 1)]
    first, last = _find(pieces[0], passage.text), _find(pieces[-1], passage.text)
    if first is None or last is None or last[1] <= first[0]:
        return _cite(passage.sentences[run[0]], passage)
    quote = passage.text[first[0] : last[1]]
    return Citation(passage.document.id, passage.document.title, passage.id, quote)


def literal(written: str, passage: Passage) -> str:
    """``written`` as it stands in the passage's text, where only white space may differ; else ``written`` itself."""
    span = _find(written, passage.text)
    return written if span is None else passage.text[span[0] : span[1]]


def _find(written: str, text: str) -> tuple[int, int] | None:
    start = text.find(written)
    if start >= 0:
        return start, start + len(written)
    flexible = r"\s+".join(re.escape(word) for word in _SPACE.split(written.strip()))
    match = re.search(flexible, text) if flexible else None
    return None if match is None else match.span()
