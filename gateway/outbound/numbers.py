"""Telephone numbers as carriers want them (E.164). Pure."""

from __future__ import annotations

import re

from gateway.session.tenant import Outbound

_WHOLE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = re.compile(r"[\s().-]")


def dialable(number: str, outbound: Outbound) -> str | None:
    """``number`` with its country's code; None where it is none, or nobody knows of which country it is."""
    bare = _BETWEEN.sub("", number)
    if not bare.startswith("+"):
        if not outbound.country_code or not bare.startswith(outbound.trunk_prefix):
            return None
        bare = f"+{outbound.country_code}{bare.removeprefix(outbound.trunk_prefix)}"
    return bare if _WHOLE.fullmatch(bare) else None


def as_dialled_at_home(number: str, outbound: Outbound) -> str:
    """An E.164 number as people of the tenant's country say it."""
    prefix = f"+{outbound.country_code}"
    at_home = bool(outbound.country_code) and number.startswith(prefix)
    return outbound.trunk_prefix + number.removeprefix(prefix) if at_home else number
