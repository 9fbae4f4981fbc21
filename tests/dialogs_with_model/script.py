"""Dialogs with a language model as they are written in YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from dialog.yaml_source import Shape, read_yaml

FOLDER = Path(__file__).parent / "scripts"


class Part(Shape):
    """What the model does."""

    writes: str = "NONE"
    understands: tuple[dict[str, Any], ...] = ()
    pauses: float = 0.0
    fails: bool = False


class Told(Shape):
    """A passage."""

    id: str
    title: str
    heading: str = ""
    sentences: tuple[str, ...] = Field(min_length=1)


class Turn(Shape):
    """What the caller says, and what must follow; what is left out is not looked at."""

    caller: str
    model: Part | None = None
    asked: tuple[Literal["meaning", "answer"], ...] | None = None
    by: tuple[Literal["model", "extract"], ...] | None = None
    fills: bool = False
    seconds: float | None = None
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    flow: str | None = None
    decides: str | None = None
    hands_over: str | None = None
    refused: tuple[str, ...] = ()
    dropped: tuple[str, ...] | None = None


class Dialog(Shape):
    """A whole conversation."""

    about: str
    language: Literal["ko", "en"]
    confidence: Literal["shipped", "stood_behind"] = "stood_behind"
    knowledge: tuple[Told, ...] = ()
    budget: int = 30_000
    model: Part = Part()
    turns: tuple[Turn, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Script:
    """One dialog: its name, what is written, and where each turn stands in the file."""

    name: str
    dialog: Dialog
    lines: tuple[int, ...]


def scripts() -> list[Script]:
    """All dialogs, by name. Raises ``TenantDialogInvalid`` for one that cannot be read."""
    found = []
    for path in sorted(FOLDER.rglob("*.yaml")):
        file = read_yaml(path)
        dialog = file.shaped(Dialog)
        lines = tuple(file.line(("turns", index)) for index in range(len(dialog.turns)))
        found.append(Script(path.relative_to(FOLDER).with_suffix("").as_posix(), dialog, lines))
    return found
