"""How long a silence has to be before the caller's turn is over.

Pure. Voice activity proposes an end with every short silence; three witnesses decide how much longer we wait: what the
words say about their own end (``completeness.py``), a model of the voice's melody where one is installed, and the state
of the dialog (``profiles.py``).

Refuses: sound and words.
"""

from __future__ import annotations

from typing import assert_never

from gateway.session.completeness import Completeness
from gateway.session.profiles import Profile

SURE = 0.85
"""Score of the acoustic model from which it says that the caller has finished."""

DOUBTFUL = 0.5
"""Score under which it says that they have not."""

SOONER, LATER = 0.75, 1.7
"""What its vote makes of a wait. It is one vote: it calls half a telephone number finished."""


def wait(verdict: Completeness, profile: Profile, melody: float | None) -> float:
    """Seconds of silence that end a turn, counted from where the voice stopped.

    ``melody`` is the acoustic model's probability that the caller has finished, None without one.
    """
    match verdict:
        case Completeness.COMPLETE:
            seconds = profile.complete
        case Completeness.UNCLEAR:
            seconds = profile.unclear
        case Completeness.OPEN:
            seconds = profile.open
        case _:
            assert_never(verdict)
    if melody is not None and profile.acoustic:
        if melody >= SURE and verdict is not Completeness.OPEN:
            seconds *= SOONER
        elif melody < DOUBTFUL:
            seconds *= LATER
    return min(seconds, profile.longest)
