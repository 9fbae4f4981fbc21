"""Who speaks and acts in a call: the bot, an agent or a supervisor; and since which change of hands.

Each change raises the ``epoch``. Whatever is said or done in somebody's name carries the grip it was decided under, and
is dropped at the last hop if hands have changed since: so that a bot that was still thinking when a person took over
gets not one more word or action out, and an agent's command that crossed a supervisor's is refused.

Pure. Refuses: deciding who may take over, and telling anybody of it.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from gateway.session.errors import StaleGrip


class Owner(StrEnum):
    """Whose the conversation is."""

    BOT = "bot"
    AGENT = "agent"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Grip:
    """Who had the conversation when something was decided. ``who`` is the person's id, empty for the bot."""

    owner: Owner
    who: str
    epoch: int


DECIDED_UNDER: ContextVar[Grip | None] = ContextVar("decided_under", default=None)
"""The grip under which the bot works on a turn, for all that follows from that turn, in whatever task."""


class Control:
    """The machine. A call begins with the bot, in epoch 1; the epoch only ever grows."""

    def __init__(self) -> None:
        self._grip = Grip(Owner.BOT, "", 1)

    @property
    def grip(self) -> Grip:
        """Who has it now."""
        return self._grip

    @property
    def epoch(self) -> int:
        """Counts the changes of hands."""
        return self._grip.epoch

    def holds(self, grip: Grip) -> bool:
        """Whether what was decided under ``grip`` may still be said or done."""
        return grip == self._grip

    def pass_to(self, owner: Owner, who: str = "", *, seen: int | None = None) -> Grip:
        """Change hands. ``seen`` is the epoch that whoever asks for it believes to be the present one; None: it does
        not matter. Whoever has it already keeps it, in the same epoch.

        Raises ``StaleGrip`` when hands have changed since.
        """
        if seen is not None and seen != self.epoch:
            raise StaleGrip(
                f"the call is with {self._grip.owner} in epoch {self.epoch}, not {seen}: look who has it now"
            )
        if (owner, who) != (self._grip.owner, self._grip.who):
            self._grip = Grip(owner, who, self.epoch + 1)
        return self._grip
