"""What was said, as it would be written: numerals become digits, each of which knows which characters say it. Pure.

"공일공 일이삼사에 오육칠팔" becomes "010 1234에 5678", "double four twenty one" "44 21": so that whoever looks for
numbers looks for digits alone, whether they were typed, recognized as digits or recognized as words. Both languages are
read in every text, for callers mix them and a recognizer may have guessed the wrong one.

Refuses: values. What a caller's number is worth to a slot, and how surely, is read by ``dialog.parsers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dialog.parsers.english import ENGLISH
from dialog.parsers.korean import KOREAN
from dialog.privacy.parts import ENGLISH as ENGLISH_PARTS

DOUBTFUL = "".join(chr(0xE000 + digit) for digit in range(10))
"""Digits that may as well be the beginning of a particle (the 이 of 칠팔이에요): from Unicode's private use."""

_KO, _EN = KOREAN.numerals, ENGLISH.numerals

_NATIVE = "|".join(sorted(_KO.native, key=len, reverse=True))
_PIECE = re.compile(rf"{_NATIVE}|[{''.join(_KO.syllables)}{''.join(_KO.places)}]")
_ZEROS = frozenset(piece for piece, digit in (*_KO.syllables.items(), *_KO.native.items()) if digit == "0")
_STRETCH = re.compile(rf"(?:{_PIECE.pattern})+")
_HANGUL = re.compile(r"[가-힣]*")
_ENDING = re.compile(
    rf"(?:{_KO.endings.pattern})|국에|다시|고요?|구요|그리고|(?:[동호층길가]|번지)(?:{_KO.endings.pattern})|[월년](?:(?:이|에|까지|고|예요|입니다|인데).*)?|이며|래요?|이래.*|인데.*|이랑.*|입니다.*|이라.*|예요.*|에요.*"
)
_PARTICLE = re.compile(r"이구요|구요|이")
_BEHIND_I = re.compile(r"에요|요|고|구|라|래|랑|며|면|지|죠|거든|네|야|신|시|었|던|더라|든")
"""How endings go on that begin with 이; before whatever else it is a two (백이동)."""
_JOINT = r"(?:다시|대시|하이픈)"
_JOINED_BEFORE = re.compile(rf"(?:{_PIECE.pattern}){_JOINT}$")
_JOINED_BEHIND = re.compile(rf"{_JOINT}(?:{_PIECE.pattern})")
"""Between numerals that are written in one word: 공이다시삼일칠."""
_LONGEST_JOINT = 5
_AT_END = re.compile(r"[\s.?!]*$")
_SHORTEST_INSIDE = 3
"""Numerals within a longer word: fewer of them are rather syllables of that word (사이, 이사)."""

_TIMES = {**_EN.multipliers, "treble": 3, "quadruple": 4}
_SURE = {**_EN.words, **{word: digit + "0" for word, digit in _EN.tens.items()}}
_WORDS = re.compile(rf"\b(?:{'|'.join((*_SURE, *_EN.confusable, *_TIMES, *_EN.places))})\b", re.I)
_REPEATED = re.compile(rf"\b(?P<times>{'|'.join(_TIMES)})\s+(?P<digit>\d)(?!\d)", re.I)
_BETWEEN = re.compile(r"[\s,.\-–]{0,3}(?:and\s+)?")
_COUNTED = re.compile(rf"\b(?!(?:starts?|begins?|ends?|finishes)\b)(?:{ENGLISH_PARTS})\s+$", re.I)
_PRONOUN = re.compile(
    r"\b(?:old|new|other|right|wrong|correct|expired|same|this|that|which|only|last|first|next)\s+$", re.I
)
"""Before a "one" that is no digit."""
_OF_TIME = re.compile(r"\s+(?:moment|sec|second|minute|more|thing|time|day)\b", re.I)
"""Behind one."""
_BEFORE_COUNT = 16
"""Characters of a word before a count, with what parts them."""
_PLACES_OF_A_NUMBER = re.compile(r"\s?자리")
"""Behind a numeral that says how many digits come."""
_NARROW = str.maketrans({0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: " "})
_ENDS_IN_DIGIT = re.compile(r"\d[\s,.\-–]{0,3}$")
_BEGINS_WITH_DIGIT = re.compile(r"[\s,.\-–]{0,3}\d")


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it would be written; ``starts`` and ``ends`` hold, for each of its characters, where in the original
    the characters that say it begin and end. They are None where nothing had to be rewritten."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that says the characters ``start:end``."""
        if self.starts is None or self.ends is None or start >= end:
            return start, end
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """Characters ``start:end`` of the original, and what is written for them, digit by digit with its own span."""

    start: int
    end: int
    digits: tuple[tuple[str, int, int], ...]


def narrow(text: str) -> str:
    """``text`` with its full-width letters, digits and signs as those of ASCII, each in its place."""
    return text if text.isascii() else text.translate(_NARROW)


def written(text: str) -> Written:
    """``text`` with its spoken numerals as digits, and what is full-width as ASCII."""
    text = narrow(text)
    if text.isascii():
        rewritten = sorted(_english(text), key=lambda one: one.start)
    else:
        rewritten = sorted((*_korean(text), *_english(text)), key=lambda one: one.start)
    if not rewritten:
        return Written(text)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for one in rewritten:
        _copy(text, done, one.start, characters, starts, ends)
        for digit, start, end in one.digits:
            characters.append(digit)
            starts.append(start)
            ends.append(end)
        done = one.end
    _copy(text, done, len(text), characters, starts, ends)
    return Written("".join(characters), tuple(starts), tuple(ends))


def _copy(text: str, start: int, end: int, characters: list[str], starts: list[int], ends: list[int]) -> None:
    characters += text[start:end]
    starts += range(start, end)
    ends += range(start + 1, end + 1)


def _korean(text: str) -> Iterator[_Rewritten]:
    for found in _STRETCH.finditer(text):
        start, end = found.span()
        before = text[start - 1] if start else " "
        rest = _HANGUL.match(text, end)
        following = rest.group() if rest is not None else ""
        pieces = [piece.group() for piece in _PIECE.finditer(found.group())]
        begins = (
            not "가" <= before <= "힣" or _JOINED_BEFORE.search(text, max(0, start - _LONGEST_JOINT), start) is not None
        )
        ends = not following or _ENDING.fullmatch(following) is not None or _JOINED_BEHIND.match(following) is not None
        whole = begins and ends
        if pieces == ["이"] and before.isascii() and before.isalpha() and not following:
            continue  # a particle behind a word in Latin letters: social이
        if before.isdigit() and (pieces == ["일"] or (len(pieces) <= 2 and _PARTICLE.match(found.group() + following))):
            continue  # a particle behind digits, or a day: 5678이에요, 25일
        if not whole and len(pieces) < _SHORTEST_INSIDE:
            continue
        if len(pieces) == 1 and _PLACES_OF_A_NUMBER.match(text, end):
            continue  # "앞에 여덟 자리": a count
        more = not following and _STRETCH.match(text, end + 1) is not None
        at_end = _AT_END.match(text, end) is not None
        digits = _korean_digits(pieces, start, following, more=more, at_end=at_end)
        if digits:
            yield _Rewritten(start, end, digits)


def _korean_digits(
    pieces: list[str], start: int, following: str, *, more: bool, at_end: bool
) -> tuple[tuple[str, int, int], ...]:
    """The digits of numerals; ``more``: another numeral follows, before which no particle stands behind 팔십이;
    ``at_end``: nothing follows, to which a particle would lead."""
    in_full = any(piece in _KO.places for piece in pieces)
    doubtful = 0 if at_end or (in_full and more) else min(_of_an_ending(pieces, following), len(pieces) - 1)
    sure = pieces[: len(pieces) - doubtful]
    if in_full:
        number = _in_full(sure)
        stop = start + len("".join(sure))
        return tuple((digit, start, stop) for digit in number) + _one_by_one(pieces[len(sure) :], stop, doubtful)
    return _one_by_one(pieces, start, doubtful)


def _of_an_ending(pieces: list[str], following: str) -> int:
    """How many of the last numerals may be the beginning of what hangs on a number: 칠팔 + 이구요, 칠팔 + 이에요, or
    the subject's 이. Before 예요 and 로, which stand behind vowels alone, a 이 is a two."""
    if following.startswith(("요", "먼", "만")) and pieces[-1] == "구":
        return 2 if pieces[-2:] == ["이", "구"] else 1
    return int(pieces[-1] == "이" and (not following or _BEHIND_I.match(following) is not None))


def _one_by_one(pieces: list[str], start: int, doubtful: int) -> tuple[tuple[str, int, int], ...]:
    digits: list[tuple[str, int, int]] = []
    for index, piece in enumerate(pieces):
        digit = _KO.native.get(piece) or _KO.syllables.get(piece, "")
        if index >= len(pieces) - doubtful:
            digit = DOUBTFUL[int(digit)]
        digits.append((digit, start, start + len(piece)))
        start += len(piece)
    return tuple(digits)


def _in_full(pieces: list[str]) -> str:
    """Numbers that are said with their places (천이백삼십사), each below ten thousand, and one behind the other where
    they are groups of a longer one (오천사백구 이천육백오); empty where they are none."""
    written, total, pending, ceiling = "", 0, "", 10_000
    for index, piece in enumerate(pieces):
        place = _KO.places.get(piece)
        if place is None:
            if pending:
                if not (written or piece in _ZEROS or any(later in _KO.places for later in pieces[index:])):
                    return ""
                written, total, ceiling = f"{written}{total + int(pending)}", 0, 10_000
            pending = _KO.native.get(piece) or _KO.syllables[piece]
        else:
            if place >= ceiling:
                written, total = f"{written}{total}", 0
            total += int(pending or "1") * place
            pending, ceiling = "", place
    return f"{written}{total + int(pending or '0')}"


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    apart: bool = False
    """Whether a sign stands between it and the word before."""


def _english(text: str) -> Iterator[_Rewritten]:
    for found in _REPEATED.finditer(text):
        times = _TIMES[found["times"].lower()]
        yield _Rewritten(*found.span(), ((found["digit"], *found.span()),) * times)
    group: list[_Word] = []
    for found in _WORDS.finditer(text):
        gap = _BETWEEN.fullmatch(text, group[-1].end, found.start()) if group else None
        if group and gap is None:
            yield from _group(text, group)
            group = []
        group.append(_Word(found.group().lower(), found.start(), found.end(), gap is not None and "," in gap.group()))
    if group:
        yield from _group(text, group)


def _group(text: str, words: list[_Word]) -> Iterator[_Rewritten]:
    """Words that follow one another; those that only sound like digits count between sure ones alone, a zero that is
    said as a letter beside digits that are written as well."""
    if _COUNTED.search(text, max(0, words[0].start - _BEFORE_COUNT), words[0].start):
        words = _behind_count(words)
    if len(words) == 1 and words[0].text == "one" and _is_pronoun(text, words[0]):
        return
    sure = [index for index, word in enumerate(words) if word.text not in _EN.confusable]
    spelled = [index for index, word in enumerate(words) if word.text in ("o", "oh")]
    if not any(word.text in _SURE for word in words):
        if words and len(spelled) == len(words) and _beside_digits(text, words):
            yield from (_Rewritten(word.start, word.end, (("0", word.start, word.end),)) for word in words)
        return
    paid = next(
        (at for at in range(1, len(words)) if words[at].text == "won" and words[at - 1].text in _EN.places), None
    )
    if paid is not None:  # "two hundred won for one bag"
        yield from _group(text, words[:paid])
        if words[paid + 1 :]:
            yield from _group(text, words[paid + 1 :])
        return
    first, last = min(sure + spelled), max(sure + spelled)
    yield from _numbers(words[: last + 1], first)


def _numbers(words: list[_Word], index: int) -> Iterator[_Rewritten]:
    """What is said from ``index`` on."""
    while index < len(words):
        consumed, digits = _english_number(words, index)
        if digits:
            yield _Rewritten(words[index].start, words[index + consumed - 1].end, digits)
        index += consumed


def _behind_count(words: list[_Word]) -> list[_Word]:
    """The words without a count of digits that they begin with: "the next four are …", "last four two oh nine
    three"."""
    told = sum(len(one.digits) for one in _numbers(words, 1))
    return words[1:] if _EN.words.get(words[0].text) in ("", str(told)) or len(words) == 1 else words


def _is_pronoun(text: str, one: _Word) -> bool:
    """Whether a "one" is no digit: "the old one", "one moment"."""
    before = _PRONOUN.search(text, max(0, one.start - _BEFORE_COUNT), one.start)
    return before is not None or _OF_TIME.match(text, one.end) is not None


def _beside_digits(text: str, words: list[_Word]) -> bool:
    """Whether digits stand right before and behind these words."""
    return _ENDS_IN_DIGIT.search(text, max(0, words[0].start - 4), words[0].start) is not None and (
        _BEGINS_WITH_DIGIT.match(text, words[-1].end) is not None
    )


def _english_number(words: list[_Word], index: int) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """What is said from ``index`` on: how many words say it, and its digits."""
    word = words[index]
    following = words[index + 1] if index + 1 < len(words) else None
    if word.text in _TIMES:
        if following is None or len(digit := _digit(following)) != 1:
            return 1, ()
        return 2, tuple((digit, word.start, following.end) for _ in range(_TIMES[word.text]))
    if following is not None and following.text in _EN.places and word.text in _SURE:
        return _placed(words, index)
    if word.text in _EN.tens:
        unit = "" if following is None else _EN.words.get(following.text, "")
        if following is not None and len(unit) == 1 and unit != "0":
            place = _EN.places.get(words[index + 2].text) if index + 2 < len(words) else None
            if place is not None:  # "forty-four hundred"
                value = str(int(_EN.tens[word.text] + unit) * place)
                return 3, tuple((digit, word.start, words[index + 2].end) for digit in value)
            return 2, ((_EN.tens[word.text], word.start, word.end), (unit, following.start, following.end))
        return 1, tuple((digit, word.start, word.end) for digit in _SURE[word.text])
    return 1, tuple((digit, word.start, word.end) for digit in _digit(word))


def _goes_on_singly(words: list[_Word], index: int) -> bool:
    """Whether another single digit follows there."""
    return index < len(words) and not words[index].apart and len(_EN.words.get(words[index].text, "")) == 1


def _digit(word: _Word) -> str:
    return _EN.words.get(word.text) or _EN.confusable.get(word.text, "")


def _placed(words: list[_Word], index: int) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """A number said in full: "two thousand twenty six", "three hundred five"."""
    total = int(_SURE[words[index].text]) * _EN.places[words[index + 1].text]
    room = _EN.places[words[index + 1].text]
    consumed = 2
    while index + consumed < len(words) and not words[index + consumed].apart:
        more, digits = _english_number(words, index + consumed)
        value = "".join(digit for digit, _, _ in digits)
        if not value or value[0] == "0" or int(value) >= room:
            break
        if len(value) == 1 and _goes_on_singly(words, index + consumed + more):
            break  # "eight hundred, five five five"
        total += int(value)
        room = 100 if int(value) >= 100 else 1
        consumed += more
    start, end = words[index].start, words[index + consumed - 1].end
    return consumed, tuple((digit, start, end) for digit in str(total))
