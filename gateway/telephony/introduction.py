"""Whose call it is that a telephone system brings: read from what its dial plan or application says.

It is said in a socket's address, in a first message's metadata, in channel variables whose names begin with ``AICC_``,
or beforehand over HTTP. Everywhere the names are the same: ``call``, ``from``, ``to``, and any that is a SIP header
worth keeping, such as ``x-queue``, ``diversion`` or ``user-to-user``; in variables with ``_`` for ``-``.

Refuses: believing it. Who may say it is asked by the door.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

MOST_HEADERS: Final = 32
LONGEST_HEADER: Final = 1024
LONGEST_NAME: Final = 256
"""Characters of a number, or of a name for a call."""

_VARIABLE_PREFIX: Final = "aicc_"
_WORTH_KEEPING: Final = re.compile(
    r"x-[a-z0-9-]{1,60}|p-asserted-identity|diversion|user-to-user|history-info|remote-party-id"
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """Whose call it is; what nobody said is empty."""

    call: str = ""
    ani: str = ""
    dnis: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_introduction(said: Iterable[tuple[str, str]]) -> Introduction:
    """Of names and values in any order; of a name that comes twice the first counts, and other names are passed
    over."""
    values: dict[str, str] = {}
    for name, value in said:
        values.setdefault(name.strip().lower(), value)
    headers = {
        name: value[:LONGEST_HEADER] for name, value in values.items() if value and _WORTH_KEEPING.fullmatch(name)
    }
    return Introduction(
        call=values.get("call", "").strip()[:LONGEST_NAME],
        ani=_number(values.get("from", "")),
        dnis=_number(values.get("to", "")),
        headers=MappingProxyType(dict([*headers.items()][:MOST_HEADERS])),
    )


def variables_said(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """What channel variables say, under the names that ``read_introduction`` knows."""
    return [
        (name.lower().removeprefix(_VARIABLE_PREFIX).replace("_", "-"), value)
        for name, value in variables.items()
        if name.lower().startswith(_VARIABLE_PREFIX)
    ]


def _number(text: str) -> str:
    """A number as the dial plan said it. A ``+`` that nobody has escaped comes out of an address as a space."""
    stripped = text.strip()
    return ("+" if text.startswith(" ") and stripped[:1].isdigit() else "") + stripped[:LONGEST_NAME]
