"""How a caller behaves in each state of the dialog: how long they pause, what interrupts us, how they type.

The dialog names the state with every reply (``Expectation``); patience and interruptibility follow from this table and
from nothing else.

Refuses: words and sound. A profile only says how much of a silence or of speech counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.reply import Expectation


@dataclass(frozen=True, slots=True)
class Profile:
    """One state. Times are seconds of the caller's silence, counted from where their voice stopped.

    ``complete``, ``unclear`` and ``open`` end a turn whose words sound finished, undecided or unfinished; ``longest``
    bounds them whatever any witness says. ``no_input`` is how many of the tenant's silences a caller is given before
    the first word, None where silence is fine. ``acoustic`` says whether a model of the voice's melody has a vote:
    between two digits every voice falls as if it had ended. ``nod_answers`` says whether a "네" over our speech is an
    answer rather than a nod.
    """

    complete: float
    unclear: float
    open: float
    longest: float
    no_input: float | None
    acoustic: bool = True
    nod_answers: bool = False


PROFILES: dict[Expectation, Profile] = {
    Expectation.SPEAKING: Profile(0.35, 0.6, 1.3, 3.0, no_input=1.0),
    Expectation.YES_NO: Profile(0.3, 0.5, 1.0, 2.0, no_input=1.0, nod_answers=True),
    Expectation.DICTATING: Profile(0.5, 1.3, 1.8, 3.0, no_input=1.5, acoustic=False),
    Expectation.THINKING: Profile(0.8, 1.5, 2.5, 4.0, no_input=3.0),
    Expectation.LISTENING: Profile(0.35, 0.6, 1.3, 3.0, no_input=1.5),
    Expectation.NOTHING: Profile(0.35, 0.6, 1.3, 3.0, no_input=None),
}
