"""Digits that were said in one breath, with what stands between them: the stuff that all numbers are found in. Pure.

Refuses: knowing what a number is; each kind has a module of its own for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dialog.privacy.written import DOUBTFUL, Written

LONGEST = 48
"""Digits of a run at most: nobody says more in one breath, and what is looked for in a run takes time by its length."""

_SIGNS = r"[ \t\r\n\u00a0\u200b-\u200d\u2060\-‐‑‒–—―−－.·/()_]|,\s"
_WORDS = (
    r"다시|뒤[가는에]?|뒷\s?자리[가는]?|대시|하이픈|마이너스|빼기|작대기|슬래시|점|그리고|그\s?다[음담][은에]?|그담에?|다음[은에]?|이?구요|이?고요?|이요|요"
    r"|이에요|예요|국에?|번에|에요?|의|[하허]고|또|음+|어+|아|그|네|예|dash|hyphen|minus|slash|space|then|and|uh+|um+|er|okay|next|point|dot"
)
_CORRECTIONS = (
    r"[이가]?\s?아니라|아니[요다]?|아뇨|아차|죄송(?:해요|합니다)?|잠깐만요|정정할게요"
    r"|(?:no )?sorry|no|(?:no )?wait|i mean|correction|actually|oops"
)
_D = rf"[\d{DOUBTFUL}]"
_BETWEEN = rf"(?:{_SIGNS}|(?:{_CORRECTIONS}|{_WORDS})(?![A-Za-z]))"
_RUN = re.compile(rf"\d(?:(?>{_BETWEEN}{{0,12}}){_D}){{0,{LONGEST - 1}}}", re.I)
_GROUP = re.compile(rf"{_D}+")
_UNSURE = re.compile(rf"[{DOUBTFUL}]+")
_HANGUL = re.compile("[가-힣]")
_CORRECTED = re.compile(rf"(?:{_CORRECTIONS})", re.I)


@dataclass(frozen=True, slots=True)
class Run:
    """Digits, and for each of them the characters of the original that say it.

    ``cuts`` are the places at which another group of digits begins, ``begin`` and ``end`` where the run stands in the
    written text, ``places`` where each digit stands there. Behind ``corrected`` (None: nowhere) the caller says anew
    what came before.
    """

    digits: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    places: tuple[int, ...]
    cuts: frozenset[int]
    corrected: int | None = None

    @property
    def begin(self) -> int:
        """Where its first digit stands in the written text."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Where the written text goes on behind its last digit."""
        return self.places[-1] + 1

    def starts_group(self, at: int) -> bool:
        """Whether a group of digits begins there; between digits that are said one by one nothing does."""
        return at == 0 or at == self.corrected or (at in self.cuts and not {at - 1, at + 1} <= self._edges)

    def ends_group(self, at: int) -> bool:
        """Whether the digits before that place end a group."""
        return at == len(self.digits) or self.starts_group(at)

    @property
    def _edges(self) -> frozenset[int]:
        return self.cuts | {0, len(self.digits)}

    def groups(self, start: int, end: int) -> tuple[int, ...]:
        """How long the groups between two places are."""
        inner = [start, *sorted(cut for cut in self.cuts if start < cut < end), end]
        return tuple(after - before for before, after in pairwise(inner))


def runs(text: Written) -> Iterator[Run]:
    """Every run of digits; where some digits may be particles, every reading of it, the one without them first."""
    for found in _RUN.finditer(text.text):
        unsure = [len(group) for group in _UNSURE.findall(found.group())]
        at_end = unsure.pop() if found.group()[-1] in DOUBTFUL else 0
        for inner in (False, True) if unsure else (False,):
            for last in range(at_end + 1):
                yield _run(text, found, inner, last)


def _run(text: Written, found: re.Match[str], inner: bool, last: int) -> Run:
    """One reading: whether doubtful digits before endings within the run are ``inner`` digits of it, and how many of
    those at its end are. Those that no ending follows are, for more digits do."""
    digits: list[str] = []
    places: list[int] = []
    cuts: set[int] = set()
    corrected: int | None = None
    before = found.start()
    for group in _GROUP.finditer(text.text, found.start(), found.end()):
        if digits:
            cuts.add(len(digits))
            if _CORRECTED.search(text.text, before, group.start()):
                corrected = len(digits)
        if group.end() == found.end():
            kept = last
        else:
            kept = len(group.group()) if inner or not _HANGUL.match(text.text, group.end()) else 0
        unsure = 0
        for place in range(*group.span()):
            character = text.text[place]
            doubtful = DOUBTFUL.find(character)
            unsure += doubtful >= 0
            if doubtful >= 0 and unsure > kept:
                continue
            digits.append(str(doubtful if doubtful >= 0 else int(character)))
            places.append(place)
        before = group.end()
    spans = [text.original(place, place + 1) for place in places]
    return Run(
        "".join(digits),
        tuple(start for start, _ in spans),
        tuple(end for _, end in spans),
        tuple(places),
        frozenset(cut for cut in cuts if 0 < cut < len(digits)),
        corrected if corrected is not None and corrected < len(digits) else None,
    )
