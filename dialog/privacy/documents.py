"""Numbers of passports and driving licences, in the forms of Korea and, where words name them, of anywhere.

Refuses: product codes and order numbers that look alike: a letter and eight digits are a passport only where nothing
says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dialog.privacy.cues import BEFORE, Cue
from dialog.privacy.cues import CODE as WORD_FOR_CODE
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.letters import CODE, lettered, significant
from dialog.privacy.reading import FORM, GUESSED, NAMED, Candidate, Reading, candidate
from dialog.privacy.written import DOUBTFUL

_PARTICLES = str.maketrans(DOUBTFUL, "이" * len(DOUBTFUL))
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9-])(?:[MSRGDO]\d{8}|[MS] \d{8}|[MSRGDO][ -]?\d{3}[ -]?[A-Z][ -]?\d{4})(?![A-Za-z0-9-])"
)
_FOREIGN_PASSPORT = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{1,2}\d{7,8}(?![A-Za-z0-9-])")
"""Believed where a passport is spoken of, however far."""
_RIGHT_BEFORE = 12
"""Characters between a word for something else and the number that it names."""
_SPELLED_PASSPORT = re.compile(r"(?<![가-힣])(?:엠|에스)\s?(?:\d[ -]?){7}\d(?!\d)")
_BRITISH_LICENCE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,5}9{0,3}\s?\d{6}\s?[A-Z][A-Z9]\s?[A-Z0-9]{2,3}(?![A-Za-z0-9])")
_SIGN = r"(?:[\s-]|에|다시|대시|하이픈){0,3}"
_REGIONS = "서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산"
_REGION_NUMBERS = frozenset(f"{number}" for number in (*range(11, 27), 28))
_OLD_LICENCE = re.compile(rf"(?:{_REGIONS})[\s-]*\d{{2}}{_SIGN}\d{{6}}{_SIGN}\d{{2}}(?!\d)")
_KOREAN_LICENCE = 12
"""Digits of a Korean driving licence."""
_LENGTHS = {PersonalKind.PASSPORT: (7, 10), PersonalKind.DRIVING_LICENCE: (6, 18)}


def documents(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be a passport's or a licence's number."""
    text = reading.written.text.translate(_PARTICLES)
    for found in _PASSPORT.finditer(text):
        if all(cue.kind is PersonalKind.PASSPORT or cue.name == WORD_FOR_CODE for cue in reading.cues):
            yield _at(reading, *found.span(), PersonalKind.PASSPORT, GUESSED)
    if any(cue.kind is PersonalKind.PASSPORT for cue in reading.cues):
        for found in _FOREIGN_PASSPORT.finditer(text):
            if not any(cue.kind is None and 0 <= found.start() - cue.end <= _RIGHT_BEFORE for cue in reading.cues):
                yield _at(reading, *found.span(), PersonalKind.PASSPORT, GUESSED)
    for found in _SPELLED_PASSPORT.finditer(text):
        if not reading.cues:
            yield _at(reading, *found.span(), PersonalKind.PASSPORT, GUESSED)
    for cue in reading.cues:
        if cue.kind in _LENGTHS:
            yield from _named(reading, text, cue, cue.kind)
    for pattern in (_OLD_LICENCE, _BRITISH_LICENCE):
        for found in pattern.finditer(text):
            yield _at(reading, *found.span(), PersonalKind.DRIVING_LICENCE, FORM)
    for run in reading.runs:
        yield from _licences(run)
        beside = reading.cue(run, 0, len(run.digits))
        if beside is not None and beside.kind in _LENGTHS and len(run.digits) in _digits(beside.kind):
            glued = reading.beside(run, 0, len(run.digits))[0].isalpha()
            known = len(run.digits) == _KOREAN_LICENCE and run.digits[:2] in _REGION_NUMBERS and not glued
            number = candidate(run, 0, len(run.digits), beside.kind, FORM if known else NAMED)
            yield replace(number, start=lettered(reading.text, number.start))


def _digits(kind: PersonalKind) -> range:
    least, most = _LENGTHS[kind]
    return range(least, most + 1)


def _licences(run: Run) -> Iterator[Candidate]:
    """The Korean form: region, year, six digits, check digits."""
    for start in range(len(run.digits) - 11):
        end = start + 12
        whole = run.starts_group(start) and run.ends_group(end)
        if whole and run.groups(start, end) == (2, 2, 6, 2) and run.digits[start : start + 2] in _REGION_NUMBERS:
            yield candidate(run, start, end, PersonalKind.DRIVING_LICENCE, FORM)


def _named(reading: Reading, text: str, cue: Cue, kind: PersonalKind) -> Iterator[Candidate]:
    """The first code behind its name, else the last before it, if it is as long as such numbers are."""
    least, most = _LENGTHS[kind]
    behind = next((c for c in reading.cues if c.start > cue.start and c.kind is not kind), None)
    stop = min(len(text), cue.end + 2 * BEFORE) if behind is None else behind.start
    earlier = CODE.finditer(text, max(0, cue.start - 2 * BEFORE), cue.start)
    codes = [*CODE.finditer(text, cue.end, stop), *reversed(list(earlier))]
    for found in codes:
        if least <= significant(found.group()) <= most and found.start() - cue.end <= BEFORE:
            yield _at(reading, *found.span(), kind, NAMED)
            return


def _at(reading: Reading, start: int, end: int, kind: PersonalKind, surety: int) -> Candidate:
    return Candidate(*reading.written.original(start, end), kind, surety)
