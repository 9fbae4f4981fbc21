"""What one caller has confided in one contact: hidden when they say it, and known again in whatever is said later.

A number that is told in pieces, over several turns, is put together; what the caller was asked for is known to be
that, however it sounds. The values themselves live here for as long as the contact does, in memory alone.

Refuses: what is no personal data but a secret of the moment (a code, an answer); that is ``dialog.discretion``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dialog.privacy.cues import asked_for
from dialog.privacy.detector import find
from dialog.privacy.digit_runs import runs
from dialog.privacy.kinds import HIGH_RISK, Found, PersonalKind, replaced
from dialog.privacy.written import written

MOST_REMEMBERED = 256
"""Values of one contact; beyond that the one told first is known no more by itself, only by its form."""
_SHORTEST_NUMBER = 6
"""Digits: fewer stand in too many other numbers."""
_SHORTEST_NAME = 3
"""Characters of a name or an address, without spaces."""
_GOES_ON = 8
"""Characters that may follow a number that is not over yet ("… 이고요", "… uh")."""
_LONGEST_PIECE = 80
"""Characters of a turn's end that may be the beginning of a number."""
_IN_WORDS = frozenset({PersonalKind.EMAIL, PersonalKind.ADDRESS, PersonalKind.NAME})


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what was personal in it, and where that stood in the original."""

    text: str
    found: tuple[Found, ...] = ()


@dataclass(slots=True)
class Confided:
    """One contact's memory of what was confided. ``language`` is the one that the conversation is in."""

    language: str
    _numbers: dict[str, PersonalKind] = field(default_factory=dict)
    _words: dict[str, tuple[re.Pattern[str], PersonalKind]] = field(default_factory=dict)
    _asked: PersonalKind | None = None
    _piece: str = ""
    """The digits that the turn before ended with, where they may go on."""

    def ask(self, question: str) -> None:
        """The caller is asked this: what they say next may be its answer."""
        self._asked = asked_for(question)

    def take(self, text: str) -> Redacted:
        """What the caller said, without what is personal in it, which is remembered."""
        shift = len(self._piece) + 1 if self._piece else 0
        joined = f"{self._piece} {text}" if shift else text
        found: list[Found] = []
        for one in find(joined, self.language, asked=self._asked):
            if one.end > shift:
                self._remember(joined[one.start : one.end], one.kind)
                found.append(Found(max(0, one.start - shift), one.end - shift, one.kind))
        found += _besides(self._known(text), found)
        ordered = tuple(sorted(found, key=lambda one: one.start))
        return Redacted(replaced(text, ordered), ordered)

    def end_turn(self, text: str) -> None:
        """The caller's turn is over with these words, all of them: the next one may go on with its last number."""
        as_written = written(text)
        said = list(runs(as_written))
        near = said and len(as_written.text) - said[-1].end <= _GOES_ON
        piece = text[said[-1].starts[0] :][-_LONGEST_PIECE:] if near else ""
        self._piece = f"{self._piece} {piece}".strip()[-_LONGEST_PIECE:] if piece else ""
        if text.strip() and not piece:
            self._asked = None

    def hide(self, text: str) -> str:
        """Any other text, without what this caller confided and without what nobody may read (cards' numbers …)."""
        known = self._known(text)
        risky = [one for one in find(text, self.language) if one.kind in HIGH_RISK]
        return replaced(text, tuple(sorted((*known, *_besides(risky, known)), key=lambda one: one.start)))

    def _remember(self, value: str, kind: PersonalKind) -> None:
        if kind in _IN_WORDS:
            plain = re.sub(r"\s+", "", value).lower()
            if len(plain) >= _SHORTEST_NAME and plain not in self._words:
                self._words[plain] = (_pattern(value), kind)
            if len(self._words) > MOST_REMEMBERED:
                del self._words[next(iter(self._words))]
            return
        for run in runs(written(value)):
            if len(run.digits) >= _SHORTEST_NUMBER:
                self._numbers[run.digits] = kind
        if len(self._numbers) > MOST_REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    def _known(self, text: str) -> list[Found]:
        """Where ``text`` says what was confided before, in its order."""
        found: list[Found] = []
        if self._numbers:
            for run in runs(written(text)):
                for digits, kind in self._numbers.items():
                    at = run.digits.find(digits)
                    if at >= 0 and run.starts_group(at) and run.ends_group(at + len(digits)):
                        found.append(Found(run.starts[at], run.ends[at + len(digits) - 1], kind))
        for pattern, kind in self._words.values():
            found += (Found(*match.span(), kind) for match in pattern.finditer(text))
        found.sort(key=lambda one: (one.start, -one.end))
        apart: list[Found] = []
        for one in found:
            if not apart or one.start >= apart[-1].end:
                apart.append(one)
        return apart


def _besides(found: list[Found], others: list[Found]) -> list[Found]:
    """What of ``found`` stands apart from all ``others``."""
    return [one for one in found if all(one.end <= other.start or other.end <= one.start for other in others)]


def _pattern(value: str) -> re.Pattern[str]:
    """The same words again, however they are spaced; those of the Latin alphabet as whole words."""
    if value.isascii():
        words = r"\s+".join(re.escape(word) for word in value.split())
        return re.compile(rf"(?<!\w){words}(?!\w)", re.I)
    return re.compile(r"\s*".join(re.escape(character) for character in value if not character.isspace()))
