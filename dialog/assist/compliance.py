"""The lines that an agent must say, and which of them were said. Pure.

A line counts as said when the agent's words carry nearly all of it, in any of the wordings that the tenant accepts and
in either language: recognized speech loses syllables and particles, and people turn sentences around. What may not
differ are numbers and whether it is negated: "is not recorded" does not tick "is recorded".

Refuses: judging how something was said, and anything that a caller says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dialog.answers.evidence import content_words, pairs_of
from dialog.answers.restrictions import RESTRICTION_TABLES, Restriction
from dialog.answers.verifier import numbers
from dialog.parsers.language import LANGUAGES
from dialog.parsers.tables import Prose
from dialog.parsers.text import Token, tokens

ENOUGH = 0.72
"""The share of a wording that must be said (0..1)."""
LOOSE = 1.6
"""How many times as long as the wording the stretch may be in which it is said."""
REMEMBERED = 3
"""The agent's last utterances that a line may be spread over."""

_PLACE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line: its ``text`` by language (``{places}`` are for names and need not match), other wordings that are
    ``accepted`` by language, and the queues and telephone lines that require it (empty: all)."""

    id: str
    text: Mapping[str, str]
    accepted: Mapping[str, tuple[str, ...]]
    queues: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()

    def required(self, queue: str | None, line: str | None) -> bool:
        """Whether a call of this queue on this telephone line requires it."""
        return (not self.queues or queue in self.queues) and (not self.lines or line in self.lines)

    def wordings(self) -> Iterable[tuple[str, str]]:
        """All that counts as saying it, each with its language."""
        for code, text in self.text.items():
            yield code, text
            for other in self.accepted.get(code, ()):
                yield code, other


@dataclass(frozen=True, slots=True)
class Checklist:
    """The lines that a call requires, those that were ``said``, and the agent's last words."""

    lines: tuple[ScriptLine, ...]
    said: frozenset[str] = frozenset()
    recent: tuple[str, ...] = ()

    @classmethod
    def of(cls, script: Iterable[ScriptLine], queue: str | None, line: str | None) -> Checklist:
        """For a call of this queue on this telephone line."""
        return cls(tuple(one for one in script if one.required(queue, line)))

    def moved(self, script: Iterable[ScriptLine], queue: str | None, line: str | None) -> Checklist:
        """For the same call in another queue; what was said already counts there, too."""
        return replace(Checklist.of(script, queue, line), said=self.said, recent=self.recent)

    def after(self, text: str) -> Checklist:
        """After the agent said ``text``."""
        recent = (*self.recent, text)[-REMEMBERED:]
        spoken = [" ".join(recent[-count:]) for count in range(1, len(recent) + 1)]
        now = {line.id for line in self.lines if line.id not in self.said and _says(spoken, line)}
        return replace(self, said=self.said | now, recent=recent)


def _says(spoken: Iterable[str], line: ScriptLine) -> bool:
    return any(said(text, wording, code) for code, wording in line.wordings() for text in spoken)


def said(text: str, wording: str, code: str) -> bool:
    """Whether ``text`` carries ``wording``, which is in the language ``code``. Raises ``KeyError`` for one that the
    house does not speak."""
    prose = LANGUAGES[code].prose
    plain = _PLACE.sub(" ", wording)
    wanted = content_words(plain, prose)
    words = tokens(text)
    if not wanted or not words:
        return False
    window = max(1, round(LOOSE * len(tokens(plain))))
    stretch, share = max(
        ((part, _share(wanted, part)) for part in _stretches(text, words, window)), key=lambda found: found[1]
    )
    return share >= ENOUGH and _means_the_same(stretch, plain, code, prose)


def _stretches(text: str, words: tuple[Token, ...], window: int) -> Iterable[str]:
    """Every run of ``window`` words, or all where there are fewer."""
    for first in range(max(1, len(words) - window + 1)):
        last = words[min(first + window, len(words)) - 1]
        yield text[words[first].start : last.end]


def _share(wanted: tuple[str, ...], text: str) -> float:
    """The share of the wanted words that ``text`` has, by character pairs, spaces aside: recognizers set them freely;
    longer words weigh more."""
    there = pairs_of("".join(token.text for token in tokens(text)))
    weight = sum(map(len, wanted))
    return sum(len(word) * len(pairs_of(word) & there) / len(pairs_of(word)) for word in wanted) / weight


def _means_the_same(said: str, wording: str, code: str, prose: Prose) -> bool:
    negation = RESTRICTION_TABLES[code].kinds[Restriction.NEGATION]
    same = bool(negation.search(said)) == bool(negation.search(wording))
    return same and numbers(wording, prose) <= numbers(said, prose)
