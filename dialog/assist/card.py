"""Cards: what an agent is shown while talking. One at a time, and each says where it is from or what pressing it does.

Refuses: deciding. What is worth a card is found in ``suggesting``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dialog.answers.instructions import addresses_a_program
from knowledge.document import Passage

LONGEST_EXCERPT = 480
"""Characters of a passage that are shown beside an answer."""


class CardKind(StrEnum):
    """What a card offers."""

    ANSWER = "answer"
    NOTHING = "nothing"
    """The caller asked something, and nothing that we know answers it surely enough."""
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class CardSource:
    """Where an answer stands: ids of document and passage, the document's title, the words around, since when it
    counts (none: nobody said). What is ``internal`` is for agents: a caller may not be read it."""

    document: str
    title: str
    passage: str
    excerpt: str
    effective_from: date | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class NextAction:
    """What could be done next: an action, what it is called, the values that the caller gave for it, and the names of
    those that are ``missing``."""

    name: str
    title: str
    arguments: Mapping[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One suggestion for one ``utterance`` (the number of the caller's turn). ``confidence`` is the probability in 0..1
    that the answer is right, that the action is what the caller wants, or that there is nothing to be found."""

    kind: CardKind
    utterance: int
    text: str
    confidence: float
    source: CardSource | None = None
    action: NextAction | None = None

    def says_the_same(self, other: Card | None) -> bool:
        """Whether ``other`` shows nothing else, whatever was said for it."""
        mine = (self.kind, self.text, self.source, self.action)
        return other is not None and mine == (other.kind, other.text, other.source, other.action)


def source_of(passage: Passage, focus: int, *, internal: bool) -> CardSource:
    """The source of an answer that turns on the sentence ``focus`` of a passage."""
    document = passage.document
    return CardSource(document.id, document.title, passage.id, excerpt(passage, focus), document.valid_from, internal)


def excerpt(passage: Passage, focus: int, room: int = LONGEST_EXCERPT) -> str:
    """The sentence ``focus`` with as many of those around it as fit into ``room`` characters, those after it first.
    What speaks to a program is left out: no reader has a use for it."""
    first = last = focus
    length = len(passage.sentences[focus])
    grown = True
    while grown:
        grown = False
        for index in (last + 1, first - 1):
            if 0 <= index < len(passage.sentences) and length + 1 + len(passage.sentences[index]) <= room:
                first, last = min(first, index), max(last, index)
                length += 1 + len(passage.sentences[index])
                grown = True
    shown = [one for one in passage.sentences[first : last + 1] if not addresses_a_program(one)]
    text = " ".join(shown)
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
