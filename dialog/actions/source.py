"""Reads a tenant's ``actions.yaml``: what can be done for callers, by which services, and under which rules.

    services:
      orders: {url: "https://orders.example"}        # or postgresql://… or python:package.module
    rules:                                            # for every action of that risk; an action may only be stricter
      irreversible: {identity: knowledge, per_call: 3, sure_intent: 0.6, sure_slot: 0.7}
    actions:
      cancel_order:
        service: orders
        method: POST                                  # in SQL instead: statement; in Python: function
        path: /orders/{order_number}/cancel
        risk: irreversible
        timeout: 3.0
        arguments: …                                  # schemas
        result: …
        record: {read: order_status}                  # what the rules are about; arguments of the same names
        rules: {owner: customer_id, states: {status: [preparing]}, at_most: {amount: record.total}}
        proof: {read: order_status, shows: {status: cancelled}, settles: 30}
        secret: [note]                                # arguments and results that no record of a call may hold

A service ``smtp://…`` sends a ``message``: the texts ``mail.<message>.subject`` and ``.body`` to the argument ``to``,
in that of the argument ``language``. ``code:`` is the service whose ``check`` says whether a code is the one sent.
``calls:`` are the calls that we make by ourselves: ``request`` wants one to ``phone`` at ``at`` (the tenant's local
time) in ``language``, ``status`` says what is kept of the ``request`` with that key.
A service ``mcp+https://…`` is an MCP server, of which an action names a ``tool``; ``refusals: {not_found: [no such
order]}`` (or ``rejected``) says which words in an error of the tool mean that nothing was done. After any other error
of a tool that changes something, nobody knows.

Refuses what would fail, or could be done wrongly, in the middle of a call, with file, line and key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, field_validator

from dialog.actions.action import Action, FailureKind, Proof, Reading, Risk, Service, Step, Via
from dialog.actions.rules import Ceiling, Identity, Rules, Sureness
from dialog.schema import problems_of_schema
from dialog.templates import places
from dialog.yaml_source import Place, Shape, YamlFile

_RECORD = "record."


class _ServiceShape(Shape):
    url: str = Field(
        pattern=r"^((mcp\+)?https?://[^\s/]+(/\S*)?|postgresql://\S+|smtps?://\S+|python:[a-z_][\w.]*|code:|calls:)$"
    )


class _RiskRulesShape(Shape):
    identity: str = "none"
    per_call: int | None = Field(default=None, ge=1)
    sure_intent: float | None = Field(default=None, ge=0, le=1)
    sure_slot: float | None = Field(default=None, ge=0, le=1)

    @field_validator("identity")
    @classmethod
    def _known(cls, name: str) -> str:
        if name.upper() not in Identity.__members__:
            raise ValueError(f"must be one of {', '.join(level.name.lower() for level in Identity)}")
        return name

    @property
    def level(self) -> Identity:
        return Identity[self.identity.upper()]


class _RulesShape(_RiskRulesShape):
    owner: str | None = None
    states: dict[str, tuple[Any, ...]] = Field(default={})
    one_of: dict[str, tuple[Any, ...]] = Field(default={})
    at_most: dict[str, float | str] = Field(default={})


class _ReadingShape(Shape):
    read: str
    with_: dict[str, Any] | None = Field(default=None, alias="with")


class _ProofShape(_ReadingShape):
    shows: dict[str, Any] = Field(min_length=1)
    settles: float = Field(default=30.0, ge=0, le=86_400)


class _StepShape(Shape):
    do: str
    with_: dict[str, Any] | None = Field(default=None, alias="with")
    undo: str | None = None
    undo_with: dict[str, Any] | None = None


class _ActionShape(Shape):
    service: str = ""
    method: str = Field(default="", pattern="^(|GET|POST|PUT|PATCH|DELETE)$")
    path: str = Field(default="", pattern="^(|/.*)$")
    statement: str = Field(default="", pattern="^([a-z][a-z0-9_]*)?$")
    function: str = Field(default="", pattern="^([A-Za-z]\\w*)?$")
    message: str = Field(default="", pattern="^([a-z][a-z0-9_]*)?$")
    tool: str = Field(default="", pattern="^[A-Za-z0-9_./-]{0,128}$")
    refusals: dict[Literal["not_found", "rejected"], tuple[str, ...]] = Field(default={})
    risk: Risk
    timeout: float = Field(gt=0, le=30)
    arguments: dict[str, object]
    result: dict[str, object] = Field(default={"type": "object"})
    rules: _RulesShape = Field(default=_RulesShape())
    record: _ReadingShape | None = None
    proof: _ProofShape | None = None
    steps: tuple[_StepShape, ...] = ()
    secret: tuple[str, ...] = ()


class _ActionsShape(Shape):
    services: dict[str, _ServiceShape] = Field(default={})
    rules: dict[Risk, _RiskRulesShape] = Field(default={})
    actions: dict[str, _ActionShape] = Field(default={})


_SURE = {
    Risk.READ_ONLY: Sureness(0.45, 0.5),
    Risk.REVERSIBLE: Sureness(0.5, 0.6),
    Risk.IRREVERSIBLE: Sureness(0.6, 0.7),
}
"""How sure we must be for actions of a risk, unless the tenant says otherwise."""

_OPERATION = {
    Via.HTTP: "path",
    Via.SQL: "statement",
    Via.PYTHON: "function",
    Via.MAIL: "message",
    Via.CODE: "function",
    Via.CALLS: "function",
    Via.MCP: "tool",
}
"""The key under which an action names what its service is to do."""

_NOWHERE = Service("steps", "python:none")
"""The service of an action that consists of others."""


def read_actions(file: YamlFile) -> dict[str, Action]:
    """The actions of a file, by name. Raises ``TenantDialogInvalid`` with file, line and key."""
    shape = file.shaped(_ActionsShape)
    return _Reader(file, shape).read()


class _Reader:
    """Builds actions: first those that read, which the others refer to; last those that consist of others."""

    def __init__(self, file: YamlFile, shape: _ActionsShape) -> None:
        self._file = file
        self._shape = shape
        self._services = {name: Service(name, part.url.rstrip("/")) for name, part in shape.services.items()}
        self._built: dict[str, Action] = {}

    def read(self) -> dict[str, Action]:
        rounds: tuple[Callable[[_ActionShape], bool], ...] = (
            lambda part: part.risk is Risk.READ_ONLY,
            lambda part: part.risk is not Risk.READ_ONLY and not part.steps,
            lambda part: part.risk is not Risk.READ_ONLY and bool(part.steps),
        )
        for belongs in rounds:
            for name, part in self._shape.actions.items():
                if belongs(part):
                    self._built[name] = self._action(name, part)
        return {name: self._built[name] for name in self._shape.actions}

    def _action(self, name: str, part: _ActionShape) -> Action:
        where = ("actions", name)
        for side, schema in (("arguments", part.arguments), ("result", part.result)):
            problems = problems_of_schema(schema)
            self._require(not problems, (*where, side), "; ".join(problems[:1]))
            self._require(schema.get("type") == "object", (*where, side), "must be of type object")
        bare = self._steps(where, part) if part.steps else self._operation(where, name, part)
        record = None if part.record is None else self._reading((*where, "record"), part.record, part.arguments)
        known = _properties(part.arguments) | _properties(part.result)
        for secret in part.secret:
            self._require(secret in known, (*where, "secret"), f"{secret!r} is none of its arguments or results")
        return replace(
            bare,
            rules=self._rules(where, part, record),
            record=record,
            proof=self._proof(where, part),
            secret=frozenset(part.secret),
        )

    def _operation(self, where: Place, name: str, part: _ActionShape) -> Action:
        service = self._services.get(part.service)
        if service is None:
            raise self._file.complaint((*where, "service"), f"there is no service {part.service!r} above")
        wanted = _OPERATION[service.via]
        named: str = getattr(part, wanted)
        given = [key for key in sorted(set(_OPERATION.values())) if getattr(part, key)]
        self._require(given == [wanted], where, f"an action of a {service.via} service has a {wanted} and no other")
        self._require(bool(part.method) == (service.via is Via.HTTP), where, "HTTP needs a method, and no other")
        if service.via is Via.HTTP:
            rightly = (part.method == "GET") == (part.risk is Risk.READ_ONLY)
            self._require(rightly, (*where, "method"), "what only reads is a GET, and nothing else is")
            for place in {place for place, _ in places(part.path)} - _required(part.arguments):
                raise self._file.complaint((*where, "path"), f"{place!r} is not among its required arguments")
        self._check_ours(where, part, service.via)
        self._require(not part.refusals or service.via is Via.MCP, (*where, "refusals"), "only tools have refusals")
        return Action(
            name,
            service,
            part.method,
            named,
            part.risk,
            part.timeout,
            part.arguments,
            part.result,
            refusals={FailureKind(kind): words for kind, words in part.refusals.items()},
        )

    def _check_ours(self, where: Place, part: _ActionShape, via: Via) -> None:
        """What is asked of a message and of the check of a code: we carry these out ourselves."""
        needed = {
            Via.MAIL: {"to", "language"},
            Via.CODE: {"sent", "code"},
            Via.CALLS: {"request"} if part.function == "status" else {"at", "phone", "language"},
        }.get(via, set())
        for name in sorted(needed - _required(part.arguments)):
            raise self._file.complaint((*where, "arguments"), f"{via} needs the required argument {name!r}")
        if via is Via.MAIL:
            self._require(
                part.risk is not Risk.READ_ONLY, (*where, "risk"), "a message that was sent changes something"
            )
        if via is Via.CODE:
            self._require(part.function == "check", (*where, "function"), "of codes there is only: check")
            self._require(part.risk is Risk.READ_ONLY, (*where, "risk"), "checking a code is read_only")
        if via is Via.CALLS:
            known = part.function in {"request", "status"}
            self._require(known, (*where, "function"), "of calls there are only: request, status")
            rightly = (part.function == "status") == (part.risk is Risk.READ_ONLY)
            self._require(rightly, (*where, "risk"), "status is read_only, and a request changes something")

    def _steps(self, where: Place, part: _ActionShape) -> Action:
        steps = []
        for number, shape in enumerate(part.steps):
            at: Place = (*where, "steps", number)
            do = self._change(at, shape.do)
            undo = None if shape.undo is None else self._change(at, shape.undo)
            last = number == len(part.steps) - 1
            self._require(undo is not None or last, at, "only the last step may lack an undo: irreversible comes last")
            asked = self._asked(at, do, shape.with_, part.arguments)
            back = None if undo is None else Reading(undo, self._asked(at, undo, shape.undo_with, part.arguments))
            steps.append(Step(Reading(do, asked), back))
        return Action(
            str(where[-1]), _NOWHERE, "", "", part.risk, part.timeout, part.arguments, part.result, steps=tuple(steps)
        )

    def _change(self, where: Place, name: str) -> Action:
        action = self._built.get(name)
        if action is None or action.risk is Risk.READ_ONLY or action.steps:
            raise self._file.complaint(where, f"{name!r} is no action that changes something by itself")
        return action

    def _proof(self, where: Place, part: _ActionShape) -> Proof | None:
        if part.proof is None:
            return None
        at = (*where, "proof")
        reading = self._reading(at, part.proof, part.arguments)
        shows: dict[str, tuple[object, ...]] = {}
        for name, values in part.proof.shows.items():
            shows[name] = tuple(values) if isinstance(values, list) else (values,)
            self._check_references(at, shows[name], part.arguments)
        for name in set(shows) - _properties(reading.action.result):
            raise self._file.complaint(at, f"{name!r} is no result of {reading.action.id}")
        return Proof(reading, shows, part.proof.settles)

    def _reading(self, where: Place, part: _ReadingShape, ours: Mapping[str, object]) -> Reading:
        action = self._built.get(part.read)
        if action is None or action.risk is not Risk.READ_ONLY:
            raise self._file.complaint((*where, "read"), f"{part.read!r} is no read_only action")
        return Reading(action, self._asked(where, action, part.with_, ours))

    def _asked(
        self, where: Place, action: Action, given: Mapping[str, object] | None, ours: Mapping[str, object]
    ) -> dict[str, object]:
        """What another action is asked: what is given, or arguments of the same names."""
        theirs = _properties(action.arguments)
        same: dict[str, object] = {name: f"${name}" for name in sorted(theirs & _properties(ours))}
        asked = same if given is None else dict(given)
        self._check_references(where, list(asked.values()), ours)
        for name in asked:
            self._require(name in theirs, where, f"{name!r} is no argument of {action.id}")
        for name in _required(action.arguments) - set(asked):
            raise self._file.complaint(where, f"{action.id} needs {name!r}: name it under with")
        return asked

    def _check_references(self, where: Place, values: Sequence[object], ours: Mapping[str, object]) -> None:
        for value in values:
            if isinstance(value, str) and value.startswith("$") and value != "$key":
                self._require(value[1:] in _properties(ours), where, f"{value!r} is no argument of this action")

    def _rules(self, where: Place, part: _ActionShape, record: Reading | None) -> Rules:
        at, shape = (*where, "rules"), part.rules
        general = self._shape.rules.get(part.risk, _RiskRulesShape())
        ceilings = {
            name: Ceiling(field=most.removeprefix(_RECORD)) if isinstance(most, str) else Ceiling(most=most)
            for name, most in shape.at_most.items()
        }
        usual, stated = _SURE[part.risk], [general, shape]
        sure = Sureness(
            max((one.sure_intent for one in stated if one.sure_intent is not None), default=usual.intent),
            max((one.sure_slot for one in stated if one.sure_slot is not None), default=usual.slot),
        )
        rules = Rules(
            identity=max(general.level, shape.level),
            owner=shape.owner,
            states=shape.states,
            one_of=shape.one_of,
            at_most=ceilings,
            per_call=min((n for n in (general.per_call, shape.per_call) if n is not None), default=None),
            sure=sure,
        )
        for name in {*shape.one_of, *shape.at_most} - _properties(part.arguments):
            raise self._file.complaint(at, f"{name!r} is none of its arguments")
        source = part.result if part.risk is Risk.READ_ONLY else {} if record is None else record.action.result
        fields = {*shape.states, *(ceiling.field for ceiling in ceilings.values() if ceiling.field)}
        for name in {*fields, *([shape.owner] if shape.owner else [])} - _properties(source):
            raise self._file.complaint(at, f"{name!r} is no field of its record")
        return rules

    def _require(self, holds: bool, where: Place, problem: str) -> None:
        if not holds:
            raise self._file.complaint(where, problem)


def _properties(schema: Mapping[str, object]) -> set[str]:
    properties = schema.get("properties", {})
    return set(properties) if isinstance(properties, Mapping) else set()


def _required(schema: Mapping[str, object]) -> set[str]:
    required = schema.get("required", ())
    return set(map(str, required)) if isinstance(required, Sequence) else set()
