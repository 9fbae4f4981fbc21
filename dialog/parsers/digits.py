"""Digits, as callers type and say them: order numbers, in either language.

"two zero two six", "double one", "twenty twenty six", 이공이육, 이천이십육, 2026-1187, and the caller who corrects
himself in mid-number. Where a word can be read in two ways (the last syllable of 칠이요, "to" for "two") every
reading is followed, and the expected length decides. Refuses: guessing a digit that was not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dialog.parsers.language import language
from dialog.parsers.tables import Numerals
from dialog.parsers.text import Token, tokens

LONGEST = 24
"""No number that a caller dictates is longer; a run is cut there."""

_ARABIC = re.compile(r"\d+")
_DOUBTFUL = 0.12
"""What a confusable word costs of the reading's certainty."""
_UNUSUAL = 0.03
"""What the less usual of two readings costs."""
_TORN = 0.3
"""What it costs that the expected length chose a reading other than the most usual one: enough to be read back."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits that were said: their ``value``, the characters ``start:end`` of the text that say them, how surely (0..1)
    they are read so, and whether the caller ``corrected`` himself within the same utterance."""

    value: str
    start: int
    end: int
    confidence: float
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    digits: str
    cost: float
    doubtful: int = 0

    def then(self, other: _Reading) -> _Reading:
        return _Reading(self.digits + other.digits, self.cost + other.cost, self.doubtful + other.doubtful)


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits said in one breath; ``readings`` holds the best reading of each length."""

    start: int
    end: int
    readings: dict[int, _Reading]

    def best(self, length: int | None) -> _Reading:
        usual = min(self.readings.values(), key=lambda reading: (reading.cost, -len(reading.digits)))
        if length is None or length not in self.readings:
            return usual
        expected = self.readings[length]
        torn = expected is not usual and not expected.doubtful
        return replace(expected, cost=expected.cost + _TORN) if torn else expected


def read_digits(text: str, code: str, *, length: int | None = None) -> Digits | None:
    """The digits that ``text`` says, or None.

    ``length`` is how many are expected: it settles ambiguous readings and picks among several numbers, but a number of
    another length is still returned (the caller may be half through). Raises ``LanguageNotSpoken``.
    """
    return _read(_spoken_runs(text, code), length)


def read_of_length(text: str, code: str, lengths: Sequence[int]) -> Iterator[Digits]:
    """The digits of exactly one of ``lengths`` that ``text`` says, for each of them in turn. Raises
    ``LanguageNotSpoken``."""
    runs = _spoken_runs(text, code)
    for length in lengths:
        read = _read(runs, length)
        if read is not None and len(read.value) == length:
            yield read


def _spoken_runs(text: str, code: str) -> list[tuple[int, _Run]]:
    """The runs of digits in ``text``, each with the number of corrections before it."""
    numerals = language(code).numerals
    segments = _segments(tokens(text), numerals)
    return [(index, run) for index, segment in enumerate(segments) for run in _runs(segment, numerals)]


def _read(runs: list[tuple[int, _Run]], length: int | None) -> Digits | None:
    if not runs:
        return None
    last_index, last = runs[-1]
    earlier = [run for index, run in runs if index < last_index]
    if earlier:
        mended = _mend(earlier[-1], last, length)
        if mended is not None:
            return mended
    _, chosen = max(runs, key=lambda item: _fitness(item[1], length))
    reading = chosen.best(length)
    return Digits(reading.digits, chosen.start, chosen.end, max(0.0, 1.0 - reading.cost))


def _fitness(run: _Run, length: int | None) -> tuple[bool, int]:
    return length is not None and length in run.readings, len(run.best(length).digits)


def _mend(before: _Run, after: _Run, length: int | None) -> Digits | None:
    """``before``, with its end replaced by what the caller said after correcting himself."""
    new = after.best(length)
    cost = max(0.0, 1.0 - new.cost)
    if length is None or len(new.digits) == length:
        return Digits(new.digits, after.start, after.end, cost, corrected=True)
    old = before.best(length)
    if len(old.digits) == length and len(new.digits) < length:
        value = old.digits[: length - len(new.digits)] + new.digits
        return Digits(value, before.start, after.end, max(0.0, 1.0 - old.cost - new.cost), corrected=True)
    return None


def _segments(words: tuple[Token, ...], numerals: Numerals) -> list[list[Token]]:
    """The words, cut where the caller corrects himself."""
    segments: list[list[Token]] = [[]]
    for word in words:
        if word.text in numerals.corrections:
            segments.append([])
        else:
            segments[-1].append(word)
    return segments


def _runs(words: list[Token], numerals: Numerals) -> Iterator[_Run]:
    """The stretches of ``words`` that say digits, with at least one word that can be nothing else."""
    index = 0
    while index < len(words):
        run, stop = _run_from(words, index, numerals)
        if run is not None:
            yield run
        index = max(stop, index + 1)


def _run_from(words: list[Token], first: int, numerals: Numerals) -> tuple[_Run | None, int]:
    """The longest run that begins at ``first``, and the index after it."""
    reached: dict[int, dict[int, _Reading]] = {first: {0: _Reading("", 0.0)}}
    last_end = first
    index = first
    while index < len(words) and index <= max(reached):
        here = reached.get(index)
        if here is None:
            index += 1
            continue
        moved = False
        for consumed, reading in _readings(words, index, numerals):
            moved = True
            _extend(reached, here, index + consumed, reading)
            last_end = max(last_end, index + consumed)
        silent = words[index].text in numerals.fillers and not moved
        if index > first and (silent or _only_ending(words[index].text, numerals)):
            _extend(reached, here, index + 1, _Reading("", 0.0))
            last_end = max(last_end, index + 1) if moved else last_end
        index += 1
    if last_end == first:
        return None, first + 1
    readings = {
        length: reading
        for length, reading in reached.get(last_end, {}).items()
        if length and reading.doubtful * 2 <= length
    }
    if not readings:
        return None, last_end
    return _Run(words[first].start, words[last_end - 1].end, readings), last_end


def _extend(
    reached: dict[int, dict[int, _Reading]], here: dict[int, _Reading], position: int, reading: _Reading
) -> None:
    there = reached.setdefault(position, {})
    for so_far in here.values():
        longer = so_far.then(reading)
        length = len(longer.digits)
        if length <= LONGEST and (length not in there or longer.cost < there[length].cost):
            there[length] = longer


def _readings(words: list[Token], index: int, numerals: Numerals) -> Iterator[tuple[int, _Reading]]:
    """All ways to read digits off ``words`` from ``index``: how many words they take, and the digits."""
    word = words[index].text
    following = words[index + 1].text if index + 1 < len(words) else ""
    if word in numerals.multipliers:
        times = numerals.multipliers[word]
        for digit in _unit(following, numerals):
            yield 2, _Reading(digit.digits * times, digit.cost, digit.doubtful)
        return
    if word in numerals.tens:
        yield from _tens(word, following, words[index + 2].text if index + 2 < len(words) else "", numerals)
        return
    if following in numerals.places and word in numerals.words:
        yield from _placed(words, index, numerals)
    yield from ((1, reading) for reading in _single(word, numerals))


def _single(word: str, numerals: Numerals) -> Iterator[_Reading]:
    if word in numerals.words:
        yield _Reading(numerals.words[word], 0.0)
        return
    if word in numerals.confusable:
        yield _Reading(numerals.confusable[word], _DOUBTFUL, doubtful=1)
        return
    stems = _stems(word, numerals)
    for order, stem in enumerate(stems):
        digits = _spelled(stem, numerals)
        if digits:
            yield _Reading(digits, _UNUSUAL * order)


def _stems(word: str, numerals: Numerals) -> list[str]:
    """``word`` without what may hang on its last digit, longest ending first, then with less and less taken off."""
    return [
        word[:cut]
        for cut in range(1, len(word) + 1)
        if cut == len(word) or (numerals.endings.pattern and numerals.endings.fullmatch(word[cut:]))
    ]


def _only_ending(word: str, numerals: Numerals) -> bool:
    """Whether a whole word is nothing but what hangs on a number (이에요); a single syllable may be a digit itself."""
    return len(word) > 1 and numerals.endings.fullmatch(word) is not None


def _spelled(stem: str, numerals: Numerals) -> str:
    """The digits that a whole word spells (2026, 이공이육, 하나둘) or says in full (이천이십육); empty when it does
    not."""
    if _ARABIC.fullmatch(stem) and stem.isascii():
        return stem
    if any(character in numerals.places for character in stem):
        return _in_full(stem, numerals)
    digits = []
    position = 0
    while position < len(stem):
        piece = next((native for native in numerals.native if stem.startswith(native, position)), stem[position])
        digit = numerals.native.get(piece) or numerals.syllables.get(piece)
        if digit is None:
            return ""
        digits.append(digit)
        position += len(piece)
    return "".join(digits)


def _in_full(stem: str, numerals: Numerals) -> str:
    total, pending, ceiling = 0, "", 10_000
    for character in stem:
        if character in numerals.syllables and not pending:
            pending = numerals.syllables[character]
        elif character in numerals.places and numerals.places[character] < ceiling:
            ceiling = numerals.places[character]
            total += int(pending or "1") * ceiling
            pending = ""
        else:
            return ""
    return str(total + int(pending or "0"))


def _unit(word: str, numerals: Numerals) -> Iterator[_Reading]:
    for reading in _single(word, numerals) if word else ():
        if len(reading.digits) == 1:
            yield reading


def _tens(word: str, following: str, after: str, numerals: Numerals) -> Iterator[tuple[int, _Reading]]:
    """ "twenty six" is 26, rarely 20 6; "twenty" alone is 20."""
    yield 1, _Reading(numerals.tens[word] + "0", _UNUSUAL if following in numerals.words else 0.0)
    if after in numerals.places:
        return
    for digit in _unit(following, numerals):
        if digit.digits != "0":
            yield 2, _Reading(numerals.tens[word] + digit.digits, digit.cost, digit.doubtful)


def _placed(words: list[Token], index: int, numerals: Numerals) -> Iterator[tuple[int, _Reading]]:
    """ "two thousand twenty six", "three hundred": a number said in full, below ten thousand."""
    total = int(numerals.words[words[index].text]) * numerals.places[words[index + 1].text]
    position = index + 2
    room = numerals.places[words[index + 1].text]
    if position < len(words) and words[position].text in numerals.fillers:
        position += 1
    yield 2, _Reading(str(total), 0.0)
    if position >= len(words):
        return
    for consumed, rest in _readings(words, position, numerals):
        if rest.digits and not rest.doubtful and int(rest.digits) < room and rest.digits[0] != "0":
            yield position + consumed - index, _Reading(str(total + int(rest.digits)), rest.cost)
