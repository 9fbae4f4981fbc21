"""Privacy: is what is personal in callers' utterances found, and nothing else taken for it?

Each part is judged by itself, for the rules may have been made with one in sight and without another. A mark is found
when every letter and digit of it lies within finds of its kind, for half a number is no secret kept; ``hidden`` counts
finds of any kind. A find is right when more than half of its letters and digits are marked as that kind. The baseline
is Presidio on the same utterances, where its package is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field

from dialog.errors import PrivacyOpinionAbsent
from dialog.privacy.detector import find
from dialog.privacy.kinds import Found, PersonalKind
from dialog.privacy.presidio import second_opinion
from dialog.yaml_source import Shape
from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.retrieval import search_times, share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.privacy_sets import Marked, read_marked
from gateway.commands.evaluate.resampling import evenly

Finder = Callable[[str, str], Sequence[Found]]


class Options(Shape):
    """Files of marked utterances beside the suite: by the name of the part (train, test), one for each language."""

    sets: dict[str, tuple[str, ...]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """One mark or one find: its kind, the utterance, what it says, and whether it was found (is right)."""

    kind: PersonalKind
    utterance: int
    value: str
    right: bool


def measure(options: Options, around: Surroundings) -> Findings:
    """Figures by part and language, by kind and over all; what was missed or taken wrongly is among the problems."""
    figures: dict[str, dict[str, Figure]] = {}
    problems: list[str] = []
    seen: dict[str, str] = {}
    opinion, note = _baseline()
    for part, files in options.sets.items():
        every: list[tuple[Marked, str]] = []
        for named in files:
            language, utterances = read_marked(named, around.suite)
            for one in utterances:
                if seen.setdefault(one.text, named) != named:
                    raise SuiteInvalid(f"{named} and {seen[one.text]} share {one.text!r}; write one anew")
            chosen = [(one, language) for one in evenly(utterances, around.limit)]
            every += chosen
            figures[f"{part}_{language}"], wrong = told(chosen, opinion)
            problems += [f"{named}: {line}" for line in wrong]
        figures[part], _ = told(every, opinion)
        figures[part] |= _times(every)
        around.tell(f"{part}: {len(every)} utterances")
    return Findings(figures, notes=note, problems=tuple(problems))


def told(utterances: Sequence[tuple[Marked, str]], opinion: Finder | None) -> tuple[dict[str, Figure], list[str]]:
    """The figures of some utterances, each with its language, and what went wrong."""
    recalled, precise, hidden = judged(utterances, find)
    theirs = judged(utterances, opinion) if opinion is not None else None
    figures: dict[str, Figure] = {}
    for kind in PersonalKind:
        figures[f"{kind}.recall"] = _share(recalled, theirs[0] if theirs else None, kind)
        figures[f"{kind}.precision"] = _share(precise, theirs[1] if theirs else None, kind)
    figures["recall"] = _share(recalled, theirs[0] if theirs else None)
    figures["precision"] = _share(precise, theirs[1] if theirs else None)
    figures["hidden"] = _share(hidden, theirs[2] if theirs else None)
    texts = [one.text for one, _ in utterances]
    wrong = [f"missed {one.kind} {one.value!r} in {texts[one.utterance]!r}" for one in recalled if not one.right]
    wrong += [f"took {one.value!r} for {one.kind} in {texts[one.utterance]!r}" for one in precise if not one.right]
    return figures, wrong


def judged(utterances: Sequence[tuple[Marked, str]], finder: Finder) -> tuple[list[Judged], list[Judged], list[Judged]]:
    """Every mark by its kind, every find, and every mark by finds of any kind."""
    recalled: list[Judged] = []
    precise: list[Judged] = []
    hidden: list[Judged] = []
    for number, (one, language) in enumerate(utterances):
        found = finder(one.text, language)
        for mark in one.found:
            said = one.text[mark.start : mark.end]
            alike = [other for other in found if other.kind is mark.kind]
            recalled.append(Judged(mark.kind, number, said, _within(one.text, mark, alike) == 1.0))
            hidden.append(Judged(mark.kind, number, said, _within(one.text, mark, found) == 1.0))
        for other in found:
            marks = [mark for mark in one.found if mark.kind is other.kind]
            right = _within(one.text, other, marks) > 0.5
            precise.append(Judged(other.kind, number, one.text[other.start : other.end], right))
    return recalled, precise, hidden


def _within(text: str, span: Found, others: Sequence[Found]) -> float:
    """The share of a span's letters and digits that lie within other spans."""
    places = [place for place in range(span.start, span.end) if text[place].isalnum()]
    inside = sum(any(other.start <= place < other.end for other in others) for place in places)
    return inside / len(places) if places else 0.0


def _share(ours: Sequence[Judged], theirs: Sequence[Judged] | None, kind: PersonalKind | None = None) -> Figure:
    own = [one for one in ours if kind is None or one.kind is kind]
    simple = None if theirs is None else [float(one.right) for one in theirs if kind is None or one.kind is kind]
    return share([float(one.right) for one in own], [one.utterance for one in own], simple)


def _times(utterances: Sequence[tuple[Marked, str]]) -> dict[str, Figure]:
    """How long the detector takes for an utterance, in milliseconds."""
    seconds = []
    for one, language in utterances:
        begun = time.perf_counter()
        find(one.text, language)
        seconds.append(time.perf_counter() - begun)
    return search_times(seconds)


def _baseline() -> tuple[Finder | None, tuple[str, ...]]:
    try:
        second_opinion("", "en")
    except PrivacyOpinionAbsent as error:
        return None, (f"no baseline: {error}",)
    return second_opinion, ()
