"""Scripts: whole dialogs with a tenant that acts, as data. What the caller says or keys, how well it was heard, what
must be said, asked and decided, how the tenant's services are treated badly, and what they must hold in the end.

``tests/dialogs/README.md`` has the form for those who write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from dialog.errors import TenantDialogInvalid
from dialog.reply import EscalationReason, Expectation
from dialog.yaml_source import Shape, read_yaml
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid

Treatment = Literal["503", "broken", "slow"]
"""How a change to a record is treated badly: refused for a passing reason, its answer cut off, or kept waiting."""


class Turn(Shape):
    """One turn of the caller's and what must come of it. ``flow`` is what is under way afterwards ("none": nothing),
    ``hands_over`` the reason if a human is called; left out, nobody is."""

    caller: str = ""
    keys: str = ""
    silence: bool = False
    heard: float = Field(default=1.0, ge=0, le=1)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    flow: str | None = None
    expects: Expectation | None = None
    hands_over: EscalationReason | None = None

    @property
    def words(self) -> str:
        """What the caller does, for a complaint."""
        return self.caller or self.keys or "silence"


class Then(Shape):
    """What holds in the end: fields of records, by service and key, and the changes that were carried out, in order."""

    orders: dict[str, dict[str, Any]] = Field(default={})
    visits: dict[str, dict[str, Any]] = Field(default={})
    changes: tuple[str, ...] = ()
    mail: tuple[str, ...] | None = None
    """The subjects of the messages that were sent, in order; left out, nobody looks."""

    @property
    def records(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All records that are looked at, by service."""
        return {"orders": self.orders, "visits": self.visits}


class Dialog(Shape):
    """What a file says."""

    about: str
    language: Literal["ko", "en"]
    number: str | None = None
    """Where the call comes from; left out, nobody knows."""
    drills: dict[str, Treatment] = Field(default={})
    booked: tuple[dict[str, Any], ...] = ()
    turns: tuple[Turn, ...] = Field(min_length=1)
    then: Then = Then()


@dataclass(frozen=True, slots=True)
class Script:
    """One dialog: its name, what is written, and the line of each turn in its file."""

    name: str
    dialog: Dialog
    lines: tuple[int, ...]


def read_scripts(folder: Path) -> tuple[Script, ...]:
    """All scripts under a folder, by name. Raises ``DataAbsent`` where there is none, ``SuiteInvalid`` for a wrong
    one."""
    paths = sorted(folder.rglob("*.yaml"))
    if not paths:
        raise DataAbsent(f"there are no dialogs under {folder}: write some, or name another folder in the suite")
    return tuple(_read(path, folder) for path in paths)


def _read(path: Path, folder: Path) -> Script:
    try:
        file = read_yaml(path)
        dialog = file.shaped(Dialog)
    except TenantDialogInvalid as error:
        raise SuiteInvalid(str(error)) from error
    lines = tuple(file.line(("turns", index)) for index in range(len(dialog.turns)))
    return Script(path.relative_to(folder).with_suffix("").as_posix(), dialog, lines)
