"""Whether the caller lets a machine understand and answer them: asked before anything of theirs is recognized.

A pure machine. The question is answered by a key, because whoever is asked in words would have been recognized before
they agreed. Only the key that agrees is a yes; any other is a no, and so is silence, after the question was said twice.
Who says no goes to a person, and nothing of the call is recognized.

Refuses: consent to recording, which is a question of its own (``taping.py``).
"""

from __future__ import annotations

from enum import Enum, auto

from dialog.reply import Entry
from gateway.session.tenant import Consent
from gateway.session.turn_taking import TurnEnded

AGREE_KEY = "1"
"""The key that agrees."""

ENTRY = Entry(length=1, terminators="", anew=True)
"""What the question asks for: one key, also one that ends other entries, pressed since it is asked."""

TIMES_ASKED = 2
"""How often the question is said to a caller who does nothing."""


class Answer(Enum):
    """What a turn was to the question."""

    NONE = auto()
    """Nobody had asked."""
    GIVEN = auto()
    DECLINED = auto()
    AGAIN = auto()
    """Nothing came: it is asked once more."""


class Processing:
    """One call's."""

    def __init__(self, policy: Consent) -> None:
        self._policy = policy
        self._asked = 0
        self._given: bool | None = True if policy is Consent.NOTICE else None

    @property
    def policy(self) -> Consent:
        """The tenant's."""
        return self._policy

    @property
    def to_ask(self) -> bool:
        """Whether the caller still has to be asked."""
        return self._given is None

    @property
    def permitted(self) -> bool:
        """Whether the caller may be recognized, and answered."""
        return self._given is True

    @property
    def declined(self) -> bool:
        """Whether the caller said no."""
        return self._given is False

    def asked(self) -> None:
        """The question is being said."""
        self._asked += 1

    def answered(self, turn: TurnEnded) -> Answer:
        """Take a turn as the answer, if one is waited for."""
        if not self._asked or self._given is not None:
            return Answer.NONE
        if turn.silent and self._asked < TIMES_ASKED:
            return Answer.AGAIN
        self._given = turn.digits == AGREE_KEY
        return Answer.GIVEN if self._given else Answer.DECLINED
