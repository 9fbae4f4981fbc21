"""Long numbers that no form and no near word explains: judged by all that the utterance says of them. Pure.

What speaks for a kind is turned round here. All digits of an utterance that no family has taken and nothing innocent
explains (an amount, a time, an order) are gathered over whatever short words stand between them; a stretch of them
goes from its first digit to its last, slips and remarks included. Its kind is decided by the word nearest to it,
however far, and else by its length and beginnings: seven digits and more are personal by default, for a bank hides
first and asks later. Shorter ones are so only where words call them a part of something personal.

Refuses: what shows by itself what it is, which the families of each kind take before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from dialog.privacy.cards import is_card
from dialog.privacy.corrections import TAKES_BACK
from dialog.privacy.cues import AFTER, BEFORE, CODE, OTHER, UNKNOWN, Cue
from dialog.privacy.digit_runs import Run
from dialog.privacy.innocent import LONG, are_years, is_explained, is_free, is_list, is_named
from dialog.privacy.interrupted import numbers_meant
from dialog.privacy.kinds import Found, PersonalKind
from dialog.privacy.parts import PART
from dialog.privacy.phones import is_american, is_fixed, is_mobile
from dialog.privacy.reading import Piece, Reading, separates
from dialog.privacy.registration import is_birth_date, is_resident
from dialog.privacy.written import DOUBTFUL

_MOST_PIECES = 64
"""Pieces of an utterance that are looked at; more are a table."""
_GAP = 64
"""Characters of a remark between two pieces of one number."""
_FEW = 6
"""The same before a last digit, which may as well be a word."""
_SMALL_GAP = 24
"""The same where nothing names the number."""
_REMARK = 40
"""The same where nothing names it and nothing is taken back."""
_SHORTEST_PART = 2
_BEGINNING = 3
"""Digits that a number and one that was begun before have in common."""

_WORDS_ONLY = re.compile(r"(?:[^\W\d_]|[\s,.…?!'’~-]|(?<!\d)[34](?=\s?(?:digits?\b|자리)))*")
"""Words and pauses, and how many digits follow."""
_COUNTED = re.compile(
    r"(?:\b|(?<=[가-힣\s]))(?P<count>[34세네]|three|four)\s*(?:(?:\w+\s+)?(?:digits?|numbers?)\b|자리|개|on\s+the\b)",
    re.I,
)
_COUNTS = {"3": 3, "세": 3, "three": 3, "4": 4, "네": 4, "four": 4}
_BEHIND = re.compile(r"\b(?:on|at)\s+(?:the\s+)?(?:back|strip|reverse|signature)|뒷면|뒤에", re.I)
_IN_FRONT = re.compile(r"\b(?:on|at)\s+(?:the\s+)?front|앞면|앞에", re.I)
_SENTENCE = re.compile(r"[.?!]\s+[A-Za-z가-힣]")
_LENGTHS = {
    PersonalKind.REGISTRATION: range(5, 17),
    PersonalKind.CARD: range(8, 25),
    PersonalKind.ACCOUNT: range(6, 21),
    PersonalKind.PHONE: range(7, 15),
    PersonalKind.PASSPORT: range(7, 11),
    PersonalKind.DRIVING_LICENCE: range(6, 19),
}
"""Digits that a number may have which a word calls so, slips included."""
_MOST = {
    PersonalKind.REGISTRATION: 13,
    PersonalKind.CARD: 27,
    PersonalKind.ACCOUNT: 16,
    PersonalKind.PHONE: 13,
    PersonalKind.PASSPORT: 9,
    PersonalKind.DRIVING_LICENCE: 16,
}
"""Digits up to which what stands beside a find is the rest of it: a card's with its expiry date and code."""
_EXPIRY_AND_CODE = range(3, 9)
"""Digits that are told behind a card's number."""
_MOBILE_BEGINS = ("010", "011", "016", "017", "018", "019")
_RESIDENT_END = re.compile(r"[1-8]\d{6}")


def completed(reading: Reading, found: Sequence[Found]) -> tuple[Found, ...]:
    """``found`` (in order, apart from one another) with the rest of their numbers, and with whatever else is personal
    by the words of the utterance or by default."""
    if len(found) == 1 and all(_is_taken(run, found[0]) for run in reading.runs):
        return tuple(found)
    pieces = list(_pieces(reading, found))
    if not pieces or len(pieces) > _MOST_PIECES or (len(pieces) == 1 and pieces[0].taken is not None):
        return tuple(found)
    more: list[Found] = []
    for stretch in _stretches(reading, pieces):
        more += _judged(reading, stretch)
    return _united(found, more) if more else tuple(found)


def _is_taken(run: Run, found: Found) -> bool:
    """Whether a find holds all digits of a run."""
    return found.start <= run.starts[0] and run.ends[-1] <= found.end


def _pieces(reading: Reading, found: Sequence[Found]) -> Iterator[Piece]:
    """All digits of the text in their order, by whether a find has taken them; those that something innocent explains
    are left out."""
    for _, readings in groupby(reading.runs, key=lambda run: run.begin):
        run = max(readings, key=lambda one: len(one.digits))
        owners = [next((one.kind for one in found if one.start <= start < one.end), None) for start in run.starts]
        place = 0
        for kind, owned in groupby(owners):
            first, place = place, place + len(list(owned))
            piece = Piece(run, first, place, kind)
            if kind is not None or not is_explained(reading, piece):
                yield piece


def _stretches(reading: Reading, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that may be one number."""
    stretch: list[Piece] = []
    for piece in pieces:
        if stretch and not _goes_on(reading, stretch[-1], piece):
            yield stretch
            stretch = []
        stretch.append(piece)
    if stretch:
        yield stretch


def _goes_on(reading: Reading, before: Piece, behind: Piece) -> bool:
    """Whether a number may go on from one piece to the next: whatever stands between are a few words of which none
    names another one."""
    text, start, end = reading.written.text, before.end, behind.begin
    if end - start > _GAP or _WORDS_ONLY.fullmatch(text, start, end) is None:
        return False
    gap = text[start:end]
    if (separates(text, start, end) or _SENTENCE.search(gap)) and not TAKES_BACK.search(gap):
        return False
    here = [cue for cue in reading.cues if start <= cue.start < end]
    part = PART.search(gap) is not None or (TAKES_BACK.search(gap) is not None and _is_begun(before, behind))
    return all(cue.name == CODE or (part and cue.kind in (before.taken, behind.taken) and cue.kind) for cue in here)


def _judged(reading: Reading, stretch: Sequence[Piece]) -> Iterator[Found]:
    """What of a stretch is personal: the rests of finds, and what is left beside them."""
    left: list[Piece] = []
    for index, piece in enumerate(stretch):
        if piece.taken is not None:
            if index and stretch[index - 1].taken is piece.taken and _anew(reading, stretch[index - 1], piece):
                yield Found(stretch[index - 1].start, piece.stop, piece.taken)
            continue
        beside = [stretch[at] for at in (index - 1, index + 1) if 0 <= at < len(stretch)]
        owner = next((one for one in beside if one.taken in _MOST and _completes(reading, one, piece)), None)
        if owner is None or owner.taken is None:
            left.append(piece)
        elif PART.search(gap := _between(reading, owner, piece)) or _COUNTED.search(gap):
            yield Found(piece.start, piece.stop, owner.taken)
        else:
            yield Found(min(owner.start, piece.start), max(owner.stop, piece.stop), owner.taken)
    for _, among in groupby(enumerate(left), key=lambda one: stretch.index(one[1]) - one[0]):
        yield from _by_evidence(reading, [piece for _, piece in among])


def _anew(reading: Reading, before: Piece, behind: Piece) -> bool:
    """Whether the caller says the second instead of the first."""
    return TAKES_BACK.search(_between(reading, before, behind)) is not None


def _completes(reading: Reading, owner: Piece, rest: Piece) -> bool:
    """Whether digits beside a find are the rest of its number, or what was said of it before a correction."""
    if owner.taken is None:
        return False
    gap = _between(reading, owner, rest)
    if _is_begun(rest, owner):
        return True
    if TAKES_BACK.search(gap):
        return len(gap) <= _SMALL_GAP or len(rest.digits) < LONG
    if len(rest.digits) == 1 and len(gap) > _FEW:
        return False
    if _is_whole(owner.taken, owner.digits, reading.language):
        return is_card(owner.digits) and len(rest.digits) in _EXPIRY_AND_CODE and len(gap) <= _SMALL_GAP
    return len(gap) <= _SMALL_GAP and len(owner.digits) + len(rest.digits) <= _MOST[owner.taken]


def _is_begun(rest: Piece, owner: Piece) -> bool:
    """Whether a number was begun with these digits, given up, and told again."""
    begun = len(rest.digits) >= _BEGINNING and rest.digits[:_BEGINNING] == owner.digits[:_BEGINNING]
    return begun and rest.begin < owner.begin and len(rest.digits) < len(owner.digits)


def _is_whole(kind: PersonalKind, digits: str, language: str) -> bool:
    """Whether nothing is missing of a number."""
    match kind:
        case PersonalKind.REGISTRATION:
            return is_resident(digits) or (language == "en" and len(digits) == 9)
        case PersonalKind.PHONE:
            return is_mobile(digits) or is_fixed(digits) or is_american(digits)
        case PersonalKind.CARD:
            return is_card(digits)
        case _:
            return False


def _between(reading: Reading, one: Piece, other: Piece) -> str:
    """What stands between two pieces."""
    return reading.written.text[min(one.end, other.end) : max(one.begin, other.begin)]


def _by_evidence(reading: Reading, pieces: Sequence[Piece]) -> Iterator[Found]:
    """What nothing has taken: all pieces together where they are one number, else each by itself."""
    kind = _kind(reading, pieces)
    apart = any(PART.search(gap) for gap in _gaps(reading, pieces))
    if kind is not None and not apart:
        yield Found(pieces[0].start, pieces[-1].stop, kind)
        return
    for piece in pieces:
        alone = kind if kind is not None else _kind(reading, [piece])
        if alone is not None and len(piece.digits) >= _SHORTEST_PART:
            yield Found(piece.start, piece.stop, alone)


def _gaps(reading: Reading, pieces: Sequence[Piece]) -> list[str]:
    """What stands between pieces."""
    return [_between(reading, one, other) for one, other in pairwise(pieces)]


def _kind(reading: Reading, pieces: Sequence[Piece]) -> PersonalKind | None:
    """What the digits of some pieces are together; None: nothing personal, as far as can be told."""
    digits = _surely(reading, pieces)
    gaps = _gaps(reading, pieces)
    slips = any(TAKES_BACK.search(gap) for gap in gaps) or any(piece.run.corrected is not None for piece in pieces)
    cue = _cue(reading, pieces)
    both = (digits, "".join(piece.digits for piece in pieces))
    free = any(is_free(one) for one in both)
    if free or (cue is not None and cue.name in (OTHER, UNKNOWN)):
        return None
    kind = None if cue is None else cue.kind
    if kind in (None, PersonalKind.CARD) and any(_is_code(reading, one) for one in both):
        return PersonalKind.CARD
    if cue is not None and cue.name == CODE:
        return None
    if cue is not None and kind is not None and len(digits) < LONG and _is_part(reading, cue, pieces):
        return PersonalKind.REGISTRATION
    near = cue is not None and _distance(cue, pieces) <= BEFORE
    if not near and is_list(reading, pieces):
        return None
    fits = kind is not None and (
        len(digits) in _LENGTHS.get(kind, ()) or (slips and LONG <= len(digits) <= 2 * _MOST.get(kind, 0))
    )
    if fits or (near and len(digits) >= LONG):
        return kind if near or len(digits) >= LONG else None
    if near:
        return None
    longest = max(len(piece.digits) for piece in pieces)
    close = not slips and all(len(gap) <= _REMARK for gap in gaps)
    if (len(digits) if close else longest) < LONG or are_years(pieces) or is_named(reading, pieces[0]):
        return None
    return _by_length(reading, pieces, digits, slips=slips)


def _surely(reading: Reading, pieces: Sequence[Piece]) -> str:
    """The digits of pieces, without those at their end that may as well be a particle."""
    last = pieces[-1]
    doubtful = 0
    while reading.written.text[last.run.places[last.last - 1 - doubtful]] in DOUBTFUL:
        doubtful += 1
    digits = "".join(piece.digits for piece in pieces)
    return digits[: len(digits) - doubtful]


def _distance(cue: Cue, pieces: Sequence[Piece]) -> int:
    """Characters between a word and a stretch; none to what was asked for."""
    if cue.start == cue.end == 0:
        return 0
    return max(pieces[0].begin - cue.end, cue.start - pieces[-1].end, 0)


def _is_code(reading: Reading, digits: str) -> bool:
    """Whether digits are as many as words say stand on the back of a card, or on its front, where four do."""
    text = reading.written.text
    place = {3: _BEHIND, 4: _IN_FRONT}.get(len(digits))
    counted = _COUNTED.search(text)
    if place is None or counted is None or _COUNTS[counted["count"].lower()] != len(digits):
        return False
    return place.search(text) is not None


def _is_part(reading: Reading, cue: Cue, pieces: Sequence[Piece]) -> bool:
    """Whether few digits are a part of a registration number: it is named, and words beside them say that they are."""
    text = reading.written.text
    named = any(one.kind is PersonalKind.REGISTRATION and not PART.match(text, one.start) for one in reading.cues)
    if not named or cue.kind not in (PersonalKind.REGISTRATION, PersonalKind.PHONE):
        return False
    begin, end = pieces[0].begin, pieces[-1].end
    digits = sum(len(piece.digits) for piece in pieces)
    return digits >= _SHORTEST_PART and PART.search(text, max(0, begin - BEFORE), end + AFTER) is not None


def _by_length(reading: Reading, pieces: Sequence[Piece], digits: str, *, slips: bool) -> PersonalKind:
    """The kind of a number that nothing names, read in all the ways in which what was taken back may be left out."""
    meant = [one for one in numbers_meant(reading, tuple(piece.run for piece in pieces)) if LONG <= len(one) <= 19]
    kinds = [likeliest(one, reading.language) for one in (digits, *meant) if one]
    if slips and len(digits) >= 15 and PersonalKind.REGISTRATION not in kinds and PersonalKind.PHONE not in kinds:
        return PersonalKind.CARD
    return next((kind for kind in kinds if kind is not PersonalKind.ACCOUNT), PersonalKind.ACCOUNT)


def _cue(reading: Reading, pieces: Sequence[Piece]) -> Cue | None:
    """The word nearest to a stretch, however far; one before it counts as nearer than one behind it."""
    begin, end = pieces[0].begin, pieces[-1].end
    before = reading.before(begin, sum(len(piece.digits) for piece in pieces))
    behind = next((cue for cue in reading.cues if cue.start >= end and not cue.announces), None)
    if before is None or behind is None:
        return before or behind
    distance = begin - before.end
    nearer = distance <= BEFORE or distance <= 2 * (behind.start - end) or before.end == 0
    return before if nearer else behind


def likeliest(digits: str, language: str) -> PersonalKind:
    """What a number of seven digits and more is that nothing explains."""
    count = len(digits)
    if is_resident(digits) or (count in (12, 13, 14) and is_birth_date(digits) and not is_mobile(digits)):
        return PersonalKind.REGISTRATION
    if digits.startswith(_MOBILE_BEGINS) or is_fixed(digits) or (digits[0] == "0" and 9 <= count <= 11):
        return PersonalKind.PHONE
    if is_card(digits) or (15 <= count <= 19 and digits[0] in "234569"):
        return PersonalKind.CARD
    if count == 13 and _RESIDENT_END.match(digits) and is_birth_date(digits[7:]):
        return PersonalKind.REGISTRATION
    if language == "en":
        if count == 9:
            return PersonalKind.REGISTRATION
        if is_american(digits) or count == LONG:
            return PersonalKind.PHONE
    elif count == LONG and _RESIDENT_END.match(digits):
        return PersonalKind.REGISTRATION
    elif count == 8:
        return PersonalKind.PHONE
    return PersonalKind.ACCOUNT


def _united(found: Sequence[Found], more: Sequence[Found]) -> tuple[Found, ...]:
    """All finds, those that overlap as one of the kind that was found first."""
    ordered = sorted((*found, *more), key=lambda one: (one.start, -one.end))
    united: list[Found] = []
    for one in ordered:
        if united and one.start < united[-1].end:
            united[-1] = Found(united[-1].start, max(one.end, united[-1].end), united[-1].kind)
        else:
            united.append(one)
    return tuple(united)
