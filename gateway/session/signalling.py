"""Who calls and how, as the network says it: for the record, and for whoever takes the call. Pure.

What was sent is kept as it was sent, beside what we make of it: numbers in their one international form, so that a
caller is found however a carrier writes them, the identity that the network vouches for (P-Asserted-Identity, RFC
3325), and whom they had dialled before they were sent to us (Diversion, RFC 5806).

Refuses: believing it, which is for policies; credentials, which are nobody's business; and to fail, for all of it was
written by strangers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.telephony.leg import LegInfo
from gateway.telephony.sip.headers import number, read_address
from infra.phone_numbers import NumberingPlan, e164
from infra.telemetry.redaction import SECRET_NAMES

ASSERTED, DIVERSION, PRIVACY = "p-asserted-identity", "diversion", "privacy"

HIDDEN = "•••"
"""What stands for a value that is a credential."""

MOST_BYTES = 16 * 1024
"""Of all headers of a call that are recorded, with their names; an event has room for them, also as they lie sealed."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_REASON = re.compile(r";\s*reason\s*=\s*\"?([A-Za-z0-9-]{1,32})", re.ASCII)
_NOT_TO_BE_SHOWN = frozenset({"id", "user", "header"})
"""Wishes of a caller (RFC 3323, section 4.2, and RFC 3325, section 9.3) not to be shown who they are."""


@dataclass(frozen=True, slots=True)
class Signalled:
    """What the network said of a call. ``ani`` and ``dnis`` are as they were sent; ``caller`` is the number of the
    first as E.164, None where it is no whole number. ``asserted`` is who the network says that calls, a number where
    it is one; None where it does not, or they do not want to be shown. ``diverted_from`` was called before us, and
    ``diverted_why`` says why it is not there (``no-answer``). ``left_out`` headers were too much to keep."""

    ani: str = ""
    dnis: str = ""
    caller: str | None = None
    asserted: str | None = None
    diverted_from: str | None = None
    diverted_why: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    left_out: int = 0


def signalled(info: LegInfo, plan: NumberingPlan) -> Signalled:
    """What a leg's network says of its call; numbers without a country are of the ``plan``'s."""
    by_name = {_written(name).lower(): _written(value) for name, value in info.headers.items()}
    kept = _kept(by_name)
    diversion = by_name.get(DIVERSION, "")
    reason = _REASON.search(diversion)
    wishes = {wish.strip().lower() for wish in re.split(r"[;,]", by_name.get(PRIVACY, ""))}
    return Signalled(
        ani=_written(info.ani),
        dnis=_written(info.dnis),
        caller=e164(info.ani, plan),
        asserted=None if wishes & _NOT_TO_BE_SHOWN else _whom(by_name.get(ASSERTED, ""), plan),
        diverted_from=_whom(diversion, plan),
        diverted_why="" if reason is None else reason[1].lower(),
        headers=MappingProxyType(kept),
        left_out=len(info.headers) - len(kept),
    )


def caller_of(info: LegInfo, plan: NumberingPlan) -> str | None:
    """By which number a call is found again: in its international form where it has one, else as it was sent; None
    where there is none."""
    return e164(info.ani, plan) or _written(info.ani) or None


def _whom(header: str, plan: NumberingPlan) -> str | None:
    """The number in a header's address, else the name in it."""
    said = number(read_address(header))
    return e164(said, plan) or said or None


def _kept(by_name: Mapping[str, str]) -> dict[str, str]:
    """Headers as far as there is room for them, without credentials."""
    kept: dict[str, str] = {}
    room = MOST_BYTES
    for name, value in by_name.items():
        shown = HIDDEN if SECRET_NAMES.search(name.replace("-", "_")) else value
        room -= len(name.encode()) + len(shown.encode())
        if room < 0:
            break
        kept[name] = shown
    return kept


def _written(text: str) -> str:
    """Text that can be kept: no control characters, no halves of characters."""
    return _CONTROL.sub(" ", text.encode(errors="replace").decode()).strip()
