"""Reads a tenant's ``flows/<id>.yaml`` and finds every mistake in it, with file, line and key.

    slots:
      - {name: order_number, kind: digits, length: 8}
      - {name: visit, kind: date_time, ahead: true, within_days: 30, earliest: "10:30", latest: "20:00"}
      - name: reason
        kind: choice
        options:
          changed_mind: {ko: [단순 변심], en: [changed my mind]}
    steps:
      - do: order_status                       # asks by itself for the slots that it needs
      - {when: {order_status.status: [shipped, delivered]}, say: too_late}
      - {when: {order_status.status: [shipped, delivered]}, stop: true}
      - do: cancel_order                       # changes something: read back and confirmed first
        with: {order_number: order_number}     # left out: arguments take the slots of the same names

A flow that shows who calls says so; whatever needs that level begins it by itself, with the values that it has:

    identifies: {level: knowledge, by: check_customer, customer: check_customer.customer_id, tries: 3}

``caller.customer``, ``caller.identity``, ``caller.language`` and ``caller.contact`` may stand wherever
``action.field`` may.

A flow with ``reaches_out: true`` is what we call somebody about by ourselves: its text ``why`` says so, and slots that
nothing asks for have their values from whoever wanted the call.

A flow with one action that only reads may name ``action`` and ``told_by`` instead of ``steps``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from dialog.actions.action import Action, Risk
from dialog.actions.rules import Identity
from dialog.errors import TenantDialogInvalid
from dialog.flows.plan import (
    CALLER,
    CALLER_FIELDS,
    AskFor,
    Condition,
    Do,
    Flow,
    Identifies,
    PlanStep,
    Say,
    Stop,
    needs,
)
from dialog.flows.slot import DICTATED, Limits, Option, Slot, SlotKind
from dialog.parsers.language import LANGUAGES
from dialog.yaml_source import Place, Shape, YamlFile

Name = Field(pattern="^[a-z][a-z0-9_]*$")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BOUNDED = frozenset({SlotKind.MONEY, SlotKind.COUNT, SlotKind.TEXT})
_DATED = frozenset({SlotKind.DATE, SlotKind.DATE_TIME})
_TIMED = frozenset({SlotKind.TIME, SlotKind.DATE_TIME})
_FITS = {
    "length": frozenset({SlotKind.DIGITS}),
    "currency": frozenset({SlotKind.MONEY}),
    "options": frozenset({SlotKind.CHOICE}),
    "min": _BOUNDED,
    "max": _BOUNDED,
    "ahead": _DATED,
    "within_days": _DATED,
    "weekdays": _DATED,
    "earliest": _TIMED,
    "latest": _TIMED,
}
"""Which keys of a slot mean something for which kinds."""
_READ_BACK_BELOW = {SlotKind.TEXT: 1.0}


class _SlotShape(Shape):
    name: str = Name
    kind: SlotKind
    length: int | None = Field(default=None, ge=3, le=20)
    confirm_below: float | None = Field(default=None, ge=0, le=1)
    secret: bool = False
    optional: bool = False
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    options: dict[str, dict[str, tuple[str, ...]]] | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    ahead: bool | None = None
    within_days: int | None = Field(default=None, ge=1, le=3_650)
    weekdays: (
        tuple[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...] | None
    ) = None
    earliest: time | None = None
    latest: time | None = None

    @field_validator("earliest", "latest", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        """YAML takes 10:30 without quotes for a number in base sixty."""
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value


class _ConditionShape(Shape):
    is_not: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None


class _StepShape(Shape):
    when: dict[str, Any] = Field(default={})
    ask: str | None = None
    do: str | None = None
    say: str | None = Field(default=None, pattern="^[a-z][a-z0-9_]*$")
    stop: bool = False
    person: bool = False
    with_: dict[str, str] | None = Field(default=None, alias="with")
    told_by: str | None = None


class _IdentifiesShape(Shape):
    level: Literal["claimed", "knowledge", "code"]
    by: str
    customer: str
    tries: int = Field(default=3, ge=1, le=10)


class _FlowShape(Shape):
    slots: tuple[_SlotShape, ...] = ()
    steps: tuple[_StepShape, ...] | None = None
    action: str | None = None
    told_by: str | None = None
    starts_by_value: bool = False
    calls_off: bool = False
    identifies: _IdentifiesShape | None = None
    reaches_out: bool = False


def read_flow(file: YamlFile, actions: Mapping[str, Action]) -> tuple[Flow | None, tuple[TenantDialogInvalid, ...]]:
    """The flow of one file (named by the file), and all that is wrong with it; the flow is there if nothing is."""
    try:
        shape = _FlowShape.model_validate(file.content)
    except ValidationError as error:
        found = [
            file.complaint([part for part in one["loc"] if isinstance(part, str | int)], one["msg"])
            for one in error.errors()
        ]
        return None, tuple(found)
    reader = _Reader(file, actions, shape)
    flow = reader.flow(file.path.stem)
    return (None if reader.problems else flow), tuple(reader.problems)


class _Reader:
    """Reads one flow and keeps what is wrong with it."""

    def __init__(self, file: YamlFile, actions: Mapping[str, Action], shape: _FlowShape) -> None:
        self.problems: list[TenantDialogInvalid] = []
        self._file = file
        self._actions = actions
        self._shape = shape
        self._slots = {slot.name: slot for slot in shape.slots}
        self._done: set[str] = set()

    def flow(self, name: str) -> Flow:
        """The flow, as far as it can be read."""
        slots = tuple(self._slot(index, slot) for index, slot in enumerate(self._shape.slots))
        if len(self._slots) < len(self._shape.slots):
            self._wrong(("slots",), "two slots have the same name")
        plan = tuple(self._steps())
        does = [step.does for step in plan if isinstance(step.does, Do)]
        flow = Flow(
            name,
            tuple(self._sure(slot, does) for slot in slots),
            plan,
            self._shape.starts_by_value,
            self._shape.calls_off,
            self._identifies(),
            max((self._actions[do.action].rules.sure.intent for do in does), default=0.0),
            self._shape.reaches_out,
        )
        self._check_use(flow)
        return flow

    def _sure(self, slot: Slot, does: Sequence[Do]) -> Slot:
        """The slot, read back below what the actions that take it must be sure of."""
        least = [self._actions[do.action].rules.sure.slot for do in does if slot.name in do.arguments.values()]
        return replace(slot, confirm_below=max([slot.confirm_below, *least]))

    def _identifies(self) -> Identifies | None:
        shape = self._shape.identifies
        if shape is None:
            return None
        level = Identity[shape.level.upper()]
        if shape.by not in self._done:
            self._wrong(("identifies", "by"), f"no step does {shape.by!r}")
        self._check_known(("identifies", "customer"), shape.customer)
        if not self._slots:
            self._wrong(("slots",), "identifying needs something that the caller is asked for")
        for name in sorted(self._done):
            if self._actions[name].rules.identity >= level:
                self._wrong(
                    ("steps",), f"{name} needs a caller who is known as {shape.level}, which this flow is to show"
                )
        return Identifies(level, shape.by, shape.customer, shape.tries)

    def _wrong(self, place: Place, problem: str) -> None:
        self.problems.append(self._file.complaint(place, problem))

    def _slot(self, index: int, shape: _SlotShape) -> Slot:
        place: Place = ("slots", index)
        given = shape.model_dump(exclude_none=True)
        for key, kinds in _FITS.items():
            if key in given and shape.kind not in kinds:
                self._wrong((*place, key), f"means nothing for {shape.kind}")
        if shape.kind is SlotKind.DIGITS and shape.length is None:
            self._wrong(place, "needs length: how many digits it has")
        options = tuple(self._options(place, shape))
        if shape.min is not None and shape.max is not None and shape.min > shape.max:
            self._wrong((*place, "min"), "is more than max")
        if shape.earliest is not None and shape.latest is not None and shape.earliest > shape.latest:
            self._wrong((*place, "earliest"), "is later than latest")
        usual = _READ_BACK_BELOW.get(shape.kind, 0.8)
        return Slot(
            shape.name,
            shape.kind,
            shape.length or 0,
            usual if shape.confirm_below is None else shape.confirm_below,
            shape.secret,
            shape.currency or "KRW",
            options,
            _limits(shape),
            shape.optional,
        )

    def _options(self, place: Place, shape: _SlotShape) -> Iterator[Option]:
        if shape.kind is SlotKind.CHOICE and len(shape.options or {}) < 2:
            self._wrong(place, "needs at least two options")
        for name, words in (shape.options or {}).items():
            for code, said in words.items():
                if code not in LANGUAGES or not said:
                    self._wrong((*place, "options", name, code), f"has no words in one of {', '.join(LANGUAGES)}")
            yield Option(name, words)

    def _steps(self) -> Iterator[PlanStep]:
        shape = self._shape
        if (shape.steps is None) == (shape.action is None):
            self._wrong((), "needs either steps or action")
            return
        if shape.steps is None:
            do = self._do((), shape.action or "", None, shape.told_by, key="action")
            if do is not None:
                yield PlanStep(do)
            return
        if shape.told_by is not None:
            self._wrong(("told_by",), "stands in the step that it belongs to")
        for index, part in enumerate(shape.steps):
            step = self._step(("steps", index), part)
            if step is not None:
                yield step

    def _step(self, place: Place, shape: _StepShape) -> PlanStep | None:
        kinds = [shape.ask is not None, shape.do is not None, shape.say is not None, shape.stop or shape.person]
        if sum(kinds) != 1:
            self._wrong(place, "does exactly one thing: ask, do, say, stop or person")
            return None
        when = tuple(self._condition((*place, "when"), what, value) for what, value in shape.when.items())
        for key, value in (("with", shape.with_), ("told_by", shape.told_by)):
            if value is not None and shape.do is None:
                self._wrong((*place, key), "belongs to a step that does an action")
        if shape.ask is not None:
            if shape.ask not in self._slots:
                self._wrong((*place, "ask"), f"there is no slot {shape.ask!r}")
            return PlanStep(AskFor(shape.ask), when)
        if shape.do is not None:
            do = self._do(place, shape.do, shape.with_, shape.told_by, key="do")
            return None if do is None else PlanStep(do, when)
        return PlanStep(Say(shape.say) if shape.say is not None else Stop(person=shape.person), when)

    def _do(
        self, place: Place, name: str, given: Mapping[str, str] | None, told_by: str | None, *, key: str
    ) -> Do | None:
        action = self._actions.get(name)
        if action is None:
            self._wrong((*place, key), f"there is no action {name!r} in actions.yaml")
            return None
        known = properties(action.arguments)
        arguments = dict(given) if given is not None else {name: name for name in sorted(known & set(self._slots))}
        for argument, source in arguments.items():
            if argument not in known:
                self._wrong((*place, "with", argument), f"{name} takes no such argument, only {_listed(known)}")
            self._check_known((*place, "with", argument), source)
        required = action.arguments.get("required", ())
        assert isinstance(required, list | tuple), "checked with the action"
        for argument in required:
            if argument not in arguments:
                wanted = f"must have a slot for every argument of {name}: {_listed(known)}"
                self._wrong(("slots",) if given is None else (*place, "with"), wanted)
        if told_by is not None and not cases(action, told_by):
            self._wrong((*place, "told_by"), f"{told_by!r} is no result of {name} with an enum")
        self._done.add(name)
        numbers = (source for source in arguments.values() if source in self._slots)
        again = next((slot for slot in numbers if self._slots[slot].kind in DICTATED), None)
        changes = action.risk is not Risk.READ_ONLY
        return Do(name, arguments, changes, told_by, None if changes else again)

    def _condition(self, place: Place, what: str, value: object) -> Condition:
        self._check_known((*place, what), what)
        match value:
            case dict():
                try:
                    shape = _ConditionShape.model_validate(value)
                except ValidationError as error:
                    self._wrong((*place, what), error.errors()[0]["msg"])
                    return Condition(what)
                return Condition(what, (), shape.is_not, shape.at_least, shape.at_most)
            case list():
                values = tuple(map(_plain, value))
            case _:
                values = (_plain(value),)
        self._check_values((*place, what), what, values)
        return Condition(what, values)

    def _check_known(self, place: Place, what: str) -> None:
        action, _, name = what.partition(".")
        if not name:
            if what not in self._slots:
                self._wrong(place, f"there is no slot {what!r}")
        elif action == CALLER:
            if name not in CALLER_FIELDS:
                self._wrong(place, f"of the caller only {', '.join(CALLER_FIELDS)} is known, and no {name!r}")
        elif action not in self._done:
            self._wrong(place, f"no step before this one does {action!r}")
        elif name not in properties(self._actions[action].result):
            self._wrong(
                place, f"{name!r} is no result of {action}: {_listed(properties(self._actions[action].result))}"
            )

    def _check_values(self, place: Place, what: str, values: tuple[str, ...]) -> None:
        """Values that can never be are mistakes in writing."""
        action, _, name = what.partition(".")
        if name and action in self._done:
            possible = cases(self._actions[action], name)
        elif what in self._slots and self._slots[what].kind is SlotKind.CHOICE:
            possible = tuple(self._slots[what].options or ())
        elif what in self._slots and self._slots[what].kind is SlotKind.YES_NO:
            possible = ("yes", "no")
        elif what == f"{CALLER}.identity":
            possible = tuple(level.name.lower() for level in Identity)
        else:
            return
        for value in values:
            if possible and value not in possible:
                self._wrong(place, f"{what} is never {value!r}, but one of {', '.join(possible)}")

    def _check_use(self, flow: Flow) -> None:
        used = {name for do in flow.actions for name in needs(flow, do)}
        used |= {step.does.slot for step in flow.plan if isinstance(step.does, AskFor)}
        for index, slot in enumerate(flow.slots):
            if slot.name not in used and not flow.reaches_out:
                self._wrong(("slots", index), f"nothing asks for {slot.name!r}: ask for it or give it to an action")
        if not flow.plan and not self.problems:
            self._wrong(("steps",), "is empty")
        if flow.starts_by_value and not (flow.slots and flow.slots[0].kind in DICTATED):
            self._wrong(("starts_by_value",), "needs a first slot of digits or a telephone number")


def properties(schema: Mapping[str, object]) -> set[str]:
    """The names of an object's properties."""
    found = schema.get("properties", {})
    return set(found) if isinstance(found, Mapping) else set()


def cases(action: Action, field: str) -> tuple[str, ...]:
    """The values that a result field can have, by its enum."""
    found = action.result.get("properties", {})
    part = found.get(field, {}) if isinstance(found, Mapping) else {}
    allowed = part.get("enum", ()) if isinstance(part, Mapping) else ()
    return tuple(map(_plain, allowed))


def _limits(shape: _SlotShape) -> Limits:
    return Limits(
        shape.min,
        shape.max,
        bool(shape.ahead),
        shape.within_days,
        shape.earliest,
        shape.latest,
        frozenset(_WEEKDAYS.index(day) for day in shape.weekdays or ()),
    )


def _plain(value: object) -> str:
    """A value of YAML as the text that conditions compare; yes and no are words."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
