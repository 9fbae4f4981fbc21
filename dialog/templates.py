"""What the bot says in its own words: texts approved beforehand, with places for values.

A text may come in variants; the first one whose places can all be filled is said. Values are formatted by the
language's table: ``{day:date}`` 11월 24일, ``{sum:money}`` 39,800원, ``{number:digits}`` one by one,
``{visit:moment}`` 11월 24일 화요일 오후 3시 (its parts: ``day``, ``time``), ``{things:names}`` the first and how many
more. Endings written as alternatives ("을(를)") are settled after the
values are in. Refuses: composing anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from string import Formatter

from dialog.errors import TenantDialogInvalid
from dialog.parsers.language import language
from dialog.parsers.tables import Wording

FORMATS = frozenset({"", "date", "day", "time", "moment", "money", "digits", "names"})
"""What may stand after the colon of a place."""

_DIGIT_GROUP = 4
_HANGUL_FIRST, _HANGUL_LAST, _FINALS = 0xAC00, 0xD7A3, 28
_RIEUL = 8
_NOON = 12
_DIGITS_WITH_FINAL = frozenset("013678")


@dataclass(frozen=True, slots=True)
class Templates:
    """The texts of one language, by key."""

    language: str
    texts: Mapping[str, tuple[str, ...]]

    def has(self, key: str) -> bool:
        """Whether there is a text under ``key``."""
        return key in self.texts

    def bare(self, key: str) -> str | None:
        """The text under ``key`` that does without values; None where there is none."""
        return next((variant for variant in self.texts.get(key, ()) if not places(variant)), None)

    def render(self, key: str, **values: object) -> str:
        """The text under ``key`` with ``values`` in their places.

        Values that are None count as absent. Raises ``TenantDialogInvalid`` when the key is missing or no variant can
        be filled.
        """
        if key not in self.texts:
            raise TenantDialogInvalid(f"templates.{self.language}.yaml has no text {key!r}; add one")
        present = {name: value for name, value in values.items() if value is not None and value != ""}
        wording = language(self.language).wording
        for variant in self.texts[key]:
            if all(name in present for name, _ in places(variant)):
                return settle_particles(_fill(variant, present, self.language), wording.particles)
        wanted = ", ".join(sorted({name for variant in self.texts[key] for name, _ in places(variant)}))
        known = ", ".join(sorted(present)) or "nothing"
        raise TenantDialogInvalid(
            f"{key!r} in templates.{self.language}.yaml needs {wanted} but only {known} is known here; "
            "add a variant that does without"
        )


def places(text: str) -> tuple[tuple[str, str], ...]:
    """The places of a text: name and format. Raises ``ValueError`` when its braces do not close."""
    return tuple((name, form or "") for _, name, form, _ in Formatter().parse(text) if name is not None)


def _fill(text: str, values: Mapping[str, object], code: str) -> str:
    parts: list[str] = []
    for literal, name, form, _ in Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(spoken(values[name], form or "", code))
    return "".join(parts)


def spoken(value: object, form: str, code: str) -> str:
    """A value as it is said in the language ``code``; ``form`` is one of ``FORMATS``."""
    wording = language(code).wording
    match form:
        case "date":
            return _date(value, wording, wording.date)
        case "day":
            return _date(value, wording, wording.day)
        case "time":
            return _time(value, wording)
        case "moment":
            return wording.moment.format(day=_date(value, wording, wording.day), time=_time(value, wording))
        case "money":
            return wording.money.format(amount=Decimal(str(value)))
        case "digits":
            return _digits(str(value))
        case "names":
            return _names(value, wording, code)
        case _:
            return str(value)


def _date(value: object, wording: Wording, form: str) -> str:
    day = value if isinstance(value, date) else datetime.fromisoformat(str(value)).date()
    return form.format(month=wording.months[day.month - 1], day=day.day, weekday=wording.weekdays[day.weekday()])


def _time(value: object, wording: Wording) -> str:
    """A time of day, or that of a moment, on the twelve-hour clock that people say."""
    at = time.fromisoformat(str(value).rpartition("T")[2])
    form = wording.time[1 if at.minute else 0]
    return form.format(half=wording.halves[at.hour >= _NOON], hour=at.hour % _NOON or _NOON, minute=at.minute)


def _digits(value: str) -> str:
    """Digits apart, in groups with a pause between, so that every voice reads them one by one."""
    groups = [value[index : index + _DIGIT_GROUP] for index in range(0, len(value), _DIGIT_GROUP)]
    return ", ".join(" ".join(group) for group in groups)


def _names(value: object, wording: Wording, code: str) -> str:
    """The first of several things by its name in the language, and how many more there are."""
    things: Sequence[object] = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    names = [str(thing.get(f"name_{code}", "")) if isinstance(thing, Mapping) else str(thing) for thing in things]
    if len(names) < 2:
        return names[0] if names else ""
    return wording.and_more.format(first=names[0], rest=len(names) - 1)


def settle_particles(text: str, particles: Mapping[str, tuple[str, str]]) -> str:
    """Choose each ending written as alternatives by the sound before it."""
    if not particles:
        return text
    pattern = "|".join(re.escape(written) for written in sorted(particles, key=len, reverse=True))
    settled = text
    while (match := re.search(pattern, settled)) is not None:
        before = settled[: match.start()].rstrip("\"'”’)")
        after_consonant, after_vowel = particles[match.group()]
        closed = _ends_closed(before, light_rieul=match.group() == "(으)로")
        settled = settled[: match.start()] + (after_consonant if closed else after_vowel) + settled[match.end() :]
    return settled


def _ends_closed(text: str, *, light_rieul: bool) -> bool:
    """Whether the last sound of ``text`` is a consonant; before (으)로 a final ㄹ counts as none."""
    last = text[-1:]
    if not last:
        return False
    if _HANGUL_FIRST <= ord(last) <= _HANGUL_LAST:
        final = (ord(last) - _HANGUL_FIRST) % _FINALS
        return final != 0 and not (light_rieul and final == _RIEUL)
    if last.isdigit():
        return last in _DIGITS_WITH_FINAL and not (light_rieul and last in "178")
    return last.lower() in "bcdgklmnprt" and not (light_rieul and last.lower() in "lr")
