"""Flows as data: what to ask, do and say, in which order, under which conditions. Pure.

A flow is a plan of steps that are walked through in order; a step whose conditions do not hold is passed over. An
action asks by itself for the slots that it needs, so most plans only name actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from dialog.actions.rules import Identity
from dialog.flows.slot import Slot


@dataclass(frozen=True, slots=True)
class Condition:
    """``what`` (a slot, or ``action.field`` of a result) is one of some values, is none of them, or lies between."""

    what: str
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def holds(self, known: Mapping[str, str]) -> bool:
        """Whether it holds for what is known; what is not known holds in no condition."""
        value = known.get(self.what)
        if value is None or (self.one_of and value not in self.one_of) or value in self.none_of:
            return False
        if self.at_least is None and self.at_most is None:
            return True
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)


@dataclass(frozen=True, slots=True)
class AskFor:
    """Ask for a slot, if it is not known yet."""

    slot: str


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out an action. ``arguments`` maps its arguments to slots or to ``action.field``; one that ``changes``
    something is read back and confirmed first. ``told_by`` is the field of its result that chooses the words that tell
    it, ``not_found`` the slot that is asked for again when the back end knows nothing under it."""

    action: str
    arguments: Mapping[str, str]
    changes: bool = False
    told_by: str | None = None
    not_found: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Say one of the tenant's texts."""

    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The flow is over; with ``person`` a human goes on."""

    person: bool = False


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, and the conditions (all of them) under which it is taken."""

    does: AskFor | Do | Say | Stop
    when: tuple[Condition, ...] = ()


CALLER = "caller"
"""What values come from that say who calls: ``caller.customer``, ``caller.identity``, ``caller.language``, and in which
call: ``caller.contact``."""
CALLER_FIELDS = ("customer", "identity", "language", "contact")


@dataclass(frozen=True, slots=True)
class Identifies:
    """That a flow shows who calls: up to which ``level``, once the action ``by`` has succeeded; ``customer`` is where
    it stands who it is (``action.field``, or ``caller.customer``). After ``tries`` wrong answers in a call, a human."""

    level: Identity
    by: str
    customer: str
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """A thing to get done. One that ``starts_by_value`` is begun by its first slot's value alone; one that
    ``calls_off`` is about calling something off, so that "cancel it" is what it is for; one that ``identifies`` is
    begun by whatever needs to know who calls; one that ``reaches_out`` is what we call somebody about by ourselves."""

    id: str
    slots: tuple[Slot, ...]
    plan: tuple[PlanStep, ...]
    starts_by_value: bool = False
    calls_off: bool = False
    identifies: Identifies | None = None
    sure_from: float = 0.0
    """Wished for less surely than this, the caller is asked first whether this is what is meant."""
    reaches_out: bool = False

    def slot(self, name: str) -> Slot:
        """The slot of that name. Raises ``KeyError``."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)

    def does(self, at: int) -> Do:
        """The action of the step ``at``, which is one that does something."""
        do = self.plan[at].does
        assert isinstance(do, Do), "only an action is proposed and has an outcome"
        return do

    @property
    def actions(self) -> tuple[Do, ...]:
        """Its actions, in order."""
        return tuple(step.does for step in self.plan if isinstance(step.does, Do))


def needs(flow: Flow, do: Do) -> tuple[str, ...]:
    """The slots that an action takes its arguments from, in the flow's order."""
    taken = set(do.arguments.values())
    return tuple(slot.name for slot in flow.slots if slot.name in taken)
