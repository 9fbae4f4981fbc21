"""Who takes part in a call, as a vCon's parties: the customer, the bot, people of the desk, targets outside. Pure.

Refuses: numbers of customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.session.records import CallRecord, Direction

CUSTOMER, BOT = 0, 1
"""Places of the two that every call has."""

ANONYMOUS = "anonymous"
"""The name of whoever is not to be known (draft-ietf-vcon-vcon-core, "name")."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who makes a vCon: the tenant's ``name``, and the host name under which ids are given out."""

    name: str
    domain: str


class Cast:
    """The parties of one call, in the order in which they are first heard of."""

    def __init__(self, record: CallRecord, issuer: Issuer) -> None:
        outbound = record.direction == Direction.OUTBOUND
        ours = record.caller if outbound else record.called
        self.parties: list[dict[str, Any]] = [
            {"name": ANONYMOUS, "type": "person", "role": "customer"},
            {**_telephone(ours), "name": issuer.name, "type": "bot", "role": "agent", "org": issuer.name},
        ]
        self._org = issuer.name
        self._places: dict[tuple[str, str], int] = {}

    def person(self, user: str, *, name: str = "", role: str = "agent") -> int:
        """The place of somebody of the desk, by their id."""
        party = {"name": name or user or ANONYMOUS, "type": "person", "role": role, "org": self._org}
        return self._place(("person", user), party)

    def target(self, target: str) -> int:
        """The place of a target outside, by its id."""
        return self._place(("target", target), {"name": target or ANONYMOUS, "type": "organization", "role": "agent"})

    def validated(self, how: str) -> None:
        """The customer proved who they are."""
        self.parties[CUSTOMER]["validation"] = how

    @property
    def ours(self) -> list[int]:
        """The places of those who spoke for the house: the bot and people of the desk."""
        return [BOT, *(place for (kind, _), place in self._places.items() if kind == "person")]

    def _place(self, key: tuple[str, str], party: dict[str, Any]) -> int:
        if key not in self._places:
            self._places[key] = len(self.parties)
            self.parties.append(party)
        return self._places[key]


def _telephone(number: str | None) -> dict[str, str]:
    """A number as a TEL URL (RFC 3966), where it is a whole one."""
    return {"tel": f"tel:{number}"} if number is not None and number.startswith("+") else {}
