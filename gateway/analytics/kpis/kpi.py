"""The figures that a contact center is judged by: their names, units and what they are made of. Pure.

Each is a view of the same name in the schema ``kpi`` (migrations 0016 and 0020), one row for each contact that counts,
with what it adds to the numerator and to the denominator. What is added up, by whatever days, queues or people, is the
figure; the rows themselves are the calls behind it. ``docs/kpis.md`` has each one's definition and source.

Refuses: a figure of nothing. Where no contact counts there is no value, which is not nought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Unit(StrEnum):
    """What a figure is measured in."""

    SECONDS = "seconds"
    SHARE = "share"
    """0 to 1."""
    SCORE = "score"
    """1 to 5."""
    MONEY = "money"
    """In the currency of the tenant's price list."""


class Group(StrEnum):
    """What a figure is about."""

    WAITING = "waiting"
    PEOPLE = "people"
    BOT = "bot"
    SOUND = "sound"
    CUSTOMERS = "customers"
    COST = "cost"


class By(StrEnum):
    """What a figure is told apart by."""

    DAY = "day"
    """A day of the tenant's time zone."""
    HOUR = "hour"
    """An hour of the day, 0 to 23, of the tenant's time zone."""
    QUEUE = "queue"
    LINE = "line"
    LANGUAGE = "language"
    AGENT = "agent"
    PART = "part"
    """What the figure is made of, where it is made of several: reasons."""


class Counted(StrEnum):
    """Which of the contacts behind a figure."""

    ALL = "all"
    """All that count for it."""
    YES = "yes"
    """Those that add something to the numerator."""
    NO = "no"
    """Those that add nothing to it."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. ``parts``: it says what share each of several parts has in the whole, which itself is always one."""

    name: str
    unit: Unit
    group: Group
    parts: bool = False


_ALL: Final = (
    Kpi("average_speed_of_answer", Unit.SECONDS, Group.WAITING),
    Kpi("service_level_4", Unit.SHARE, Group.WAITING),
    Kpi("service_level_1", Unit.SHARE, Group.WAITING),
    Kpi("service_level_2", Unit.SHARE, Group.WAITING),
    Kpi("service_level_3", Unit.SHARE, Group.WAITING),
    Kpi("abandonment", Unit.SHARE, Group.WAITING),
    Kpi("average_handling_time", Unit.SECONDS, Group.PEOPLE),
    Kpi("transfer_between_people", Unit.SHARE, Group.PEOPLE),
    Kpi("unedited_summaries", Unit.SHARE, Group.PEOPLE),
    Kpi("containment", Unit.SHARE, Group.BOT),
    Kpi("ended_in_bot_unresolved", Unit.SHARE, Group.BOT),
    Kpi("transfer_to_people", Unit.SHARE, Group.BOT),
    Kpi("escalation_reasons", Unit.SHARE, Group.BOT, parts=True),
    Kpi("silence_ours", Unit.SHARE, Group.SOUND),
    Kpi("silence_callers", Unit.SHARE, Group.SOUND),
    Kpi("overlap_ours", Unit.SHARE, Group.SOUND),
    Kpi("overlap_callers", Unit.SHARE, Group.SOUND),
    Kpi("silence_agents", Unit.SHARE, Group.SOUND),
    Kpi("silence_callers_with_agents", Unit.SHARE, Group.SOUND),
    Kpi("overlap_agents", Unit.SHARE, Group.SOUND),
    Kpi("overlap_callers_with_agents", Unit.SHARE, Group.SOUND),
    Kpi("first_contact_resolution", Unit.SHARE, Group.CUSTOMERS),
    Kpi("csat_score", Unit.SCORE, Group.CUSTOMERS),
    Kpi("csat_satisfied", Unit.SHARE, Group.CUSTOMERS),
    Kpi("csat_response", Unit.SHARE, Group.CUSTOMERS),
    Kpi("cost_per_contact", Unit.MONEY, Group.COST),
)

KPIS: Final[Mapping[str, Kpi]] = MappingProxyType({kpi.name: kpi for kpi in _ALL})
"""By name, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What contacts add up to. ``provisional`` of them may still change the figure: time has not told yet."""

    numerator: float = 0.0
    denominator: float = 0.0
    contacts: int = 0
    provisional: int = 0

    @property
    def value(self) -> float | None:
        """The figure; none of nothing."""
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.contacts + other.contacts,
            self.provisional + other.provisional,
        )
