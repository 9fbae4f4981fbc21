"""Telephone numbers in their one international form (ITU-T E.164). Pure.

People and carriers write the same number with its country's code behind a plus or behind 00, as a ``tel:`` URI (RFC
3966), or as it is dialled at home, with spaces, hyphens, dots and brackets between. Whoever compares, keeps or dials
numbers does so with ``e164`` of them.

Refuses: guessing. What has no country, is no whole number, or is written in other digits than 0 to 9 (a number that one
program reads and another does not) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WHOLE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = re.compile(r"[\s().-]")
_ABROAD = "00"
"""The international prefix that ITU-T E.164 recommends, written for the plus sign."""
_MAYBE_DIALLED = "(0)"
"""A trunk prefix that is written and, in most countries, not dialled from abroad."""
_TEL = "tel:"
_CONTEXT = "phone-context="


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """How numbers are written in a country: its code (empty: of no country) and what is dialled before a number that
    leads to another place in it."""

    country_code: str = ""
    trunk_prefix: str = "0"

    @property
    def prefix(self) -> str | None:
        """What a number of the country begins with; None where there is no country."""
        return f"+{self.country_code}" if self.country_code else None


ANYWHERE = NumberingPlan()
"""Of no country: only numbers with a country's code are whole."""


def e164(number: str, plan: NumberingPlan = ANYWHERE) -> str | None:
    """``number`` as a plus with digits; None where it is none, or nobody knows of which country it is, or whether all
    of it is dialled."""
    written = _subscriber(number, plan)
    bare = _BETWEEN.sub("", written)
    if bare.startswith(_ABROAD):
        bare = "+" + bare.removeprefix(_ABROAD)
    home, trunk = plan.prefix, plan.trunk_prefix
    if home is not None and bare.startswith(home):
        # Where 0 leads to other places, no number of a place begins with it; another digit may be a part of one.
        zero = trunk if trunk.startswith("0") else ""
        place = bare.removeprefix(home).removeprefix(zero)
        bare = "" if zero and place.startswith("0") else home + place
    elif bare.startswith("+"):
        bare = "" if _MAYBE_DIALLED in written else bare
    else:
        bare = home + bare.removeprefix(trunk) if home is not None and bare.startswith(trunk) else ""
    return bare if _WHOLE.fullmatch(bare) else None


def as_dialled_at_home(number: str, plan: NumberingPlan) -> str:
    """An E.164 number as people of the country say it; one of another country as it is."""
    home = plan.prefix
    return plan.trunk_prefix + number.removeprefix(home) if home is not None and number.startswith(home) else number


def _subscriber(number: str, plan: NumberingPlan) -> str:
    """The number of a ``tel:`` URI; anything else as it is. A local number in the context of another country, or of a
    network, is none that we could make whole."""
    text = number.strip()
    if text[: len(_TEL)].lower() != _TEL:
        return text
    written, *parameters = text[len(_TEL) :].split(";")
    contexts = [one[len(_CONTEXT) :] for one in parameters if one.lower().startswith(_CONTEXT)]
    known = written.startswith("+") or contexts in ([], [plan.prefix])
    return written if known else ""
