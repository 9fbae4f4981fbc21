"""The contract of every understander: one turn in, typed commands out.

An understander proposes; the arbiter decides which of its commands stand. It never answers, asks or acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from dialog.command import Command
from dialog.flows.slot import Slot
from dialog.turn import CallerTurn
from dialog.understanding.classifier import Judgement


@dataclass(frozen=True, slots=True)
class Listening:
    """What the dialog is waiting for while it listens.

    ``flow`` is the one under way and ``slot`` the value it asks for; ``yes_no`` that a yes or no was asked for;
    ``choices`` the names of the topics that were offered; ``more`` that we asked whether there is anything else.
    ``slots`` are those of the flow under way (of all flows where none is), ``standing`` the values that they have;
    ``proposed`` that a change was read back, which only a plain yes may let happen; ``calls_off`` that the flow is
    about calling something off, so that "cancel it" is no wish to stop. ``today`` is what dates are relative to.
    """

    flow: str | None = None
    slot: Slot | None = None
    yes_no: bool = False
    choices: tuple[str, ...] = ()
    more: bool = False
    slots: tuple[Slot, ...] = ()
    standing: Mapping[str, str] = field(default_factory=dict)
    proposed: bool = False
    calls_off: bool = False
    today: date = date.min


@dataclass(frozen=True, slots=True)
class Understanding:
    """What an understander makes of a turn; ``judgement`` is the intent head's, where there is one."""

    commands: tuple[Command, ...]
    judgement: Judgement | None = None


class Understander(Protocol):
    """Reads a caller's turn."""

    async def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        """All commands that the turn may mean. What takes more than a few milliseconds is done off the event loop.

        Raises ``dialog.errors.LanguageNotSpoken`` for a language without tables or intents.
        """
