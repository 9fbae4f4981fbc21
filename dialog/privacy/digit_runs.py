"""Digits that were said in one breath, with what stands between them: the stuff that all numbers are found in. Pure.

Refuses: knowing what a number is; each kind has a module of its own for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dialog.privacy.corrections import BRIEF
from dialog.privacy.written import DOUBTFUL, Written

LONGEST = 48
"""Digits of a run at most: nobody says more in one breath, and what is looked for in a run takes time by its length."""

_SIGNS = r"(?<!\d{7}),\s|,\s(?!\d{7})|[ \t\r\n\u00a0\u200b-\u200d\u2060\-‐‑‒–—―−－.·/()_]"
_WORDS = (
    r"다시|뒤[가는에]?|뒷\s?자리[가는]?|대시|하이픈|마이너스|빼기|작대기|슬래시|점|그리고|그\s?다[음담][은에]?|그담에?|다음[은에]?|이?구요|이?고요?|이요|요"
    r"|이에요|예요|국에?|번에|에요?|의|[하허]고|또|음+|어+|아|그|네|예|dash|hyphen|minus|slash|space|then|and|uh+|um+|er|okay|next|point|dot"
)
_SHORTEST_WITH_TWICE = 10
"""Digits of a run of which some may have been said twice, rather than the number having them twice."""
_TWICE = (7, 6, 5, 4, 3)
"""Digits of a group that is said twice."""
_D = rf"[\d{DOUBTFUL}]"
_BETWEEN = rf"(?:{_SIGNS}|(?:{BRIEF}|{_WORDS})(?![A-Za-z]))"
_COUNT = rf"{_D}{{1,2}}\s?(?:times\b|months?\b|digits?\b|installments?\b|개월|자리|차례|번이나)"
"""What is counted behind a number, or of it."""
_RUN = re.compile(rf"\d(?:{_D}|(?>{_BETWEEN}{{1,12}})(?!{_COUNT}){_D}){{0,{LONGEST - 1}}}", re.I)
_GROUP = re.compile(rf"{_D}+")
_UNSURE = re.compile(rf"[{DOUBTFUL}]+")
_HANGUL = re.compile("[가-힣]")
_CORRECTED = re.compile(rf"(?:{BRIEF})", re.I)


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
                run = _run(text, found, inner, last)
                yield run
                yield from _said_once(text, run)


def _said_once(text: Written, run: Run) -> Iterator[Run]:
    """The same without a group that was said twice, and without all that were: "four one oh, four one oh, five …"."""
    if len(run.digits) < _SHORTEST_WITH_TWICE or run.corrected is not None:
        return
    borders = {0, len(run.digits)}
    for cut in run.cuts:
        if run.starts_group(cut) or text.text[run.places[cut - 1] + 1 : run.places[cut]].strip():
            borders.add(cut)
    for size in _TWICE:
        for at in sorted(borders):
            said = run.digits[at : at + size]
            if {at - size, at + size} <= borders and run.digits[at - size : at] == said:
                left = _without(run, at, size) if at == size else _without(run, at - size, size)
                yield left
                yield from _said_once(text, left)
                return


def _without(run: Run, first: int, size: int) -> Run:
    """A run without some of its digits."""
    kept = [at for at in range(len(run.digits)) if not first <= at < first + size]
    return Run(
        "".join(run.digits[at] for at in kept),
        tuple(run.starts[at] for at in kept),
        tuple(run.ends[at] for at in kept),
        tuple(run.places[at] for at in kept),
        frozenset(cut if cut <= first else cut - size for cut in run.cuts if not first < cut < first + size),
    )


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
