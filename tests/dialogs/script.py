"""Dialogs as they are written in YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from dialog.yaml_source import Shape, read_yaml

FOLDER = Path(__file__).parent / "scripts"


class _Turn(Shape):
    caller: str = ""
    keys: str = ""
    silence: bool = False
    heard: float = 1.0
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    flow: str | None = None
    expects: str | None = None
    hands_over: str | None = None


class _Then(Shape):
    orders: dict[str, dict[str, Any]] = Field(default={})
    visits: dict[str, dict[str, Any]] = Field(default={})
    changes: tuple[str, ...] = ()


class _Dialog(Shape):
    about: str
    language: Literal["ko", "en"]
    drills: dict[str, Literal["503", "broken", "slow"]] = Field(default={})
    booked: tuple[dict[str, Any], ...] = ()
    turns: tuple[_Turn, ...] = Field(min_length=1)
    then: _Then = _Then()


@dataclass(frozen=True, slots=True)
class Script:
    """One dialog: its name, what is written, and where each turn stands in the file."""

    name: str
    dialog: _Dialog
    lines: tuple[int, ...] = field(default=())


def scripts() -> list[Script]:
    """All dialogs, by name. Raises ``TenantDialogInvalid`` for one that cannot be read."""
    found = []
    for path in sorted(FOLDER.rglob("*.yaml")):
        file = read_yaml(path)
        dialog = file.shaped(_Dialog)
        lines = tuple(file.line(("turns", index)) for index in range(len(dialog.turns)))
        found.append(Script(path.relative_to(FOLDER).with_suffix("").as_posix(), dialog, lines))
    return found
