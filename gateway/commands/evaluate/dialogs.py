"""Whole dialogs by text, as data: what a caller says, and what must and must not come of it.

A file of dialogs is what flows, actions and attacks are evaluated with. Refuses: expectations that nothing is held
against; a dialog without any is an error in its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, model_validator

from dialog.errors import TenantDialogInvalid
from dialog.reply import Decision, EscalationReason
from dialog.yaml_source import Shape, read_yaml
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.session.text import Said


class Expected(Shape):
    """What the replies to a turn must be: a ``decision`` among them, ``says`` (each of these words, whatever the case),
    ``says_one_of``, ``never`` (none of these), an ``escalation`` for a reason, the conversation ``over``."""

    decision: Decision | None = None
    says: tuple[str, ...] = ()
    says_one_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    escalation: EscalationReason | None = None
    over: bool | None = None

    @property
    def empty(self) -> bool:
        """Whether it demands nothing."""
        return self == Expected()


class Turn(Shape):
    """One turn of the caller's and what must come of it."""

    caller: str
    bot: Expected = Expected()


class Dialog(Shape):
    """A whole dialog. ``never`` holds for everything that is said in it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_/-]*$")
    language: str
    turns: tuple[Turn, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _demanding(self) -> Dialog:
        if not self.never and all(turn.bot.empty for turn in self.turns):
            raise ValueError("nothing is expected of this dialog")
        return self


class _FileShape(Shape):
    dialogs: tuple[Dialog, ...] = Field(min_length=1)


def read_dialogs(paths: Sequence[Path]) -> tuple[Dialog, ...]:
    """All dialogs of some files. Raises ``DataAbsent`` for a missing file, ``SuiteInvalid`` for a wrong one."""
    found: dict[str, Dialog] = {}
    for path in paths:
        if not path.is_file():
            raise DataAbsent(f"{path} is not there: write the dialogs, or take the file out of the suite")
        try:
            shape = read_yaml(path).shaped(_FileShape)
        except TenantDialogInvalid as error:
            raise SuiteInvalid(str(error)) from error
        for dialog in shape.dialogs:
            if dialog.id in found:
                raise SuiteInvalid(f"{path}: there are two dialogs {dialog.id!r}; give each its own id")
            found[dialog.id] = dialog
    return tuple(found.values())


def complaints(dialog: Dialog, number: int, said: Said) -> list[str]:
    """What is wrong with the replies to the turn ``number`` (from 0); empty when all is as expected. Pure."""
    wanted = dialog.turns[number].bot
    text = " ".join(reply.text for reply in said.replies)
    wrong = [f"does not say {words!r}" for words in wanted.says if not _stands(words, text)]
    if wanted.says_one_of and not any(_stands(words, text) for words in wanted.says_one_of):
        wrong.append(f"says none of {', '.join(map(repr, wanted.says_one_of))}")
    wrong += [f"says {words!r}" for words in (*wanted.never, *dialog.never) if _stands(words, text)]
    decisions = [reply.decision for reply in said.replies]
    if wanted.decision is not None and wanted.decision not in decisions:
        wrong.append(f"is {', '.join(decisions) or 'silent'}, not {wanted.decision}")
    reasons = [reply.escalation.reason for reply in said.replies if reply.escalation is not None]
    if wanted.escalation is not None and wanted.escalation not in reasons:
        wrong.append(f"hands over for {', '.join(reasons) or 'nothing'}, not for {wanted.escalation}")
    if wanted.over is not None and wanted.over is not said.over:
        wrong.append("is over" if said.over else "is not over")
    return [f"{dialog.id}, turn {number + 1} ({dialog.turns[number].caller!r}): {one}; said: {text}" for one in wrong]


def _stands(words: str, text: str) -> bool:
    return _flat(words) in _flat(text)


def _flat(text: str) -> str:
    return "".join(text.lower().split())
