"""Whose call an AudioHook session is: what Genesys says of it, as a leg's info. Pure.

The line is the first of these that the key's tenant has: the input variable ``line``, the number dialled, the line of
the key. Nobody reaches another tenant's line, whatever they say.

Refuses: to believe what the flow says where that would open more than a call (``due``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.telephony.genesys.messages import RATE, Channel, Media, Open
from gateway.telephony.genesys.settings import GenesysKey
from gateway.telephony.leg import DUE_PARAMETER, LegInfo

LINE_VARIABLE: Final = "line"
"""The input variable that names the line, by its number or alias."""

LEAD: Final = 0.36
"""Seconds of sound that are to be on the way: they take it in messages of a quarter of a second."""

MOST_HEADERS: Final = 32
LONGEST_HEADER: Final = 1024
_HEADERS: Final = ("user-to-user", "diversion", "p-asserted-identity")
"""Input variables that are headers of the call, beside all ``x-…``."""


@dataclass(frozen=True, slots=True)
class ServedLine:
    """A line of a tenant: its number, and the languages that the tenant speaks."""

    number: str
    languages: tuple[str, ...]


Lines = Callable[[str, str], ServedLine | None]
"""A tenant's line by its number or alias."""


def line_of(opened: Open, key: GenesysKey, lines: Lines) -> ServedLine | None:
    """The line that a session is for; ``None`` where the tenant has no such line."""
    dialled = subscriber(opened.participant.dnis)
    for name in (opened.variables.get(LINE_VARIABLE, ""), dialled, opened.participant.dnis, key.line):
        if name and (line := lines(key.tenant, name)) is not None:
            return line
    return None


def leg_info(opened: Open, line: str, *, session: str, protocol: str) -> LegInfo:
    """What is known of its leg."""
    parameters = {**_texts(opened.configuration), **opened.variables}
    parameters.pop(DUE_PARAMETER, None)
    if opened.language:
        parameters.setdefault("language", opened.language.partition("-")[0].lower())
    return LegInfo(
        leg_id=session,
        call_sid=opened.conversation,
        ani=subscriber(opened.participant.ani),
        dnis=line,
        protocol=protocol,
        rate=RATE,
        lead=LEAD,
        parameters=parameters,
        headers=_headers(opened),
    )


def choice(offered: Sequence[Media], *, wanted: Sequence[tuple[Channel, ...]]) -> Media | None:
    """The first of the ``wanted`` channels that is offered."""
    return next((media for channels in wanted for media in offered if media.channels == channels), None)


def subscriber(address: str) -> str:
    """The number or name in a ``tel:`` or ``sip:`` address, without what is written between digits for people."""
    scheme, colon, rest = address.strip().partition(":")
    bare = rest if colon and scheme.lower() in ("tel", "sip", "sips") else address.strip()
    user = bare.partition(";")[0].partition("@")[0]
    digits = user.translate(str.maketrans("", "", " -.()"))
    return digits if digits.removeprefix("+").isdecimal() else user


def _texts(configuration: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in configuration.items() if isinstance(value, str)}


def _headers(opened: Open) -> dict[str, str]:
    told = {
        "x-genesys-organization": opened.organization,
        "x-genesys-caller-name": opened.participant.name,
        "x-genesys-dialled": opened.participant.dnis,
        "x-genesys-language": opened.language,
    }
    for name, value in opened.variables.items():
        lower = name.lower()
        if lower.startswith("x-") or lower in _HEADERS:
            told.setdefault(lower, value)
    kept = [(name, value[:LONGEST_HEADER]) for name, value in told.items() if value]
    return dict(kept[:MOST_HEADERS])
