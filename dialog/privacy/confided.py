"""What one caller has confided in one contact: hidden when they say it, and known again in whatever is said later.

A number that is told in pieces, over several turns, is put together; what the caller was asked for is known to be
that, however it sounds. The values themselves live here for as long as the contact does, in memory alone.

Refuses: what is no personal data but a secret of the moment (a code, an answer); that is ``dialog.discretion``'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dialog.privacy.cues import OTHER, asked_for
from dialog.privacy.detector import find, left_out
from dialog.privacy.digit_runs import runs
from dialog.privacy.kinds import HIGH_RISK, Found, PersonalKind, replaced
from dialog.privacy.written import written

MOST_REMEMBERED = 256
"""Values of one contact; beyond that the one told first is known no more by itself, only by its form."""
_SHORTEST_NUMBER = 6
"""Digits: fewer stand in too many other numbers."""
_SHORTEST_NAME = 3
"""Characters of a name or an address, without spaces."""
_SHORTEST_HANGUL = 2
"""The same in Hangul; one of two syllables is looked for where words begin."""
_GOES_ON = 8
"""Characters that may follow a number that is not over yet ("… 이고요", "… uh")."""
_GOES_ON_WITH = re.compile(
    r"(?:네|예|음+|어+|그리고|그\s*다음(?:은|에는?)?|다음(?:은|에)?|그|나머지(?:는|가)?|뒤(?:에는?|는|가)?|뒷\s*(?:자리|번호)(?:는|가)?|이어서"
    r"|uh|um|and|then|yes|yeah|okay|so|the\s+rest(?:\s+(?:is|of\s+it\s+is))?|followed\s+by|it\s+goes\s+on(?:\s+with)?"
    r"|the\s+last\s+(?:part|half)(?:\s+is)?|[\s,.])*\d",
    re.I,
)
"""How a turn begins that goes on with the number of the one before; who says "no" says it anew."""
_THE_REST = re.compile(
    r"나머지|뒷\s*(?:자리|번호)|뒤|이어서|and\s+then|the\s+rest|the\s+last|followed\s+by|goes\s+on", re.I
)
"""Said before digits, they are the rest of the number before, whatever was asked for meanwhile."""
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
    _answered: PersonalKind | None = None
    """What the turn that was taken last had been asked for."""
    _asked_another: bool = False
    """Since the turn before, another number was asked for than the one that may go on."""
    _answered_another: bool = False
    """The same of the turn that was taken last."""
    _before: str = ""
    """The digits that the turn before ended with, where they may go on."""
    _within: str = ""
    """The same of this turn's stretches so far."""
    _read_back: str = ""
    """The same of the agent's turn before."""

    def ask(self, question: str, *, number: bool = False) -> None:
        """The caller is asked this: what they say next may be its answer. ``number``: the dialog waits for one that is
        told digit by digit, whatever the question calls it."""
        asked = asked_for(question)
        self._asked = PersonalKind(asked) if asked not in (None, OTHER) else None
        self._answered = None
        self._asked_another = asked == OTHER or (asked is None and number)
        self._answered_another = False

    def wait(self) -> None:
        """The caller is given time: what they had been asked for, they still are."""
        self._asked = self._asked or self._answered
        self._asked_another = self._asked_another or self._answered_another

    def take(self, text: str) -> Redacted:
        """A whole turn of the caller's, without what is personal in it, which is remembered."""
        self._within = ""
        self._answered, self._answered_another = self._asked, self._asked_another
        redacted = self._taken(text)
        piece = _piece(text)
        ours = any(one.end > len(text) - len(piece) for one in redacted.found)
        if ours or not self._asked_another:  # another number that was asked for begins nothing
            self._before = f"{self._before} {piece}".strip()[-_LONGEST_PIECE:] if piece else ""
        self._asked_another = False
        if text.strip() and not piece:
            self._asked = None
        return redacted

    @property
    def asked(self) -> PersonalKind | None:
        """What of theirs the caller has just been asked for."""
        return self._asked

    @property
    def asked_another(self) -> bool:
        """Whether the caller has just been asked for a number that is nothing personal: an order's."""
        return self._asked_another

    def without(self, text: str) -> str:
        """The caller's words, or some of them, with everything personal left out: what may be searched for. They are
        of the turn that was taken last, or of the one that is going on."""
        return left_out(text, self._repeated(text))

    def repeat(self, text: str) -> str:
        """Such words where they are quoted, with everything personal hidden."""
        return replaced(text, self._repeated(text))

    def _repeated(self, text: str) -> tuple[Found, ...]:
        guess = not (self._asked_another or self._answered_another)
        found = find(text, self.language, asked=self._asked or self._answered, guess=guess)
        return _in_order(found, self._known(text))

    def keyed(self, keys: str) -> str:
        """What the caller keyed, without what is personal in it."""
        found = find(keys, self.language, asked=self._asked, guess=False)
        for one in found:
            self.confide(keys[one.start : one.end], one.kind)
        return replaced(keys, _in_order(found, self._known(keys)))

    def stretch(self, text: str) -> Redacted:
        """A stretch of what the caller says, as it is recognized, before the turn is over; else like ``take``."""
        redacted = self._taken(text)
        self._within = f"{self._within} {_piece(text)}".strip()[-_LONGEST_PIECE:]
        return redacted

    def heed(self, text: str) -> str:
        """What others say who may tell of the caller: agents, systems of record. What is personal in it is hidden and
        remembered."""
        return self._heeded(text, []).text

    def told(self, text: str) -> Redacted:
        """The same of a whole turn of an agent's, who may tell a number in pieces, and where it stood."""
        redacted = self._heeded(text, self._gone_on(text, self._read_back, guess=False))
        piece = _piece(text)
        self._read_back = f"{self._read_back} {piece}".strip()[-_LONGEST_PIECE:] if piece else ""
        return redacted

    def _heeded(self, text: str, gone_on: Sequence[Found]) -> Redacted:
        found = list(find(text, self.language, guess=False))
        for one in found:
            self.confide(text[one.start : one.end], one.kind)
        ordered = _in_order(_in_order(gone_on, found), self._known(text))
        return Redacted(replaced(text, ordered), ordered)

    def hide(self, text: str) -> str:
        """What the house says, without what this caller confided and without what nobody may read (cards' numbers …);
        the house's own numbers and addresses stay."""
        return replaced(text, self.private(text))

    def private(self, text: str) -> tuple[Found, ...]:
        """Where that stands in what the house says."""
        risky = [one for one in find(text, self.language, guess=False) if one.kind in HIGH_RISK]
        return _in_order(self._known(text), risky)

    def confide(self, value: str, kind: PersonalKind) -> None:
        """Remember a value."""
        if kind in _IN_WORDS:
            plain = re.sub(r"\s+", "", value).lower()
            if len(plain) >= (_SHORTEST_NAME if value.isascii() else _SHORTEST_HANGUL) and plain not in self._words:
                self._words[plain] = (_pattern(value), kind)
            if len(self._words) > MOST_REMEMBERED:
                del self._words[next(iter(self._words))]
            return
        told = list(runs(written(value)))
        whole = {run.begin: run.digits for run in reversed(told)}  # with remarks in between it is several runs
        for digits in (*(run.digits for run in told), "".join(whole[begin] for begin in sorted(whole))):
            if len(digits) >= _SHORTEST_NUMBER:
                self._numbers[digits] = kind
        while len(self._numbers) > MOST_REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    def _taken(self, text: str) -> Redacted:
        known = self._known(text)
        told = find(text, self.language, asked=self._asked, guess=not self._asked_another)
        found = [one for one in told if not any(_is_within(one, other) for other in known)]
        for one in found:
            self.confide(text[one.start : one.end], one.kind)
        before = f"{self._before} {self._within}".strip()
        ordered = _in_order(self._gone_on(text, before, guess=not self._asked_another), found)
        ordered = _in_order(ordered, self._known(text) if ordered else known)
        return Redacted(replaced(text, ordered), ordered)

    def _gone_on(self, text: str, before: str, *, guess: bool) -> list[Found]:
        """What of ``text`` belongs to a number that was begun with ``before``."""
        as_written = written(text)
        begins = _GOES_ON_WITH.match(as_written.text)
        if not before or begins is None:
            return []
        if self._asked_another and not _THE_REST.search(begins.group()):
            return []
        rest = as_written.original(begins.end() - 1, begins.end())[0]
        shift = len(before) + 1 - rest
        joined = f"{before} {text[rest:]}"
        told = find(joined, self.language, asked=self._asked, guess=guess)
        found = [one for one in told if one.end > len(before) + 1]
        here = [Found(max(rest, one.start - shift), one.end - shift, one.kind) for one in found]
        for whole, part in zip(found, here, strict=True):
            self.confide(joined[whole.start : whole.end], whole.kind)
            self.confide(
                text[part.start : part.end], part.kind
            )  # whoever takes it for a number of its own says it alone
        return here

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


def _piece(text: str) -> str:
    """The digits that a text ends with, where they may go on; empty where it ends otherwise."""
    as_written = written(text)
    said = list(runs(as_written))
    if not said or len(as_written.text) - said[-1].end > _GOES_ON:
        return ""
    return text[said[-1].starts[0] :][-_LONGEST_PIECE:]


def _is_within(one: Found, known: Found) -> bool:
    """Whether a find is what is known already, but for a particle."""
    return known.start <= one.start and one.end <= known.end + 1


def _in_order(first: Sequence[Found], then: Sequence[Found]) -> tuple[Found, ...]:
    """All of ``first``, and what of ``then`` stands apart from them."""
    apart = [one for one in then if all(one.end <= other.start or other.end <= one.start for other in first)]
    return tuple(sorted((*first, *apart), key=lambda one: one.start))


def _pattern(value: str) -> re.Pattern[str]:
    """The same words again, however they are spaced; those of the Latin alphabet as whole words."""
    if value.isascii():
        words = r"\s+".join(re.escape(word) for word in value.split())
        return re.compile(rf"(?<!\w){words}(?!\w)", re.I)
    characters = [re.escape(character) for character in value if not character.isspace()]
    begins = r"(?<![가-힣])" if len(characters) < _SHORTEST_NAME else ""
    return re.compile(begins + r"\s*".join(characters))
