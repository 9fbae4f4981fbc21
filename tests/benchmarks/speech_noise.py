"""What a recognizer does to a question, in kinds that can be told apart.

Every kind takes a question's text and gives it as it might be heard; what is drawn is drawn from the text itself, so
that figures can be compared. Refuses: being a model of any one recognizer.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final

Noise = Callable[[str], str]

_VOWELS: Final = "aeiou"
_ALIKE: Final = ("bp", "dt", "gk", "sz", "fv", "mn", "lr")
_NEAR: Final = {one: other for pair in _ALIKE for one, other in (pair, pair[::-1])}
_ONES: Final = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
                " seventeen eighteen nineteen").split()  # fmt: skip
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_PARTICLES: Final = re.compile(r"(?<=[가-힣])(?:은|는|이|가|을|를|의|에|에서|으로|로|과|와)(?=\s|$)")
_FIRST, _MEDIALS, _FINALS = 0xAC00, 21, 28
_SIMILAR_MEDIALS: Final = {1: 5, 5: 1, 3: 7, 4: 8, 8: 4, 13: 18, 18: 13, 0: 4, 20: 16}
"""Vowels that are taken for one another: ㅐ ㅔ, ㅓ ㅗ, ㅜ ㅡ, …"""


def plain(text: str) -> str:
    """Lower case, no signs, numbers as words."""
    spelled = re.sub(r"\d+", lambda found: f" {_spelled(found[0], korean=_korean(text))} ", text.lower())
    return " ".join(re.sub(r"[^\w\s']", " ", spelled).split())


def split(text: str) -> str:
    """The longest word is heard as two."""
    words = plain(text).split()
    at = max(range(len(words)), key=lambda index: len(words[index]))
    cut = _dice(text).randint(1, max(1, len(words[at]) - 1)) if len(words[at]) < 5 else len(words[at]) // 2
    return " ".join([*words[:at], words[at][:cut], words[at][cut:], *words[at + 1 :]]).strip()


def joined(text: str) -> str:
    """Korean without spaces; in English two words beside each other become one."""
    words = plain(text).split()
    if _korean(text) or len(words) < 2:
        return "".join(words)
    at = _dice(text).randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def wrong(text: str) -> str:
    """One of the longer words is heard with another sound in it."""
    words = plain(text).split()
    longest = sorted(range(len(words)), key=lambda index: -len(words[index]))[:3]
    at = _dice(text).choice(longest)
    words[at] = _misheard(words[at], _dice(text))
    return " ".join(words)


def lost(text: str) -> str:
    """One of the longer words is not heard at all."""
    words = plain(text).split()
    if len(words) < 3:
        return " ".join(words)
    longest = sorted(range(len(words)), key=lambda index: -len(words[index]))[:3]
    del words[_dice(text).choice(longest)]
    return " ".join(words)


def particles(text: str) -> str:
    """Korean particles are not heard."""
    return _PARTICLES.sub("", plain(text))


NOISES: Final[Mapping[str, Mapping[str, Noise]]] = {
    "en": {"plain": plain, "split": split, "joined": joined, "wrong": wrong, "lost": lost},
    "ko": {"plain": plain, "split": split, "joined": joined, "wrong": wrong, "lost": lost, "particles": particles},
}


def _dice(text: str) -> random.Random:
    return random.Random(zlib.crc32(text.encode()))


def _korean(text: str) -> bool:
    return re.search(r"[가-힣]", text) is not None


def _misheard(word: str, dice: random.Random) -> str:
    places = [at for at, sign in enumerate(word) if sign in _NEAR or sign in _VOWELS or "가" <= sign <= "힣"]
    if not places:
        return word
    at = dice.choice(places)
    return word[:at] + _similar(word[at], dice) + word[at + 1 :]


def _similar(sign: str, dice: random.Random) -> str:
    if sign in _VOWELS:
        return dice.choice(_VOWELS.replace(sign, ""))
    if sign in _NEAR:
        return _NEAR[sign]
    first, rest = divmod(ord(sign) - _FIRST, _MEDIALS * _FINALS)
    medial, final = divmod(rest, _FINALS)
    other = _SIMILAR_MEDIALS.get(medial, (medial + 4) % _MEDIALS)
    return chr(_FIRST + (first * _MEDIALS + other) * _FINALS + final)


def _spelled(digits: str, *, korean: bool) -> str:
    value = int(digits)
    if korean:
        return _sino(value)
    if len(digits) == 4 and 1100 <= value <= 2099 and value % 100 >= 10:
        return f"{_spelled(digits[:2], korean=False)} {_spelled(digits[2:], korean=False)}"
    if value < 20:
        return _ONES[value]
    if value < 100:
        return f"{_TENS[value // 10 - 2]} {_ONES[value % 10] if value % 10 else ''}".strip()
    for scale, name in ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if value >= scale:
            rest = f" {_spelled(str(value % scale), korean=False)}" if value % scale else ""
            return f"{_spelled(str(value // scale), korean=False)} {name}{rest}"
    return digits


def _sino(value: int) -> str:
    for scale, name in ((100_000_000, "억"), (10_000, "만"), (1_000, "천"), (100, "백"), (10, "십")):
        if value >= scale:
            head = "" if value // scale == 1 and scale < 100_000_000 else _sino(value // scale)
            return head + name + (_sino(value % scale) if value % scale else "")
    return "영일이삼사오육칠팔구"[value]
