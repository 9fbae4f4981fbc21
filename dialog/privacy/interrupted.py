"""Numbers whose telling was interrupted: by a remark ("hold on, my glasses"), or to say a part of it anew.

What is told in two or more runs of digits with a few words between them is one number where the digits together have
the very length, and the form, of the kind that was named, or show by themselves what they are. Where the words between
take something back, what was said behind them stands for all of it, for its last group, or for as many digits.

Refuses: numbers told without a break (each kind has a module of its own), and those over several turns (``confided``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, groupby, product

from dialog.privacy.cards import is_card
from dialog.privacy.cues import CODE
from dialog.privacy.digit_runs import Run
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.letters import lettered
from dialog.privacy.phones import is_american, is_mobile, is_parted
from dialog.privacy.reading import FORM, NAMED, Candidate, Reading
from dialog.privacy.registration import is_resident

MOST_PIECES = 5
"""Runs of digits that one number is told in."""
_LONGEST_REMARK = 48
"""Characters between two of them."""
_SHORTEST, _LONGEST = 8, 32
"""Digits that are told in all, with those that are taken back."""
_MOST_READINGS = 8
"""Ways to read the runs together, where some digits may as well be particles."""
TAKES_BACK = re.compile(
    r"아니|아뇨|아차|잘못|정정|그러니까|죄송|다시\s?(?:요|할|부)|처음부터|말고|start(?:ing)?\s+over"
    r"|sorry|\bno\b|\bnot\b|wait|\bmean\b|correction|actually|oops|scratch|rather|misread|make\s+that|strike",
    re.I,
)
"""Words that take back what was said before them."""
_REMARK = re.compile(r"(?:[\s,;.…?!]|(?=[가-힣]))(?:[^\W\d_]|[\s,;.…?!'’-])*(?:(?<![A-Za-z'’-])|(?<=[\s,][A-Za-z]))")
"""Words and pauses: nothing that is written in tables, paths or programs."""
_COUNTS = re.compile(
    r"\s*(?:원|만|천|개|명|건|장|월|년|시|분|층|호|동|won\b|dollars?|percent|%|times|items?|of\b|st\b|th\b)", re.I
)
"""Behind digits that are an amount, a time or a part of an address."""
_NEXT_PART = re.compile(
    r"(?:[\s,;.]|나머지|뒷?|앞|자리|부분|번호|숫자|에|[은는가]|이고?|다음|그|요|네|and|then|the|next|rest|last|second|other|back|front|after"
    r"|that|of|it|is|are|bit|part|half|four|five|six|seven|eight|digits?|numbers?|hyphen|dash|then)+",
    re.I,
)
"""Words that name the part of a number that comes now."""
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
    here = [one for one in reading.cues if start <= one.start < end]
    return not here or (cue is not None and all(one.kind is cue.kind is PersonalKind.REGISTRATION for one in here))


def _together(reading: Reading, told: list[tuple[Run, ...]]) -> Iterator[Candidate]:
    for number, runs in enumerate(product(*told)):
        if number == _MOST_READINGS:
            return
        kind = next((kind for digits in numbers_meant(reading, runs) if (kind := _kind(reading, runs, digits))), None)
        if kind is not None:
            yield from _spans(reading, runs, kind)
            return


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
    return kind not in _LETTERED and _NEXT_PART.fullmatch(reading.written.text[before.end : behind.begin]) is not None


def numbers_meant(reading: Reading, runs: tuple[Run, ...]) -> Iterator[str]:
    """The numbers that runs may mean together."""
    pieces = [run.digits for run in runs]
    if len(runs) > 1:
        yield "".join(pieces)
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
    cue = reading.cue(runs[0], 0, len(runs[0].digits))
    if cue is not None and cue.name == CODE:
        return None
    kind = None if cue is None else cue.kind
    if cue is None or kind in (PersonalKind.CARD, PersonalKind.PHONE, PersonalKind.REGISTRATION):
        borders = _borders(reading, runs)
        if is_resident(digits) and (cue is not None or 6 in borders or any(6 in run.cuts for run in runs)):
            return PersonalKind.REGISTRATION
        if (is_card(digits) and len(digits) in _LENGTHS[PersonalKind.CARD]) or (
            len(digits) == _CARD and _by_fours(reading, runs)
        ):
            return PersonalKind.CARD
        spoken = cue is None and reading.language == "en" and all(map(reading.is_spoken, runs))
        if spoken and len(digits) == _SOCIAL_SECURITY and {3, 5} <= borders:
            return PersonalKind.REGISTRATION
        american = spoken and is_american(digits) and is_parted(digits, borders | _said_cuts(reading, runs))
        if american or is_mobile(digits):
            return PersonalKind.PHONE
    lengths = () if kind is None else _LENGTHS.get(kind, ())
    joined = digits == "".join(run.digits for run in runs)
    itself = joined and (kind in _LETTERED or any(len(run.digits) in lengths for run in runs))  # needs no joining
    if cue is not None and cue.end <= runs[0].begin and len(digits) in lengths and not itself:
        return kind
    return None


def _borders(reading: Reading, runs: tuple[Run, ...]) -> frozenset[int]:
    """Where the speaker paused in the digits of runs, counted through."""
    stretches = [length for run in runs for length in reading.pauses(run, 0, len(run.digits))]
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
