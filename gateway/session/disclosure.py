"""Whether the caller has heard that a machine speaks: said before anything else, proven, said again where it was cut.

A pure machine. A reply that discloses (``Reply.disclosure``) is on its way from its decision to its end; it counts only
where its wording was heard to the last word. Until then nothing else of the bot's is said before it.

What is kept as evidence is the wording, its SHA-256 and the tenant's name for the version, so that years later it can
be shown what was said (AI Basic Act of Korea, article 31; EU AI Act, article 50).

Refuses: the wording itself, which is the tenant's, and saying anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from dialog.reply import Confidence, Decision, Expectation, Reply, Sentence


@dataclass(slots=True)
class Disclosure:
    """One call's. ``version`` is what the tenant calls the wording that is in force."""

    version: str = "1"
    heard: bool = False
    _wording: Reply | None = None
    """The disclosure alone, to be said again."""
    _on_its_way: int | None = None
    """The number of the reply that discloses, until it is over."""

    @property
    def owed(self) -> Reply | None:
        """What has to be said before anything else now; none where it was heard, is on its way, or none is known."""
        return None if self.heard or self._on_its_way is not None else self._wording

    def decided(self, number: int, reply: Reply) -> None:
        """A reply was decided under that number."""
        if not reply.disclosure or self.heard:
            return
        self._on_its_way = number
        self._wording = Reply(
            Decision.CONVERSE,
            reply.language,
            (Sentence(reply.disclosure),),
            Confidence(1.0),
            expects=Expectation.LISTENING,
            release=reply.release,
            disclosure=reply.disclosure,
        )

    def over(self, number: int, heard: str, *, confirmed: bool) -> dict[str, Any] | None:
        """A reply has ended, of which the caller heard so much; the evidence, where that was the disclosure.

        ``confirmed``: the far end said that it played it, and not our clock alone.
        """
        if number != self._on_its_way:
            return None
        self._on_its_way = None
        wording = "" if self._wording is None else self._wording.disclosure
        if self.heard or self._wording is None or wording not in heard:
            return None
        self.heard = True
        return {
            "text": wording,
            "version": self.version,
            "sha256": hashlib.sha256(wording.encode()).hexdigest(),
            "language": self._wording.language,
            "reply": number,
            "confirmed": confirmed,
        }
