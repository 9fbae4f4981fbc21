"""Looks at the system of record: what the rules are about, and what became of an action.

A look is an action that only reads. It is never the answer of a write that proves anything: services answer "done" and
roll back, and lose the answers of what they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialog.actions.action import Action, ActionPort, Failed, FailureKind, Proof, Reading, Succeeded
from dialog.schema import only_known, violations


class Shown(StrEnum):
    """What a look shows of an action."""

    DONE = "done"
    NOT_DONE = "not_done"
    """At least not yet: what was sent may still be on its way."""
    NOTHING = "nothing"
    """The look itself failed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: the verdict, and the record where there was one."""

    shown: Shown
    record: Mapping[str, object]


async def read(
    port: ActionPort, reading: Reading, arguments: Mapping[str, object], key: str
) -> Mapping[str, object] | FailureKind | None:
    """The record that a reading finds for our arguments; why there is none; None for one that only reads badly."""
    asked = filled(reading.arguments, arguments, key)
    if violations(reading.action.arguments, asked):
        return FailureKind.INVALID
    match await port.perform(reading.action, asked, key=key):
        case Succeeded(result=record):
            return record
        case Failed(kind=kind):
            return kind
        case _:
            return None


async def look(port: ActionPort, proof: Proof, arguments: Mapping[str, object], key: str) -> Look:
    """Whether the system of record shows that an action with these arguments took place."""
    record = await read(port, proof.reading, arguments, key)
    if record is FailureKind.NOT_FOUND:
        return Look(Shown.NOT_DONE, {})
    if not isinstance(record, Mapping):
        return Look(Shown.NOTHING, {})
    done = all(
        record.get(name) in [_filled(value, arguments, key) for value in values] for name, values in proof.shows.items()
    )
    return Look(Shown.DONE if done else Shown.NOT_DONE, record)


def result_of(action: Action, record: Mapping[str, object]) -> Mapping[str, object] | None:
    """The record as the action's result, where it fits."""
    known = only_known(action.result, dict(record))
    return known if isinstance(known, dict) and not violations(action.result, known) else None


def filled(template: Mapping[str, object], arguments: Mapping[str, object], key: str) -> dict[str, object]:
    """What a reading or a step is asked: ``$name`` is our argument of that name, ``$key`` our key. What we do not have
    is left out."""
    asked = {name: _filled(value, arguments, key) for name, value in template.items()}
    return {name: value for name, value in asked.items() if value is not None}


def _filled(value: object, arguments: Mapping[str, object], key: str) -> object:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    return key if value == "$key" else arguments.get(value[1:])
