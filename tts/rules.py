"""How written things become spoken: rules tried in order at each place of a text, and patterns both languages share.

Pure. Refuses: knowing any language; ``normalizer_ko`` and ``normalizer_en`` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
"""A whole number, with or without separators of thousands."""

DECIMAL: Final = rf"(?:{NUMBER}(?:\.\d+)?)"

FREE: Final = r"(?<![0-9A-Za-z])(?<!\d[.,])"
"""Not in the middle of a number or a Latin word (a Hangul letter before is fine: 총3개)."""

END: Final = r"(?![0-9A-Za-z])"
"""No Latin letter or digit goes on behind it."""

EMAIL: Final = rf"{FREE}[A-Za-z0-9._%+-]{{1,64}}@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{1,5}}"

_TLD: Final = r"(?:com|net|org|kr|io|shop|store|biz|info|me|ai|app|dev|gov|edu|uk|jp)"
URL: Final = (
    rf"{FREE}(?:(?:https?://|www\.)[^\s<>\"'()가-힣]+"
    rf"|[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,4}}\.{_TLD}{END}(?:/[^\s<>\"'()가-힣]*)?)(?<![.,;:!?])"
)

PHONE: Final = (
    rf"{FREE}(?:"
    r"\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}"  # international
    r"|\(?0\d{1,3}\)?[-. ]?[\d*]{3,4}[-. ]\d{4}"  # Korean, with the area in brackets or not
    r"|01[016789]\d{7,8}"
    r"|1[5-9]\d\d[- ]\d{4}"  # Korean service numbers
    r"|1[ .-]\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"  # North American
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}"
    rf"){END}(?![-,.]\d)"
)

ISO_DATE: Final = (
    rf"{FREE}(?P<y>(?:19|20)\d\d)(?P<sep>[-./]) ?(?P<m>0?[1-9]|1[0-2])(?:[-./]) ?(?P<d>3[01]|[12]\d|0?[1-9]){END}"
)

CLOCK: Final = r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?"

MERIDIEM: Final = rf"(?:(?:[aApP][mM]|[aApP]\. ?[mM]\.?){END})"

TILDE: Final = r"[~∼〜–]"

DASH: Final = r"\s?—\s?"

GROUPS: Final = rf"{FREE}\d+(?:-\d+){{1,9}}{END}"

DOTTED: Final = rf"{FREE}\d+(?:\.\d+){{2,9}}{END}"

CODE: Final = (
    rf"{FREE}(?=[A-Za-z0-9_-]{{0,40}}\d)(?=[A-Za-z0-9_-]{{0,40}}[A-Za-z])"
    rf"[A-Za-z0-9]{{1,40}}(?:[-_][A-Za-z0-9]{{1,40}}){{0,9}}{END}"
)

ACRONYM: Final = rf"{FREE}[A-Z](?:\.[A-Z]){{1,7}}\b\.?|{FREE}[A-Z](?:[/&]?[A-Z]){{0,40}}(?:-[A-Z])?{END}(?!')"

WORD: Final = rf"{FREE}[A-Za-z]+(?:-[A-Za-z]+){{0,3}}{END}"

SYMBOL: Final = r"[^\w\s.,!?;:'()\-]|_"


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` finds a written thing; ``read`` says it, or returns None to leave it to the rules below."""

    name: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str | None]


def rule(name: str, pattern: str, read: Callable[[re.Match[str]], str | None]) -> Rule:
    """A rule from the text of its pattern."""
    return Rule(name, re.compile(pattern), read)


class Rules:
    """An ordered set of rules for one language. No rule begins with a character of the set ``skip``."""

    def __init__(self, rules: tuple[Rule, ...], *, skip: str = r"\s.,!?") -> None:
        self._rules = {rule.name: (order, rule) for order, rule in enumerate(rules)}
        if len(self._rules) != len(rules):
            raise ValueError("two rules bear the same name")
        self._ordered = rules
        # One pass finds the next place where any rule may apply. The first look keeps ordinary text cheap: no rule
        # begins within a Latin word, and a blank only before a dash.
        union = "|".join(f"(?P<{r.name}>{re.sub(r'[?]P<[a-z]+>', '?:', r.pattern.pattern)})" for r in rules)
        self._any = re.compile(rf"(?:(?<![0-9A-Za-z])(?=[A-Za-z])|(?=[^A-Za-z{skip}]|\s[~∼〜–—]))(?:{union})")

    def apply(self, text: str) -> Iterator[tuple[str | None, int, int]]:
        """The text in pieces ``(spoken, start, end)``; ``spoken`` is None where the text stands as it is."""
        done = at = 0
        while (found := self._any.search(text, at)) is not None:
            start = found.start()
            for candidate in self._ordered[self._rules[found.lastgroup or ""][0] :]:
                match = candidate.pattern.match(text, start)
                if match is not None and (spoken := candidate.read(match)) is not None:
                    if start > done:
                        yield None, done, start
                    yield spoken, start, match.end()
                    done = at = match.end()
                    break
            else:
                at = start + 1
        if done < len(text):
            yield None, done, len(text)


def table(text: str) -> dict[str, str]:
    """``written=said`` pairs between blanks; a ``_`` in what is said is a blank."""
    return {written: said.replace("_", " ") for written, _, said in (pair.rpartition("=") for pair in text.split())}


def before(match: re.Match[str]) -> str:
    """Up to 24 characters of what stands before."""
    return match.string[max(0, match.start() - 24) : match.start()]


def after(match: re.Match[str]) -> str:
    """Up to 24 characters of what stands behind."""
    return match.string[match.end() : match.end() + 24]


def in_fours(digits: str) -> list[str]:
    """Long runs of digits in groups that an ear can hold: 20261121 -> 2026, 1121."""
    return [digits] if len(digits) <= 6 else [digits[i : i + 4] for i in range(0, len(digits), 4)]


def valid_month_day(month: str, day: str) -> bool:
    """Whether the two numbers may be a month and a day."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31
