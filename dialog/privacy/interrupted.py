"""Numbers whose telling was interrupted: by a remark ("hold on, my glasses"), or to say a part of it anew.

What is told in two or more runs of digits with a few words between them is one number where the digits together have
the very length, and the form, of the kind that was named, or show by themselves what they are. Where the words between
take something back, what was said behind them stands for all of it, for its last group, or for as many digits.

Refuses: numbers told without a break (each kind has a module of its own), and those over several turns (``confided``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, groupby, islice, pairwise, product

from dialog.privacy.cards import is_card
from dialog.privacy.corrections import TAKES_BACK
from dialog.privacy.cues import CODE
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.letters import lettered
from dialog.privacy.parts import ENGLISH
from dialog.privacy.phones import is_american, is_fixed, is_mobile, is_parted
from dialog.privacy.reading import FORM, NAMED, Candidate, Reading, separates
from dialog.privacy.registration import is_resident
from dialog.privacy.written import DOUBTFUL

MOST_PIECES = 5
"""Runs of digits that one number is told in."""
_LONGEST_REMARK = 64
"""Characters between two of them."""
_SHORTEST, _LONGEST = 8, 32
"""Digits that are told in all, with those that are taken back."""
_MOST_READINGS = 8
"""Ways to read the runs together, where some digits may as well be particles."""
_REMARK = re.compile(r"(?:[\s,;.…?!]|(?=[가-힣]))(?:[^\W\d_]|[\s,;.…?!'’-])*(?:(?<![A-Za-z'’-])|(?<=[\s,][A-Za-z]))")
"""Words and pauses: nothing that is written in tables, paths or programs."""
_ASIDE = re.compile(r",\s.*[,.]\s", re.S)
"""Said between two commas: no word in it says what the digits are."""
_COUNTS = re.compile(
    r"\s*(?:원|만|천|개|명|건|장|월|년|시|분|층|호|동|won\b|dollars?|percent|%|times|items?|of\b|st\b|th\b)", re.I
)
"""Behind digits that are an amount, a time or a part of an address."""
_NEXT_PART = re.compile(
    rf"(?:[\s,;.{DOUBTFUL}]|나머지|[앞뒤뒷]|자리|부분|번호|숫자|에|[은는가]|이?고요?|다음|그|요|네|세|여섯|일곱|여덟|[첫두]\s?번째|마지막"
    rf"|{ENGLISH}|and|then|the|after|that|of|it|is|are|bit|part|line|row|group|four|five|six|seven|eight|digits?|numbers?|hyphen|dash)+",
    re.I,
)
"""Words that name the part of a number that comes now."""
_REST = re.compile(r"\s(?:나머지|the\s+rest|remaining)(?:[는은이가]|\s+(?:is|are))?[\s,]*$", re.I)
"""The same at the end of other words."""
_BEGINNING = 3
"""Digits of a first piece that is too short to be the number itself."""
_CARD = 16
_SOCIAL_SECURITY = 9
_LETTERED = frozenset({PersonalKind.PASSPORT, PersonalKind.DRIVING_LICENCE})
_LENGTHS = {
    PersonalKind.CARD: (15, 16),
    PersonalKind.REGISTRATION: (9, 13),
    PersonalKind.PHONE: range(9, 12),
    PersonalKind.ACCOUNT: range(9, 15),
    PersonalKind.PASSPORT: (8, 9),
    PersonalKind.DRIVING_LICENCE: range(8, 13),
}
"""Digits that a number has which words call so."""


def interrupted(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be such a number."""
    told = [tuple(readings) for _, readings in groupby(reading.runs, key=lambda run: run.begin)]
    for first in range(len(told)):
        for last in range(first, min(first + MOST_PIECES, len(told))):
            if last > first and not _is_remark(reading, told[last - 1], told[last]):
                break
            digits = sum(len(runs[0].digits) for runs in told[first : last + 1])
            if digits > _LONGEST:
                break
            if digits >= _SHORTEST:
                yield from _together(reading, told[first : last + 1])


def _is_remark(reading: Reading, before: tuple[Run, ...], behind: tuple[Run, ...]) -> bool:
    """Whether what stands between two runs may interrupt a number: a few words that say nothing of another one."""
    text, start, end = reading.written.text, before[-1].end, behind[0].begin
    if end - start > _LONGEST_REMARK or _REMARK.fullmatch(text, start, end) is None:
        return False
    if _COUNTS.match(text, start) and not TAKES_BACK.search(text, start, end):
        return False
    cue = reading.cue(before[0], 0, len(before[0].digits))
    aside = _ASIDE.fullmatch(text, start, end) is not None
    named = cue is not None and cue.kind is not None
    here = [one for one in reading.cues if start <= one.start < end]
    if (aside or named) and not any(one.announces or (one.kind is None and not aside) for one in here):
        return True
    return not here or (cue is not None and all(one.kind is cue.kind is PersonalKind.REGISTRATION for one in here))


def _together(reading: Reading, told: list[tuple[Run, ...]]) -> Iterator[Candidate]:
    fit: list[tuple[bool, int, tuple[Run, ...], PersonalKind]] = []
    for runs in islice(product(*told), _MOST_READINGS):
        for digits in numbers_meant(reading, runs):
            kind = _kind(reading, runs, digits)
            if kind is not None:
                whole = is_mobile(digits) or is_resident(digits) or is_card(digits)
                fit.append((whole, -len(fit) if whole else len(digits), runs, kind))
                break
    if fit:
        _, _, runs, kind = max(fit, key=lambda one: one[:2])
        yield from _spans(reading, runs, kind)


def _spans(reading: Reading, runs: tuple[Run, ...], kind: PersonalKind) -> Iterator[Candidate]:
    """Where the number stands: remarks are part of it, words that name its next part are not."""
    start = 0
    for at in range(1, len(runs) + 1):
        if at == len(runs) or _names_next(reading, runs[at - 1], runs[at], kind):
            begin, end = runs[start].starts[0], runs[at - 1].ends[-1]
            if kind in _LETTERED:
                yield Candidate(lettered(reading.text, begin), end, kind, NAMED)
            else:
                yield Candidate(begin, end, kind, FORM)
            start = at


def _names_next(reading: Reading, before: Run, behind: Run, kind: PersonalKind) -> bool:
    """Whether nothing stands between two runs but words that name the next part; letters are parts themselves."""
    gap = reading.written.text[before.end : behind.begin]
    return kind not in _LETTERED and (_NEXT_PART.fullmatch(gap) or _REST.search(gap)) is not None


def numbers_meant(reading: Reading, runs: tuple[Run, ...]) -> Iterator[str]:
    """The numbers that runs may mean together."""
    pieces = [run.digits for run in runs]
    if len(runs) > 1:
        yield "".join(pieces)
        yield "".join(map(_begun_again, runs))
        inner = (piece for piece in pieces[1:-1] if len(piece) > 1)  # "is that a four, yeah"
        yield "".join((pieces[0], *inner, pieces[-1]))
        yield _once(pieces)
    place = 0
    digits = "".join(pieces)
    for run, following in zip(runs, (*runs[1:], None), strict=True):
        if run.corrected is not None:
            yield from _instead(digits[: place + run.corrected], digits[place + run.corrected :], run, run.corrected)
        place += len(run.digits)
        if following is not None and TAKES_BACK.search(reading.written.text, run.end, following.begin):
            yield from _instead(digits[:place], digits[place:], run, len(run.digits))


def _begun_again(run: Run) -> str:
    """The digits of a run without some that it begins with and begins with again: "20 2019477"."""
    for cut in sorted(run.cuts):
        if cut > 1 and run.digits.startswith(run.digits[:cut], cut):
            return run.digits[cut:]
    return run.digits


def _once(pieces: list[str]) -> str:
    """Pieces put together, without what each says again of the end of those before it."""
    digits = ""
    for piece in pieces:
        again = next((length for length in range(min(len(piece), 4), 1, -1) if digits.endswith(piece[:length])), 0)
        digits += piece[again:]
    return digits


def _instead(before: str, behind: str, run: Run, end: int) -> Iterator[str]:
    """``behind`` instead of all that stands ``before`` it, of the last group of that, or of as many digits."""
    start = max((cut for cut in run.cuts if cut < end), default=0)
    yield behind
    yield before[: len(before) - (end - start)] + behind
    yield before[: max(0, len(before) - len(behind))] + behind


def _kind(reading: Reading, runs: tuple[Run, ...], digits: str) -> PersonalKind | None:
    """What such digits are, where their length, and what they were called, leave no doubt."""
    cue = reading.cue(runs[0], 0, len(runs[0].digits)) or reading.cue(runs[-1], 0, len(runs[-1].digits))
    if cue is not None and cue.name == CODE:
        return None
    kind = None if cue is None else cue.kind
    if cue is None or kind in (PersonalKind.CARD, PersonalKind.PHONE, PersonalKind.REGISTRATION):
        borders = _borders(reading, runs)
        if is_resident(digits) and (cue is not None or 6 in borders or any(6 in run.cuts for run in runs)):
            return PersonalKind.REGISTRATION
        if kind is not PersonalKind.REGISTRATION and _is_card(reading, runs, digits):
            return PersonalKind.CARD
        english = cue is None and reading.language == "en"
        spoken = english and all(map(reading.is_spoken, runs))
        parted = borders == {3, 5, 9} and not _separated(reading, runs)
        if english and len(digits) == _SOCIAL_SECURITY and (parted or (spoken and {3, 5} <= borders)):
            return PersonalKind.REGISTRATION
        parted = borders == {3, 6, 10} and (english or kind is PersonalKind.PHONE) and not _separated(reading, runs)
        american = (spoken or parted) and is_american(digits) and is_parted(digits, borders | _said_cuts(reading, runs))
        fixed = is_fixed(digits) and (kind is PersonalKind.PHONE or (max(borders - {len(digits)}) == len(digits) - 4))
        if american or fixed or is_mobile(digits):
            return PersonalKind.PHONE
    lengths = () if kind is None else _LENGTHS.get(kind, ())
    joined = digits == "".join(run.digits for run in runs)
    begun = joined and len(runs[0].digits) >= _BEGINNING and len(runs[0].digits) not in lengths
    itself = joined and (kind in _LETTERED or (not begun and any(len(run.digits) in lengths for run in runs)))
    if kind is PersonalKind.CARD and len(digits) < _CARD and digits[0] != "3":
        return None
    apart = cue is not None and (cue.end <= runs[0].begin or cue.start >= runs[-1].end)
    if apart and len(digits) in lengths and not itself:
        return kind
    return None


def _separated(reading: Reading, runs: tuple[Run, ...]) -> bool:
    """Whether words between runs part them rather."""
    return any(separates(reading.written.text, one.end, other.begin) for one, other in pairwise(runs))


def _is_card(reading: Reading, runs: tuple[Run, ...], digits: str) -> bool:
    """Whether digits are a card's by their check digit, or by the way in which they are told."""
    if is_card(digits) and len(digits) in _LENGTHS[PersonalKind.CARD]:
        return True
    if len(digits) == _CARD - 1 and digits[:2] in ("34", "37"):
        return _borders(reading, runs) <= {4, 10, 15}
    if len(digits) != _CARD:
        return False
    if _by_fours(reading, runs):
        return True
    gaps = [reading.written.text[one.end : other.begin] for one, other in pairwise(runs)]
    if len(gaps) == 1 and _ASIDE.fullmatch(gaps[0]) and digits[0] in "3456" and all(map(reading.is_spoken, runs)):
        return True
    named = all(_names_next(reading, one, other, PersonalKind.CARD) for one, other in pairwise(runs))
    pieces = [run.digits for run in runs]
    return named and digits[0] in "234569" and min(map(len, pieces)) > 1 < len(pieces) and not any(map(is_card, pieces))


def _borders(reading: Reading, runs: tuple[Run, ...]) -> frozenset[int]:
    """Where the speaker paused in the digits of runs, counted through, and where groups of typed ones begin."""
    stretches: list[int] = []
    for run in runs:
        groups = run.groups(0, len(run.digits))
        typed = max(groups) > 1 and not reading.is_spoken(run)
        stretches += groups if typed else reading.pauses(run, 0, len(run.digits))
    return frozenset(accumulate(stretches))


def _said_cuts(reading: Reading, runs: tuple[Run, ...]) -> frozenset[int]:
    """Where another word begins in the digits of runs that are said in words, counted through."""
    places = accumulate((len(run.digits) for run in runs), initial=0)
    said = ((run, place) for run, place in zip(runs, places, strict=False) if reading.is_spoken(run))
    return frozenset(place + cut for run, place in said for cut in run.cuts)


def _by_fours(reading: Reading, runs: tuple[Run, ...]) -> bool:
    """Whether digits are told by fours, as they are embossed."""
    stretches = (reading.pauses(run, 0, len(run.digits)) for run in runs if len(run.digits) > 1)
    groups = (run.groups(0, len(run.digits)) for run in runs if len(run.digits) > 1)
    return all(
        all(length % 4 == 0 for length in paused) or all(length % 4 == 0 for length in grouped)
        for paused, grouped in zip(stretches, groups, strict=True)
    )
